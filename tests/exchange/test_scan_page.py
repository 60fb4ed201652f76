"""The sheet about a scan is one page of A4, however much was measured and found."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from imaging.result import (
    Finding,
    Kind,
    Measurement,
    ScanMeasurement,
    Severity,
    Status,
)
from riskapp.exchange.scan_page import Sheet, page_pdf
from riskapp.exchange.wording import SAFETY

SHEET = Sheet(heading="Scan 1, version 1", confirmed=False, software="Trabecula")
FINDING = Finding(code="noise", severity=Severity.WARNING, advice="Means are uncertain. " * 6)


def _number(kind: int) -> Measurement:
    return Measurement(
        name=f"number_{kind}",
        region="L1",
        value=1.5,
        unit="1",
        method="a method that takes more than one line of its narrow column to be told",
        source="-",
        precision="-",
    )


def _measured(numbers: int, findings: int) -> ScanMeasurement:
    return ScanMeasurement(
        status=Status.MEASURED,
        kind=Kind(modality="dxa", body_part="lumbar_spine", view="ap"),
        quality=(FINDING,) * findings,
        measurements=tuple(map(_number, range(numbers))),
    )


def _printed(numbers: int, findings: int) -> PdfReader:
    return PdfReader(BytesIO(page_pdf(_measured(numbers, findings), (), SHEET)))


@pytest.mark.parametrize(
    ("numbers", "findings"),
    [(0, 0), (24, 0), (25, 0), (60, 0), (23, 6), (24, 6), (60, 6), (0, 15), (1, 15), (60, 15)],
)
def test_everything_stands_on_one_page(numbers: int, findings: int) -> None:
    printed = _printed(numbers, findings)
    assert len(printed.pages) == 1
    text = " ".join(printed.pages[0].extract_text().split())
    assert SAFETY in text
    assert text.count("Look at:") == findings


def test_what_does_not_fit_is_counted_and_what_fits_is_there() -> None:
    text = " ".join(_printed(60, 0).pages[0].extract_text().split())
    shown = sum(f"number {kind} L1 1.5" in text for kind in range(60))
    assert shown >= 20
    assert f"{60 - shown} other kinds of measurement are in the table as a file." in text
    assert "in the table as a file" not in " ".join(_printed(12, 0).pages[0].extract_text().split())
