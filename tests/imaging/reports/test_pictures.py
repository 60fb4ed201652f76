"""Pages as pictures: read by tesseract where it is installed, refused in a sentence elsewhere."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pypdf
import pytest
from PIL import Image, ImageFilter

from imaging.measure import measure
from imaging.reports import ocr
from imaging.reports.ocr import page_of
from imaging.reports.page_look import looks_like_page
from imaging.reports.pages import report_of_picture
from imaging.reports.upright import skew
from imaging.result import Status
from tests.imaging.reports.pages import (
    HOLOGIC_HIP,
    HOLOGIC_SPINE,
    LUNAR_DUAL,
    drawn,
    pdf_of_picture,
    report_of_text,
)

Read = dict[tuple[str, str], float]
needs_tesseract = pytest.mark.skipif(
    not ocr.is_there(), reason="needs the program tesseract, which is not installed here"
)


def read_from(file: Path) -> Read:
    result = measure([file]).measurement
    return {(number.name, number.region): number.value for number in result.measurements}


def printed(page: str) -> Read:
    rows = report_of_text(page).rows
    return {(q.value, row.region): n.value for row in rows for q, n in row.numbers.items()}


def worn(page: Image.Image, kind: str) -> Image.Image:
    """A page as it may come out of an archive."""
    if kind == "dark":
        return Image.fromarray(255 - np.asarray(page))
    return page.filter(ImageFilter.GaussianBlur(1.2))


@needs_tesseract
@pytest.mark.parametrize("words", [HOLOGIC_SPINE, LUNAR_DUAL])
def test_a_picture_of_a_page_gives_what_its_text_says(words: str, tmp_path: Path) -> None:
    drawn(words).save(tmp_path / "page.png")
    read = read_from(tmp_path / "page.png")
    assert read.items() <= printed(words).items()
    assert len(read) >= 0.9 * len(printed(words))


@needs_tesseract
@pytest.mark.parametrize("kind", ["dark", "blurred"])
def test_a_worn_page_is_read_right_or_not_at_all(kind: str, tmp_path: Path) -> None:
    worn(drawn(HOLOGIC_HIP), kind).save(tmp_path / "page.png")
    read = read_from(tmp_path / "page.png")
    assert read.items() <= printed(HOLOGIC_HIP).items()
    assert ("areal_bmd", "femoral_neck_left") in read


@needs_tesseract
def test_a_page_laid_askew_names_its_vertebrae_right(tmp_path: Path) -> None:
    lines = [line for line in HOLOGIC_SPINE.splitlines() if not line.startswith("L2 ")]
    words = "\n".join(lines)  # L2 is left out, and L1-L4 is then not the sum of its vertebrae
    page = drawn(words).rotate(2, resample=Image.Resampling.BICUBIC, fillcolor=255)
    page.save(tmp_path / "page.png")
    read = read_from(tmp_path / "page.png")
    assert read.items() <= printed(words).items()
    assert read["areal_bmd", "L3"] == 0.760


@pytest.mark.parametrize("angle", [-4.0, -1.0, 0.0, 2.0])
def test_how_far_a_page_is_turned(angle: float) -> None:
    page = drawn(HOLOGIC_SPINE).rotate(angle, resample=Image.Resampling.BICUBIC, fillcolor=255)
    assert skew(page) == pytest.approx(angle, abs=0.15)


@needs_tesseract
def test_a_pdf_that_is_a_picture_says_how_far_it_is_believed(tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    file.write_bytes(pdf_of_picture(drawn(HOLOGIC_HIP)))
    result = measure([file]).measurement
    assert result.status is Status.MEASURED
    (neck,) = [
        n for n in result.measurements if (n.name, n.region) == ("areal_bmd", "femoral_neck_left")
    ]
    assert neck.value == 0.627
    assert neck.confidence is not None
    assert 0.9 < neck.confidence < 0.99
    assert "picture" in neck.method
    assert {finding.code for finding in result.quality} >= {"report_values"}
    assert "Zebra" not in str(result.to_store())


def test_without_the_program_the_sentence_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(ocr, "PROGRAM", "no-such-program")
    drawn(LUNAR_DUAL).save(tmp_path / "page.png")
    result = measure([tmp_path / "page.png"]).measurement
    assert result.status is Status.REFUSED
    assert result.reason is not None
    assert "tesseract" in result.reason


def test_a_page_is_told_from_bone_and_noise(shared: Callable[[str], Path]) -> None:
    assert looks_like_page(np.asarray(drawn(LUNAR_DUAL)))
    noise = np.random.default_rng(0).integers(0, 255, (600, 500))
    assert not looks_like_page(noise)
    folder = shared("scans/knee_radiographs_jpeg")
    for file in sorted(folder.glob("*.jp*g")):
        assert not looks_like_page(np.asarray(Image.open(file).convert("L")))


@needs_tesseract
def test_a_real_page_at_72_dots_to_the_inch(shared: Callable[[str], Path]) -> None:
    file = shared("scans/dxa_report_pages/hologic_apex_5.5.pdf")
    page = pypdf.PdfReader(file).pages[4]
    picture = page.images[next(iter(page.images.keys()))].image
    assert picture is not None
    report = report_of_picture(page_of(np.asarray(picture.convert("L"))))
    rows = {row.region: {q.value: n.value for q, n in row.numbers.items()} for row in report.rows}
    # As a person reads them off the page.
    assert rows["total_hip_left"] == {
        "area": 37.75,
        "bmc": 31.54,
        "areal_bmd": 0.835,
        "z_score": -0.8,
    }
    assert rows["femoral_neck_right"]["areal_bmd"] == 0.868
