"""Pages as text: every table is read as it is printed, and nothing of the person is."""

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.densitometry.sites import spine_region
from imaging.measure import measure
from imaging.phantoms.dxa_report import pdf_of_text
from imaging.reports.facts import date_in, facts_in
from imaging.reports.printed import Quantity
from imaging.reports.regions import levels_of, read_label
from imaging.result import Status
from tests.imaging.reports.pages import HOLOGIC_HIP, HOLOGIC_SPINE, LUNAR_DUAL, report_of_text

BMD, BMC, AREA, T, Z = Quantity.BMD, Quantity.BMC, Quantity.AREA, Quantity.T, Quantity.Z


def values(text: str) -> dict[str, dict[Quantity, float]]:
    rows = report_of_text(text).rows
    return {row.region: {q: n.value for q, n in row.numbers.items()} for row in rows}


def test_a_hologic_spine_table_is_read_whole() -> None:
    read = values(HOLOGIC_SPINE)
    assert list(read) == ["L1", "L2", "L3", "L4", "L1-L4"]
    assert read["L3"] == {AREA: 14.20, BMC: 10.79, BMD: 0.760, T: -2.9, Z: -0.9}
    assert read["L1-L4"] == {AREA: 54.70, BMC: 40.89, BMD: 0.748, T: -2.7, Z: -0.8}


def test_the_side_of_a_hip_comes_from_the_kind_of_scan() -> None:
    read = values(HOLOGIC_HIP)
    assert list(read) == [
        "femoral_neck_left",
        "trochanter_left",
        "intertrochanter_left",
        "total_hip_left",
    ]
    assert read["femoral_neck_left"] == {AREA: 4.90, BMC: 3.07, BMD: 0.627, T: -1.9, Z: -0.3}


def test_a_lunar_dual_femur_table_is_read_without_its_differences() -> None:
    read = values(LUNAR_DUAL)
    assert list(read) == [
        f"{bone}_{side}"
        for bone in ("femoral_neck", "total_hip")
        for side in ("left", "right", "mean")
    ]
    assert read["femoral_neck_right"] == {BMD: 0.812, T: -1.6, Z: 0.0}


def test_an_empty_column_stays_empty() -> None:
    without_t = re.sub(r"( 0\.7\d0 +)-\d\.\d", r"\1    ", HOLOGIC_SPINE)
    read = values(without_t)
    assert read["L2"] == {AREA: 13.00, BMC: 9.62, BMD: 0.740, Z: -0.8}


def test_percentages_between_the_scores_are_no_scores() -> None:
    page = """
    AP Spine Bone Density
                BMD       Young-Adult          Age-Matched
    Region      (g/cm2)   (%)      T-score     (%)      Z-score
    L1          0.901     80       -1.9        95       -0.4
    L2-L4       1.010     84       -1.6        97       -0.2
    """
    assert values(page)["L2-L4"] == {BMD: 1.010, T: -1.6, Z: -0.2}


def test_rows_that_say_a_side_only_belong_to_the_heading_above() -> None:
    page = """
    Region      Area      BMC       BMD       T -       Z -
                (cm2)     (g)       (g/cm2)   score     score
    Neck
    Left        4.86      3.90      0.804               -0.2
    Right       4.30      3.73      0.868               0.4
    |Diff.|     0.55      0.17      0.064               0.6
    Total
    Left        37.75     31.54     0.835               -0.8
    """
    assert list(values(page)) == ["femoral_neck_left", "femoral_neck_right", "total_hip_left"]


def test_a_forearm_table_names_its_bone_over_the_labels() -> None:
    page = """
    Scan Type: a R.Forearm    Right Forearm
    Radius +    Area      BMC       BMD       T -       Z -
    Ulna        (cm2)     (g)       (g/cm2)   score     score
    1/3         4.46      3.00      0.673     0.1       0.1
    UD          5.09      1.81      0.355     -0.9      -0.9
    """
    assert list(values(page)) == ["forearm_33_right", "forearm_ud_right"]


def test_a_trend_over_years_is_not_taken_for_regions() -> None:
    page = """
    Densitometry Trend: L1-L4
                     Age       BMD        Change vs
    Measured Date    (years)   (g/cm2)    Previous (%)
    01/22/2020       60.4      1.285      -
    """
    assert values(page) == {}


def test_a_lateral_spine_is_not_read_as_a_spine() -> None:
    assert values(HOLOGIC_SPINE.replace("a Lumbar Spine", "a Lateral Spine")) == {}


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Scan Date: December 04, 2019", date(2019, 12, 4)),
        ("Exam date: 4 Dec 2019", date(2019, 12, 4)),
        ("Measured: 22.01.2020", date(2020, 1, 22)),
        ("Measured Date 01/22/2020", date(2020, 1, 22)),
        ("Scan date: 2020-01-02", date(2020, 1, 2)),
        ("Measured Date 03/04/2020", None),  # two days, by country
        ("Scan date: 04/04/2020", date(2020, 4, 4)),
        ("DOB: February 09, 1953", None),
        ("Birth Date: 22/01/1950", None),
        ("Scan Date: December 04, 2019\nScan Date: December 05, 2019", None),
        ("Scan Date: February 30, 2019", None),
    ],
)
def test_only_a_certain_day_of_the_scan_is_read(text: str, day: date | None) -> None:
    assert date_in(text) == day


def test_the_maker_is_told_from_its_words() -> None:
    assert facts_in(HOLOGIC_SPINE).manufacturer == "hologic"
    assert facts_in(LUNAR_DUAL).manufacturer == "ge_lunar"
    assert facts_in(LUNAR_DUAL).model == "Lunar iDXA"
    assert facts_in(HOLOGIC_HIP).reference == "nhanes_female"
    assert facts_in("Bone density").manufacturer is None


def test_nothing_of_the_person_passes(tmp_path: Path) -> None:
    for name, page in (("spine", HOLOGIC_SPINE), ("dual", LUNAR_DUAL)):
        file = tmp_path / name
        file.write_bytes(pdf_of_text(page))
        result = measure([file]).measurement
        assert result.status is Status.MEASURED
        told = str(result.to_store())
        for secret in ("Zebra", "ZEBRA", "Doe", "Jane", "1953", "0815", "165", "300001", "Quagga"):
            assert secret not in told


def test_a_pdf_with_text_gives_the_numbers_of_its_table(tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    file.write_bytes(pdf_of_text(HOLOGIC_SPINE))
    result = measure([file]).measurement
    assert (result.kind.modality, result.kind.body_part) == ("dxa", "lumbar_spine")
    assert result.acquired is not None
    assert result.acquired.on == "2021-12-04"
    assert (result.acquired.manufacturer, result.acquired.model) == ("hologic", "Horizon A")
    numbers = {(n.name, n.region): n for n in result.measurements}
    bmd = numbers["areal_bmd", "L1-L4"]
    assert (bmd.value, bmd.unit) == (0.748, "g/cm2")
    assert "BMC / area = BMD" in bmd.checked_against
    assert bmd.tried_on == "generated images"
    assert len(numbers) == 25


@given(chosen=st.sets(st.sampled_from(["L1", "L2", "L3", "L4"]), min_size=1))
def test_every_choice_of_vertebrae_has_one_name(chosen: set[str]) -> None:
    name = spine_region(tuple(sorted(chosen)))
    assert set(levels_of(name)) == chosen
    label = read_label(name, "spine")
    assert label is not None
    assert label.bone == name


@pytest.mark.parametrize(
    ("printed", "part", "bone", "side"),
    [
        ("Neck Left", "hip", "femoral_neck", "left"),
        ("Total", "hip", "total_hip", None),
        ("Total", "whole_body", "total_body", None),
        ("Ward's", "hip", "wards", None),
        ("Radius 33%", "forearm", "radius_33", None),
        ("Radius UD", "forearm", "radius_ud", None),
        ("L Arm", "whole_body", "arm_left", None),
        ("L1,L3-L4", "spine", "L1,L3-L4", None),
    ],
)
def test_labels(printed: str, part: str, bone: str, side: str | None) -> None:
    label = read_label(printed, part)
    assert label is not None
    assert (label.bone, label.side) == (bone, side)


@pytest.mark.parametrize("printed", ["Total", "Comment:", "BMI", "L9", "01/22/2020", "Fat Mass"])
def test_what_is_no_region_is_none(printed: str) -> None:
    assert read_label(printed, None) is None


def test_poor_readings_of_labels_are_guessed_only_where_nothing_else_looks_like_them() -> None:
    guessed = {
        text: read_label(text, "spine", guess=True) for text in ("12-14", "3", "L1L4", "113")
    }
    assert {text: label.bone if label else None for text, label in guessed.items()} == {
        "12-14": "L2-L4",
        "3": "L3",
        "L1L4": None,
        "113": None,
    }
