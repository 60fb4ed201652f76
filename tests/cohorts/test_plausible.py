"""Columns that mean something else than they say: codes, pounds, Z-scores, ages at the end."""

import numpy as np
import pandas as pd
import pytest

from riskapp.cohorts.follow_up import UnusableCohort
from tests.cohorts.real import read_real
from tests.cohorts.tables import made_up, read

PEOPLE = made_up(800)
RNG = np.random.default_rng(5)
HEIGHT = np.round(RNG.normal(165, 7, 800), 1)
WEIGHT = np.round(PEOPLE["body_mass_index"] * (HEIGHT / 100) ** 2, 1)
SIZED = PEOPLE.drop(columns="body_mass_index").assign(weight_kg=WEIGHT, height_cm=HEIGHT)


def with_code(name: str, code: float, people: int) -> pd.DataFrame:
    values = PEOPLE[name].to_numpy(copy=True) if name in PEOPLE else RNG.lognormal(1, 0.5, 800)
    values[:people] = code
    return PEOPLE.assign(**{name: values})


@pytest.mark.parametrize(
    ("name", "code"),
    [("femoral_neck_t_score", -8.0), ("strength", 140.0), ("crp", 99.0), ("crp", -9.0)],
)
def test_a_number_that_stands_for_not_known_is_refused_from_one_in_a_hundred_on(
    name: str, code: float
) -> None:
    told = {} if name in PEOPLE else {"columns": [{"name": name}]}
    with pytest.raises(UnusableCohort, match="8 cells of .*looks like a code.*null"):
        read(with_code(name, code, 8), **told)
    assert read(with_code(name, code, 7), **told)
    table = with_code(name, code, 80)
    assert read(table, **told, allow={name: "measured so, at the end of the scale"})
    mended = read(table, **told, values={name: {f"{code:g}": None}})
    known = [
        each.site_values.get(name, getattr(each, name, None)) is not None
        for each in mended.profiles
    ]
    assert sum(known) == 720


def test_doses_ceilings_and_grades_are_no_codes() -> None:
    dose = np.where(RNG.random(800) < 0.8, 0.0, RNG.uniform(5, 40, 800).round(1))
    ceiling = RNG.lognormal(1, 0.5, 800).clip(max=6).round(2)
    grade = RNG.integers(1, 5, 800)
    table = PEOPLE.assign(dose=dose, ceiling=ceiling, grade=grade)
    assert len(read(table, "dose", "ceiling", "grade").site_columns) == 4
    three = np.where(RNG.random(800) < 0.1, 3, RNG.integers(0, 2, 800))
    assert read(table.assign(three=three), "three")
    with pytest.raises(UnusableCohort, match="grade holds .* of 99"):
        read(table.assign(grade=np.where(RNG.random(800) < 0.02, 99, grade)), "grade")


def test_weights_and_heights_under_each_others_name_are_refused() -> None:
    assert len(read(SIZED).profiles) == 800
    with pytest.raises(UnusableCohort, match="look like each other"):
        read(SIZED.assign(weight_kg=HEIGHT, height_cm=WEIGHT))
    inches = SIZED.assign(weight_kg=WEIGHT / 0.45359237, height_cm=HEIGHT / 2.54)
    with pytest.raises(UnusableCohort, match="looks like pounds"):
        read(inches)


def test_pounds_of_light_people_are_refused_and_a_mixture_is_told() -> None:
    light = WEIGHT * 0.7
    assert light.median() / 0.45359237 < 115
    told = read(SIZED.assign(weight_kg=light.round(1)))
    assert not any("pounds" in remark for remark in told.remarks)
    short = SIZED.assign(height_cm=HEIGHT * 0.9, weight_kg=(light / 0.45359237).round(1))
    with pytest.raises(UnusableCohort, match=r"body mass index above \d+: where weights are in"):
        read(short)
    some = RNG.random(800) < 0.25
    mixed = read(SIZED.assign(weight_kg=np.where(some, WEIGHT / 0.45359237, WEIGHT).round(1)))
    assert any("make sure that no weights are in pounds" in remark for remark in mixed.remarks)


def test_z_scores_are_told_from_t_scores() -> None:
    def remarks(scores: object) -> str:
        return " ".join(read(PEOPLE.assign(femoral_neck_t_score=scores)).remarks)

    t = PEOPLE["femoral_neck_t_score"]
    assert "Z-scores" not in remarks(t)
    z = (t + 1.0 + 0.04 * (PEOPLE["age_years"] - 70)).round(2)
    assert "as Z-scores do" in remarks(z)
    assert "Z-scores" not in remarks(t + 1.0)  # a healthy cohort still loses bone
    assert "Z-scores" not in remarks(z - 1.0)


def test_scores_that_lost_their_sign_are_not_taken_for_z_scores() -> None:
    def remarks(scores: object) -> str:
        return " ".join(read(PEOPLE.assign(femoral_neck_t_score=scores)).remarks)

    t = PEOPLE["femoral_neck_t_score"]
    for lost in (-t, t.abs()):
        assert "none has lost its minus sign" in remarks(lost)
        assert "Z-scores" not in remarks(lost)
    assert "minus" not in remarks(t)
    assert "minus" not in remarks(t + 4.0)  # above 0, and still falls with age


def test_an_age_at_the_end_of_follow_up_is_told() -> None:
    people = made_up(3000, seed=4).query("age_years < 78")
    assert not any("age at the end" in remark for remark in read(people).remarks)
    at_end = (people["age_years"] + people["death_time_years"]).round(1)
    told = read(people.assign(age_years=at_end))
    assert any("age at the end" in remark for remark in told.remarks)


@pytest.mark.parametrize("name", ["longitudinal", "glow", "nhanes"])
def test_nothing_is_odd_in_the_real_cohorts(name: str) -> None:
    remarks = " ".join(read_real(name).remarks)
    for odd in ("pounds", "Z-scores", "age at the end", "not recorded"):
        assert odd not in remarks
