"""Printing: pages fit their sheets, drawings keep their colours and names, nothing is fetched."""

import io
from base64 import b64encode
from functools import partial
from pathlib import Path

from PIL import Image
from pypdf import PdfReader

from riskapp.exchange.printing import Part, drawing_rules, printed, scaled, with_drawings

CSS = """
:root { --raises: #b0441a; --series: var(--raises) }
.people .breaks { fill: var(--series) }
.other { fill: var(--raises) }
@media screen { .people { fill: red } }
"""
PAGE = '<!DOCTYPE html><html lang="en-GB"><head><title>A page</title></head><body>{}</body></html>'


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
    assert '<title id="t">3 of 100. Filled: 3.</title>' in page
    assert "fill: #b0441a" in page


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
        part = Part(partial(_same, body), "p { margin: 0 }", most_pages=1)
        pdf = PdfReader(io.BytesIO(printed([part])))
        assert "Words" in pdf.pages[0].extract_text()
        assert len(pdf.pages[0].images) == count


def test_what_is_too_long_is_set_smaller_and_with_less_detail() -> None:
    levels: list[int] = []

    def html(level: int) -> str:
        levels.append(level)
        return PAGE.format("<p>One line of it.</p>" * (60 - 10 * level))

    css = "@page { size: A4; margin: 10mm } p { font: 12pt/1.2 Arial; margin: 0 0 2mm }"
    pdf = PdfReader(io.BytesIO(printed([Part(html, css, most_pages=1)])))
    assert len(pdf.pages) == 1
    assert levels == list(range(len(levels)))
    assert len(levels) > 1
