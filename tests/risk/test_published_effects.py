"""Further answers against what is published of them, on the quantity that it was published for."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from riskapp.exchange.reading import read_profile
from riskapp.risk import evidence_sets
from riskapp.risk.bone_measurements import family
from riskapp.risk.estimate import EstimateOptions, Outcome
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.evidence_sets import evidence_set
from riskapp.risk.major_fracture import on_other
from riskapp.risk.missing import grid, known_inputs
from riskapp.risk.modifier_reading import known_modifiers
from riskapp.risk.populations import population
from riskapp.risk.profile import FACTORS
from riskapp.risk.summation import log_hazards, mean

SETS = evidence_sets.listed()
SEXES = ("female", "male")
COMPLETE = dict.fromkeys(FACTORS, False) | {"body_mass_index": 25}
STEROIDS, DOSE = {"glucocorticoids": True}, "glucocorticoid_dose_mg_daily"


def probability(answers: dict[str, object]) -> np.ndarray:
    """Of hip and of major fracture."""
    who = {"population": "gb", "osteoporosis_treatment": "none"}
    found = EvidenceEngine().estimate(
        read_profile(who | answers).profile, EstimateOptions(explain=False, interval=False)
    )
    return np.array(
        [found.outcomes[o].probability_10y for o in (Outcome.HIP, Outcome.MAJOR_OSTEOPOROTIC)]
    )


def hazard(name: str, code: str, answers: dict[str, object]) -> np.ndarray:
    """Of hip and of major fracture today, the mean over all people that the answers fit."""
    profile = read_profile({"population": code, "osteoporosis_treatment": "none"} | answers).profile
    known = replace(known_inputs(profile), modifiers=known_modifiers(profile, name))
    people, parameters = population(code), evidence_set(name, code).parameters
    layout = grid(known, people, parameters, full=False)
    hip, other = mean(np.exp(log_hazards(known, people, parameters, layout)), layout)
    return np.array([hip, hip + other])


# Johansson 2017, doi:10.1007/s00198-016-3868-0: major fracture relative to the population's, at
# one and at ten years, log-linear between and level outside.
SINCE = [(0, 2.7), (12, 2.7), (66, (2.7 * 1.4) ** 0.5), (120, 1.4), (480, 1.4)]


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize(("code", "sex"), [*product(["gb", "us"], SEXES), ("jp", "female")])
@pytest.mark.parametrize("age", [45, 60, 75, 90])
def test_a_fracture_so_long_ago_has_its_published_hazard_over_the_population(
    name: str, code: str, sex: str, age: int
) -> None:
    who = {"age_years": age, "sex": sex}
    everybody = hazard(name, code, who)[1]
    for months, relative in SINCE:
        fracture = {"prior_fragility_fracture": True, "prior_fracture_months_ago": months}
        assert hazard(name, code, who | fracture)[1] / everybody == pytest.approx(relative)


@pytest.mark.parametrize(
    ("months", "years_from_now", "as_if_months"),
    [(12, 9, 120), (60, 5, 120), (0, 10, 120), (6, 5, 66), (0, 0.25, 12)],
)
def test_the_time_since_a_fracture_goes_on(
    months: float, years_from_now: float, as_if_months: float
) -> None:
    def relative(since: float, years: float) -> float:
        answers = {"population": "gb", "age_years": 70, "sex": "female"}
        fracture = {"prior_fragility_fracture": True, "prior_fracture_months_ago": since}
        found = known_modifiers(read_profile(answers | fracture).profile, "frax-2008")
        detail = found.details["prior_fragility_fracture"]
        return float(detail.log_ratio("hip", np.array([years]))[0])

    assert relative(months, years_from_now) == pytest.approx(relative(as_if_months, 0))


# Kanis 2011, doi:10.1007/s00198-010-1524-7: dose, age, per cent of hip and of major fracture.
DOSES = [
    (dose, age, *per_cent)
    for dose, by_age in {
        0: {50: (-40, -20), 60: (-40, -15), 70: (-40, -20), 80: (-30, -20), 90: (-30, -20)},
        1: {50: (-40, -20), 60: (-40, -15), 70: (-40, -20), 80: (-30, -20), 90: (-30, -20)},
        5: {50: (0, 0), 70: (0, 0), 90: (0, 0)},
        10: {50: (25, 20), 60: (25, 15), 70: (20, 15), 80: (10, 10), 90: (10, 10)},
    }.items()
    for age, per_cent in by_age.items()
]


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("sex", SEXES)
@pytest.mark.parametrize(("dose", "age", "hip", "major"), DOSES)
def test_a_dose_moves_the_mean_hazard_as_published(
    name: str, sex: str, dose: float, age: int, hip: float, major: float
) -> None:
    who = {"age_years": age, "sex": sex} | STEROIDS
    moved = 100 * (hazard(name, "gb", who | {DOSE: dose}) / hazard(name, "gb", who) - 1)
    assert moved[0] == pytest.approx(hip, abs=1e-6)
    # Published in steps of five.
    assert moved[1] == pytest.approx(major, abs=2.5)


@pytest.mark.parametrize("sex", SEXES)
@pytest.mark.parametrize("t_score", [None, -1.0, -2.5])
@pytest.mark.parametrize(("dose", "age", "hip", "major"), [row for row in DOSES if row[1] < 90])
def test_a_dose_moves_the_probability_nearly_as_published_at_each_t_score(
    sex: str, t_score: float | None, dose: float, age: int, hip: float, major: float
) -> None:
    who = {"age_years": age, "sex": sex} | STEROIDS
    if t_score is not None:
        who = COMPLETE | who | {"femoral_neck_t_score": t_score}
    moved = 100 * (probability(who | {DOSE: dose}) / probability(who) - 1)
    # The share of hip fractures differs with the T-score, and death competes: docs/adr/0015.
    assert moved == pytest.approx([hip, major], abs=7.5)


AGES_AND_T = [*product(SEXES, (50, 60, 70, 80), (-1.0, -2.5))]


@pytest.mark.parametrize(("sex", "age", "t_score"), AGES_AND_T)
def test_an_sd_of_the_trabecular_bone_score_moves_both_outcomes_as_published(
    sex: str, age: int, t_score: float
) -> None:
    # Schousboe 2016, PMC4795988: hip 1.20, major 1.27 (1.17-1.39) per SD lower (0.0895).
    who = COMPLETE | {"age_years": age, "sex": sex, "femoral_neck_t_score": t_score}
    at_zero, per_t, _ = family().line("trabecular_bone_score", sex, age)
    usual = at_zero + per_t * t_score
    # Cumulative hazards: it is published as a ratio of hazards.
    higher, lower = (
        -np.log1p(-probability(who | {"trabecular_bone_score": usual + half}))
        for half in (0.04475, -0.04475)
    )
    assert (lower / higher)[0] == pytest.approx(1.20, abs=0.01)
    assert (lower / higher)[1] == pytest.approx(1.27, abs=0.03)


@pytest.mark.parametrize(("sex", "age", "t_score"), AGES_AND_T)
def test_a_unit_of_the_spine_moves_major_fracture_by_a_tenth_and_hip_fracture_not(
    sex: str, age: int, t_score: float
) -> None:
    # Leslie 2011, doi:10.1007/s00198-010-1461-5.
    who = COMPLETE | {"age_years": age, "sex": sex, "femoral_neck_t_score": t_score}
    higher, lower = (
        probability(who | {"lumbar_spine_t_score": t_score + half}) for half in (0.5, -0.5)
    )
    assert (lower / higher)[0] == pytest.approx(1.0, abs=0.005)
    assert (lower / higher)[1] == pytest.approx(1.10, abs=0.04)


def test_what_the_other_hazard_takes_adds_up_to_the_published_major() -> None:
    assert 0.2 * 1.20 + 0.8 * on_other(1.27, 1.20, 0.2) == pytest.approx(1.27)
    assert on_other(1.27, 1.20, 0.2) == pytest.approx(1.2875)
    assert on_other(0.80, 0.60, 0.2) == pytest.approx(0.85)
    # Where nearly all are hip fractures, the other never moves the other way.
    assert on_other(0.80, 0.70, 0.8) == 1.0
    assert on_other(1.10, 1.20, 0.8) == 1.0
