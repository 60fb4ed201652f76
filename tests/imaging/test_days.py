"""A scan dated tomorrow may come from across the date line; one dated later cannot be."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pydicom
import pytest

from imaging.days import day_findings
from imaging.measure import measure
from imaging.result import Acquired
from tests.drawn import spine_file

TODAY, BORN = date(2026, 11, 21), date(1960, 1, 2)


@pytest.mark.parametrize(
    ("on", "codes"),
    [
        ("2026-11-22", []),
        ("2026-11-23", ["date_in_the_future"]),
        ("2030-03-14", ["date_in_the_future"]),
        ("1960-01-02", []),
        ("1960-01-01", ["date_before_birth"]),
        (None, []),
    ],
)
def test_both_sides_of_the_days_on_which_a_scan_can_have_been_made(
    on: str | None, codes: list[str]
) -> None:
    found = day_findings(Acquired(on=on), today=TODAY, born=BORN)
    assert [one.code for one in found] == codes
    assert not any("1960" in one.advice for one in found)


@pytest.mark.parametrize(("days", "is_said"), [(0, False), (1, False), (3, True)])
def test_measuring_says_that_a_scan_is_dated_in_the_future(
    days: int, is_said: bool, tmp_path: Path
) -> None:
    dataset = pydicom.dcmread(BytesIO(spine_file(1)))
    on = datetime.now(UTC).date() + timedelta(days=days)
    dataset.StudyDate, dataset.Modality = f"{on:%Y%m%d}", "US"  # refused at once
    dataset.save_as(tmp_path / "scan.dcm")
    quality = measure([tmp_path / "scan.dcm"]).measurement.quality
    assert ("date_in_the_future" in {one.code for one in quality}) is is_said
