"""The day of a scan is kept with its measurement, and no other date."""

from io import BytesIO
from pathlib import Path

import pydicom
import pytest

from imaging.measure import day_of, measure
from imaging.result import Acquired, ScanMeasurement
from tests.drawn import spine_file


@pytest.mark.parametrize(
    ("value", "day"),
    [("20260131", "2026-01-31"), ("20260132", None), ("2026013", None), ("", None), (None, None)],
)
def test_a_day_is_read_where_it_is_one(value: str | None, day: str | None) -> None:
    assert day_of(value) == day


def test_a_scan_keeps_its_day_in_store_and_promises_it_to_nobody(tmp_path: Path) -> None:
    dataset = pydicom.dcmread(BytesIO(spine_file(1)))
    dataset.StudyDate, dataset.PatientBirthDate = "20240229", "19540601"
    dataset.Modality = "US"  # refused at once: nothing has to be found
    dataset.save_as(tmp_path / "scan.dcm")
    result = measure([tmp_path / "scan.dcm"]).measurement
    assert result.acquired == Acquired(on="2024-02-29")
    assert ScanMeasurement.from_json(result.to_store()) == result
    assert "acquired" not in result.to_json()
    assert "1954" not in str(result.to_store())
