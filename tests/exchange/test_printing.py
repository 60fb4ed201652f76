"""Printing: pages fit their sheets, drawings keep their colours and names, nothing is fetched."""

import io
import os
import subprocess
import sys
from base64 import b64decode, b64encode
from functools import partial
from pathlib import Path
from unittest.mock import Mock

import pytest
from PIL import Image
from pypdf import PageObject, PdfReader
from weasyprint.document import Document
from weasyprint.svg import SVG

from riskapp.exchange.printing import (
    NO_FONT,
    CannotPrint,
    Part,
    drawing_rules,
    printed,
    scaled,
    with_drawings,
)

CSS = """
:root { --raises: #b0441a; --series: var(--raises) }
.people .breaks { fill: var(--series) }
.other { fill: var(--raises) }
@media screen { .people { fill: red } }
"""
PAGE = '<!DOCTYPE html><html lang="en-GB"><head><title>A page</title></head><body>{}</body></html>'
# As on a server with Debian's fonts-dejavu-core alone.
ONLY_DEJAVU = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<dir>/usr/share/fonts/truetype/dejavu</dir><cachedir>{cache}</cachedir></fontconfig>"""


def _same(html: str, level: int) -> str:
    return html


def test_lengths_shrink_and_nothing_else_does() -> None:
    css = (
        "p { font: 10pt/1.4 Arial; width: 50%; margin: 4mm 0; color: #10aa20; flex: 1 } .is-12px {}"
    )
    assert scaled(css, 1.0) == css
    assert scaled(css, 0.5) == (
        "p { font: 5pt/1.4 Arial; width: 50%; margin: 2mm 0; color: #10aa20; flex: 1 } .is-12px {}"
    )


def test_rules_of_drawings_are_found_with_the_values_for_paper() -> None:
    assert drawing_rules(CSS).replace(" ", "") == ".people.breaks{fill:#b0441a}"


def test_a_drawing_is_read_out_by_its_whole_description() -> None:
    drawing = (
        '<svg class="people" viewBox="0 0 9 9" role="img"><title id="t">3 of 100</title>'
        "<desc>Filled: 3.</desc></svg>"
    )
    page = with_drawings(drawing, CSS)
    assert page.startswith('<img class="people" src="data:image/svg+xml;base64,')
    assert page.endswith(' alt="3 of 100. Filled: 3.">')
    assert "fill: #b0441a" in b64decode(page.split("base64,")[1].split('"')[0]).decode()


def test_a_drawing_is_printed_with_the_spaces_that_the_page_names() -> None:
    svg = (
        '<svg width="90" height="20"><title>Lines</title><desc>A "drawn" line of 5&nbsp;%.</desc>'
        '<text y="15">5&nbsp;%</text></svg>'
    )
    (page,) = _pages(Part(partial(_same, PAGE.format(svg)), CSS, "en-GB"))
    assert page.extract_text().split() == ["5", "%"]


def test_a_sheet_is_laid_out_twice_and_its_drawings_are_read_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    layouts, drawings = Mock(wraps=Document._render), Mock(wraps=SVG)
    monkeypatch.setattr(Document, "_render", layouts)
    monkeypatch.setattr("weasyprint.images.SVG", drawings)
    svg = '<svg width="9" height="9"><title>A line</title><desc>Of one.</desc><path/></svg>'
    _pages(Part(partial(_same, PAGE.format(svg)), CSS, "en-GB"))
    assert layouts.call_count == 2
    assert drawings.call_count == 1


def test_a_drawing_without_a_name_is_no_picture_to_be_read_out() -> None:
    page = with_drawings(
        '<svg width="20" height="10" stroke-width="2" aria-hidden="true"><path/></svg>', CSS
    )
    assert page.startswith('<span class="" style="display: inline-block; width: 20px; height: 10px')
    assert "<svg" not in page


def test_nothing_is_opened_but_what_the_page_holds(tmp_path: Path) -> None:
    picture = io.BytesIO()
    Image.new("L", (9, 9), 128).save(picture, "PNG")
    (tmp_path / "picture.png").write_bytes(picture.getvalue())
    inside = f"data:image/png;base64,{b64encode(picture.getvalue()).decode()}"
    for address, count in ((f"file://{tmp_path}/picture.png", 0), (inside, 1)):
        body = PAGE.format(f'<p>Words</p><img src="{address}" alt="A picture of nothing at all">')
        part = Part(partial(_same, body), "p { margin: 0 }", "en-GB")
        pdf = PdfReader(io.BytesIO(printed([part])))
        assert "Words" in pdf.pages[0].extract_text()
        assert len(pdf.pages[0].images) == count


def test_what_is_too_long_is_set_smaller_and_with_less_detail() -> None:
    levels: set[int] = set()

    def html(level: int) -> str:
        levels.add(level)
        return PAGE.format("<p>One line of it.</p>" * (60 - 10 * level))

    css = "@page { size: A4; margin: 10mm } p { font: 12pt/1.2 Arial; margin: 0 0 2mm }"
    assert len(_pages(Part(html, css, "en-GB"))) == 1
    assert max(levels) > 1
    assert min(levels) >= 0


def test_what_is_short_is_set_larger() -> None:
    css = "@page { size: A4 } p { font: 10pt/1.2 Arial }"
    words = Part(partial(_same, PAGE.format("<p>Few words.</p>")), css, "en-GB")
    sizes: list[float] = []
    _pages(words)[0].extract_text(visitor_text=lambda *seen: sizes.append(seen[4]))
    assert max(sizes) == pytest.approx(1.26 * 10 * 96 / 72, rel=0.01)


def test_each_page_names_its_language_and_a_margin_is_english() -> None:
    html = (
        '<!DOCTYPE html><html lang="de"><head><title>Seite</title></head><body>'
        '<p>Worte.</p><p class="stamp">A draft.</p></body></html>'
    )
    css = "@page { @top-right { content: element(stamp) } } .stamp { position: running(stamp) }"
    english = Part(partial(_same, PAGE.format("<p>Words.</p>")), "p { margin: 0 }", "en-GB")
    pdf = PdfReader(io.BytesIO(printed([english, Part(lambda level: html, css, "de")])))
    (document,) = pdf.trailer["/Root"]["/StructTreeRoot"]["/K"]
    told = [one.get_object() for one in document.get_object()["/K"]]
    assert [one["/Lang"] for one in told] == ["en-GB", "en-GB", "de"]
    assert [pdf.pages.index(one["/Pg"].get_object()) for one in told] == [0, 1, 1]


@pytest.mark.parametrize("words", ["Worte", "Words \u00a0\u202f\u2212"])
def test_what_a_font_holds_is_printed(words: str) -> None:
    html = PAGE.format(f"<p>{words}</p>")
    assert _pages(Part(lambda level: html, "p { margin: 0 }", "en-GB"))


def test_what_no_font_holds_is_refused_and_not_printed_as_empty_boxes() -> None:
    html = PAGE.format("<p>Words \u0378</p>")  # a place that Unicode has given to no letter
    with pytest.raises(CannotPrint, match="no installed font holds “\u0378”"):
        printed([Part(lambda level: html, "p { margin: 0 }", "en-GB")])


def test_chinese_is_refused_on_a_machine_without_its_letters(tmp_path: Path) -> None:
    """In a process of its own: which fonts there are is asked once."""
    fonts = tmp_path / "fonts.conf"
    fonts.write_text(ONLY_DEJAVU.format(cache=tmp_path), encoding="utf-8")
    script = (
        "from riskapp.exchange.printing import CannotPrint, Part, printed\n"
        "for words in ('Wörter', '您的骨头'):\n"
        "    html = f'<html lang=de><title>x</title><body><p>{words}</p></body>'\n"
        "    try:\n"
        "        print(len(printed([Part(lambda level: html, '', 'de')])) > 0)\n"
        "    except CannotPrint as reason:\n"
        "        print(reason)\n"
    )
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", script],
        env=os.environ | {"FONTCONFIG_FILE": str(fonts)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout.splitlines() == ["True", NO_FONT.format(letter="您")]


def _pages(part: Part) -> list[PageObject]:
    return list(PdfReader(io.BytesIO(printed([part]))).pages)
