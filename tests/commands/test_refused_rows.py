"""Who is refused: both sides of each boundary, in one sentence, typed and in a table alike."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command

from riskapp.exchange.reading import read_profile
from riskapp.risk.errors import InvalidProfile

WHO = {"population": "gb", "age_years": "70", "sex": "female"}
SMALL = {"weight_kg": "25"}
MEASURED = {"femoral_neck_bmd_g_cm2": "0.738", "dxa_manufacturer": "hologic"}  # T = -1.0
THREE = {"weight_kg": "61", "height_cm": "161"}  # 23.53 kg/m2
AGE, BMI, T = "age_years", "body_mass_index", "femoral_neck_t_score"

# What is just accepted, what is just refused, and what its sentence says.
BOUNDARIES = [
    ({AGE: "40"}, {AGE: "39.99"}, "expected 40 to 90"),
    ({AGE: "90"}, {AGE: "90.01"}, "expected 40 to 90"),
    ({AGE: "70.5"}, {AGE: "NaN"}, "plain number"),
    ({AGE: "70,5"}, {AGE: "inf"}, "plain number"),
    ({AGE: "70"}, {AGE: ""}, "never guessed"),
    ({BMI: "10"}, {BMI: "9.99"}, "expected 10 to 80"),
    ({BMI: "80"}, {BMI: "80.01"}, "expected 10 to 80"),
    ({BMI: "25"}, {BMI: "nan"}, "plain number"),
    ({BMI: "25"}, {BMI: "-inf"}, "plain number"),
    (SMALL | {"height_cm": "158"}, SMALL | {"height_cm": "159"}, "expected 10 to 80"),
    ({"weight_kg": "25"}, {"weight_kg": "24.9"}, "expected 25 to 250"),
    ({"weight_kg": "250"}, {"weight_kg": "250.1"}, "expected 25 to 250"),
    ({"height_cm": "100"}, {"height_cm": "1.6"}, "expected 100 to 230"),
    ({"height_cm": "230"}, {"height_cm": "230.1"}, "expected 100 to 230"),
    (THREE | {BMI: "24.5"}, THREE | {BMI: "24.6"}, "leave one of the three out"),
    (THREE | {BMI: "22.6"}, THREE | {BMI: "22.5"}, "leave one of the three out"),
    (MEASURED | {T: "-1.29"}, MEASURED | {T: "-1.31"}, "leave one of the two out"),
    (MEASURED | {T: "-0.71"}, MEASURED | {T: "-0.69"}, "leave one of the two out"),
    (MEASURED, {"femoral_neck_bmd_g_cm2": "0.738"}, "needs the scanner’s manufacturer"),
    (MEASURED, MEASURED | {"dxa_manufacturer": "acme"}, "should be one of"),
    ({T: "-8"}, {T: "-8.01"}, "to 6"),
    ({T: "6"}, {T: "6.01"}, "to 6"),
    ({"population": "GB"}, {"population": "atlantis"}, "'atlantis' is not available"),
    ({"population": "gb"}, {"population": ""}, "never guessed"),
    ({"sex": "male"}, {"sex": "m"}, "should be one of"),
]
# The same with ages outside computed at the nearest that is covered.
CLAMPED = [
    ({AGE: "18"}, {AGE: "17.99"}, "expected 18 to 120"),
    ({AGE: "120"}, {AGE: "120.1"}, "expected 18 to 120"),
    ({AGE: "39.99"}, {AGE: "NaN"}, "plain number"),
    ({AGE: "90.01"}, {AGE: "-1"}, "expected 18 to 120"),
]


def read_from_table(path: Path, rows: list[dict[str, str]], *options: str) -> list[dict[str, str]]:
    source, output = path / "people.csv", path / "scores.csv"
    with source.open("w", newline="") as sink:
        table = csv.DictWriter(sink, sorted({name for row in rows for name in row}))
        table.writeheader()
        table.writerows(rows)
    call_command("score", str(source), str(output), "--no-interval", *options, stdout=io.StringIO())
    with output.open(newline="") as found:
        return list(csv.DictReader(found))


@pytest.mark.parametrize(("cases", "clamped"), [(BOUNDARIES, False), (CLAMPED, True)])
def test_both_sides_of_each_boundary_in_a_table(
    tmp_path: Path, cases: list[tuple[dict[str, str], dict[str, str], str]], clamped: bool
) -> None:
    rows = [WHO | side for case in cases for side in case[:2]]
    found = read_from_table(tmp_path, rows, *(["--clamp-age"] if clamped else []))
    assert len(found) == len(rows)
    for inside, outside, case in zip(found[::2], found[1::2], cases, strict=True):
        assert inside["refused"] == "", case
        assert 0 < float(inside["hip_10y"]) < 1, case
        assert case[2] in outside["refused"], case
        assert outside["refused"].endswith("."), case
        assert len(outside["refused"]) < 250, case
        assert outside["hip_10y"] == "", case


@pytest.mark.parametrize(
    ("inside", "outside", "sentence", "clamped"),
    [(*case, False) for case in BOUNDARIES] + [(*case, True) for case in CLAMPED],
)
def test_what_is_typed_meets_the_same_boundaries(
    inside: dict[str, str], outside: dict[str, str], sentence: str, clamped: bool
) -> None:
    read_profile(WHO | inside, clamp_age=clamped)
    with pytest.raises(InvalidProfile) as refusal:
        read_profile(WHO | outside, clamp_age=clamped)
    assert len(refusal.value.by_field) == 1
    assert sentence in str(refusal.value)


def test_men_are_refused_where_only_women_are_published(
    tmp_path: Path, with_bases: Callable[..., None]
) -> None:
    with_bases("jp")
    woman, man = read_from_table(
        tmp_path, [WHO | {"population": "jp", "sex": sex} for sex in ("female", "male")]
    )
    assert woman["refused"] == ""
    assert "only female results are published" in man["refused"]
    assert man["hip_10y"] == ""
