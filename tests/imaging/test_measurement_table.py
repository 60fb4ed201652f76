"""Measurements as CSV: in full, and no cell that a spreadsheet would run."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.presenting.measurement_table import COLUMNS, as_csv
from imaging.result import Measurement, Region, ScanMeasurement, Status


def table(region: Region, *numbers: Measurement) -> list[dict[str, str]]:
    scan = ScanMeasurement(status=Status.MEASURED, regions=(region,), measurements=numbers)
    return list(csv.DictReader(StringIO(as_csv(scan))))


def outlined(label: str) -> Region:
    return Region(
        id="L1", label=label, method="by shape", confidence=0.75,
        polygon=((0, 0), (9, 0), (9, 9)),
    )  # fmt: skip


def number(value: float, region: str = "L1") -> Measurement:
    return Measurement(
        name="area", region=region, value=value, unit="cm2", method="m, with comma", source="s",
        precision="p", stability=0.01, tried_on="generated images",
    )  # fmt: skip


@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_comes_back_as_it_was(value: float) -> None:
    (row,) = table(outlined("L1"), number(value))
    assert float(row["value"]) == value
    assert (row["unit"], row["region_confidence"], row["stability"]) == ("cm2", "0.75", "0.01")
    assert row["tried_on"] == "generated images"


def test_a_summary_of_several_regions_has_no_region_of_its_own() -> None:
    (row,) = table(outlined("L1"), number(1.0, region="L1-L4"))
    assert (row["region"], row["region_method"], row["region_confidence"]) == ("L1-L4", "", "")


@pytest.mark.parametrize("label", ['=HYPERLINK("x")', " =1+1", "\uff1d1+1"])
def test_a_label_that_is_a_formula_stays_text(label: str) -> None:
    (row,) = table(outlined(label), number(1.0))
    assert row["region_label"] == f"'{label}"


def test_a_scan_without_a_measurement_is_a_header() -> None:
    refused = ScanMeasurement(status=Status.REFUSED, reason="Because.")
    assert as_csv(refused) == ",".join(COLUMNS) + "\r\n"
