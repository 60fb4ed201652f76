"""Units and codes of columns: found where they are not the contract's, read where said."""

import numpy as np
import pytest

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.cohorts.units import factor
from riskapp.exchange.ucum import UNITS
from tests.cohorts.tables import PEOPLE, changed, read

QUIET = {
    f"{outcome}_{part}": value
    for outcome in ("hip", "major", "any", "death")
    for part, value in (("event", False), ("time_years", 5.0))
}


@pytest.mark.parametrize(
    ("name", "by", "words"),
    [
        ("height_cm", 0.01, "metres"),
        ("height_cm", 1 / 2.54, "inches"),
        ("age_years", 12, "months"),
        ("weight_kg", 1 / 0.45359237, "pounds"),
        ("femoral_neck_bmd_g_cm2", 1000, r"mg/cm2: .*\"femoral_neck_bmd_g_cm2\": \"mg/cm2\""),
        ("l1_vbmd_mg_cm3", 1e-3, None),  # lies inside the range of the contract's unit too
    ],
)
def test_a_column_in_another_unit_is_refused_and_read_when_the_unit_is_said(
    name: str, by: float, words: str | None
) -> None:
    rng = np.random.default_rng(1)
    middle = {
        "height_cm": 165,
        "weight_kg": 72,
        "femoral_neck_bmd_g_cm2": 0.8,
        "l1_vbmd_mg_cm3": 120,
    }
    table = PEOPLE.copy()
    if name in middle:
        table[name] = middle[name] * rng.normal(1, 0.04, 400)
        table["dxa_manufacturer"] = "hologic"
        table = table.drop(columns="femoral_neck_t_score")
    right = read(table)
    table[name] *= by
    if words is None:
        read(table)
        return
    with pytest.raises(UnusableCohort, match=f"The column {name} looks like {words}"):
        read(table)
    unit = next(u for u, held in UNITS.items() if held.words == words.split(":")[0])
    again = read(table, units={name: unit})
    found = [getattr(each, name) for each in again.profiles]
    expected = [getattr(each, name) for each in right.profiles]
    np.testing.assert_allclose(found, expected, rtol=1e-8)


def test_units_are_converted_by_their_definitions_and_never_across_dimensions() -> None:
    assert factor("[lb_av]", "kg", "weight_kg") == 0.45359237
    assert factor("[in_i]", "cm", "height_cm") == pytest.approx(2.54, abs=1e-12)
    assert factor("mg/cm2", "g/cm2", "bmd") == pytest.approx(0.001, abs=1e-15)
    assert factor("mo", "a", "time") == pytest.approx(1 / 12, abs=1e-15)
    with pytest.raises(UnusableCohort, match="the one measures mass, the other length"):
        factor("kg", "cm", "height_cm")
    with pytest.raises(UnusableCohort, match="not one that is converted here"):
        factor("furlong", "cm", "height_cm")
    with pytest.raises(UnusableCohort, match="hip_time_years reaches 4,385, which is no number"):
        read(PEOPLE.assign(hip_time_years=PEOPLE["hip_time_years"] * 365.25 + 2))


def test_times_in_months_that_few_years_hide_are_found_by_how_old_people_would_grow() -> None:
    table = PEOPLE.copy()
    for name in [name for name in table if name.endswith("_time_years")]:
        table[name] = (table[name] * 12).clip(upper=36)
    with pytest.raises(UnusableCohort, match="followed beyond the age of 115"):
        read(table)
    assert read(changed(**QUIET, age_years=89.0)).left_out == {}


def test_times_that_are_ages_are_told_from_times() -> None:
    at_end = PEOPLE["age_years"] + PEOPLE["hip_time_years"]
    table = PEOPLE.assign(hip_time_years=at_end)
    with pytest.raises(UnusableCohort, match="hip_time_years looks like the age at the end"):
        read(table)
    with pytest.raises(UnusableCohort, match="say its unit"):
        read(PEOPLE.assign(hip_time_years=PEOPLE["hip_time_years"] * 365.25))
    with pytest.raises(UnusableCohort, match="beyond the age of 115.*unit of the times"):
        read(PEOPLE.assign(**{n: PEOPLE[n] * 4 for n in PEOPLE if n.endswith("time_years")}))


def test_codes_that_are_not_understood_are_refused_with_what_to_write() -> None:
    for name, codes, hint in (
        ("sex", PEOPLE["sex"].str[0].str.upper(), '"F": "female"'),
        ("prior_fragility_fracture", "Checked", '"Checked": true'),
        ("population", "uk", "manage.py populations"),
    ):
        with pytest.raises(UnusableCohort, match=hint):
            read(PEOPLE.assign(**{name: codes}))
    meant = {"sex": {"F": "female", "M": "male"}}
    cohort = read(PEOPLE.assign(sex=PEOPLE["sex"].str[0].str.upper()), values=meant)
    assert [each.sex for each in cohort.profiles] == PEOPLE["sex"].tolist()
