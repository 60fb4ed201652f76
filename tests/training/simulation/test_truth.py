"""The truth: the evidence engine's own numbers where nothing is changed, and what changes."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskapp.exchange.reading import read_profile
from riskapp.risk.anchor import CLINICAL
from riskapp.risk.competing import cumulative_incidence
from riskapp.risk.effects import doubts
from riskapp.risk.estimate import EstimateOptions, Outcome, RiskEstimate
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.evidence_sets import evidence_set
from riskapp.risk.hazard_terms import STEP_YEARS
from riskapp.risk.hazards import Factors, hazards
from riskapp.risk.populations import population
from riskapp.risk.profile import RiskProfile
from riskapp.training.simulation.assumptions import assumed
from riskapp.training.simulation.departing import LEVEL_SD, USUAL, departed
from riskapp.training.simulation.options import Options, SiteEffect
from riskapp.training.simulation.people import BONES, draw_people, standardised
from riskapp.training.simulation.simulate import simulate
from riskapp.training.simulation.truth import true_hazards, true_probabilities

NO_EFFECT_IN_THE_ENGINE = (
    "lumbar_texture_score",
    "l1_attenuation_hu",
    "hip_axis_length_mm",
    "total_hip_t_score",
)


def profiles(table: pd.DataFrame) -> list[RiskProfile]:
    outcomes = [name for name in table if name.endswith(("_event", "_time_years"))]
    records = table.drop(columns=["id", *outcomes]).astype(object)
    records = records.where(records.notna(), None)
    return [read_profile(record).profile for record in records.to_dict("records")]


@pytest.mark.parametrize("code", ["gb", "us-asian"])
def test_where_nothing_is_changed_the_truth_is_the_evidence_engine(code: str) -> None:
    made = simulate(Options(people=60, seed=5, population=code, imaging_effects=False))
    known = made.table.drop(columns=list(NO_EFFECT_IN_THE_ENGINE))
    options = EstimateOptions(explain=False, interval=False)
    answers = EvidenceEngine().estimate_many(profiles(known), options)
    for outcome in (Outcome.HIP, Outcome.MAJOR_OSTEOPOROTIC):
        told = []
        for answer in answers:
            assert isinstance(answer, RiskEstimate)
            told.append(answer.outcomes[outcome].probability_10y)
        # Averages by age are interpolated over 2.5 years.
        np.testing.assert_allclose(made.truth[f"{outcome.value}_10y"], told, rtol=2e-3)


def test_the_mean_stays_that_of_the_factors_alone() -> None:
    options = Options(
        people=40_000, seed=9, site_effects=(SiteEffect(name="sway", hip=1.4, other=1.2),)
    )
    people = draw_people(options, options.people, np.random.default_rng(9))
    factors = Factors(**{name: people[name] for name in Factors.__dataclass_fields__})
    parameters = evidence_set("frax-2008", "gb").parameters
    plain = hazards(factors, population("gb"), parameters)
    truth = true_hazards(people, options)
    # What is known of the time since a fracture does not average out to the unknown time: that
    # people fractured longer ago than the published cohorts is in the truth.
    without = people["prior_fragility_fracture"] == 0
    for name in ("hip", "other_major_osteoporotic"):
        mean, usual = getattr(truth, name)[without].mean(), getattr(plain, name)[without].mean()
        assert mean == pytest.approx(usual, rel=0.03)
    np.testing.assert_array_equal(truth.death, plain.death)


def test_what_happens_is_as_frequent_as_the_hazards_say() -> None:
    options = Options(people=40_000, seed=11, shortest_follow_up=10, longest_follow_up=11)
    table, truth = simulate(options)
    for name, column in (
        ("hip", "hip_10y"),
        ("major", "major_osteoporotic_10y"),
        ("any", "any_10y"),
        ("death", "death_10y"),
    ):
        expected = truth[column].mean()
        seen = table[f"{name}_event"].mean()
        assert seen == pytest.approx(expected, abs=4 * np.sqrt(expected / len(table)))


def test_an_attenuation_one_sd_lower_multiplies_the_hazard_as_assumed() -> None:
    options = Options(people=500, seed=4)
    people = draw_people(options, 500, np.random.default_rng(4))
    other_axis = people | {"hip_axis_length_mm": people["hip_axis_length_mm"] + assumed("axis_sd")}
    ratio = true_hazards(other_axis, options).hip / true_hazards(people, options).hip
    np.testing.assert_allclose(ratio, assumed("axis_hip"))


def test_texture_alone_averages_to_the_published_ratio() -> None:
    # Over everything that goes with it, one SD lower is what was published for it alone.
    options = Options(people=40_000, seed=8, share_women=1.0)
    people = draw_people(options, options.people, np.random.default_rng(8))
    truth = true_hazards(people, options).hip[:, 0]
    factors = Factors(**{name: people[name] for name in Factors.__dataclass_fields__})
    plain = hazards(factors, population("gb"), evidence_set("frax-2008", "gb").parameters).hip[:, 0]
    z = standardised(people)[:, BONES.index("lumbar_texture_score")]
    low, high = np.abs(z + 0.5) < 0.15, np.abs(z - 0.5) < 0.15
    ratio = (truth[low] / plain[low]).mean() / (truth[high] / plain[high]).mean()
    assert ratio == pytest.approx(assumed("texture_hip"), rel=0.05)


def test_the_level_and_an_effect_can_differ_from_the_evidence() -> None:
    usual = Options(people=300, seed=2)
    people = draw_people(usual, 300, np.random.default_rng(2))
    before = true_hazards(people, usual)
    doubled = true_hazards(people, replace(usual, true_incidence=2.0))
    np.testing.assert_allclose(doubled.hip, 2 * before.hip)
    changed = replace(usual, changed_effects={"current_smoker": 1.7, "femoral_neck_t_score": 1.2})
    after = true_hazards(people, changed)
    expected = 1.7 ** people["current_smoker"] * 1.2 ** (-1 - people["femoral_neck_t_score"])
    np.testing.assert_allclose(
        after.other_major_osteoporotic[:, 3] / before.other_major_osteoporotic[:, 3], expected
    )
    np.testing.assert_array_equal(after.death, before.death)


def test_a_departure_is_one_for_all_seeds_and_as_wide_as_the_doubt() -> None:
    people = draw_people(Options(people=2_000, seed=3), 2_000, np.random.default_rng(3))
    none = departed(people, 0)
    assert not any(each.any() for each in none.values())
    usual = {name: np.full(1, USUAL.get(name, 0.0)) for name in CLINICAL}
    smoker = usual | {"current_smoker": np.ones(1), "age_years": np.full(1, 70.0)}
    plain = usual | {"age_years": np.full(1, 70.0)}
    level, smoking = [], []
    for world in range(1, 401):
        level.append(departed(usual, world)["hip"][0])
        smoking.append(departed(smoker, world)["hip"][0] - departed(plain, world)["hip"][0])
    # 400 draws know a standard deviation to within 3.5 %.
    assert np.std(level) == pytest.approx(LEVEL_SD, rel=0.12)
    assert np.std(smoking) == pytest.approx(doubts("frax-2008")["hip.current_smoker"], rel=0.12)
    ratio = [
        true_hazards(people, Options(people=1, seed=seed, departure=7)).death
        / true_hazards(people, Options(people=1, seed=seed)).death
        for seed in (1, 2)
    ]
    np.testing.assert_allclose(ratio[0], ratio[1])
    np.testing.assert_allclose(np.log(ratio[0][:, 0]), departed(people, 7)["death"])


def test_a_site_column_multiplies_by_its_ratio_beyond_age() -> None:
    strength = SiteEffect(name="strength", hip=0.8, other=0.9, per_decade=-0.5)
    options = Options(people=300, seed=2, site_effects=(strength,))
    people = draw_people(options, 300, np.random.default_rng(2))
    stronger = people | {"strength": people["strength"] + 1}
    ratio = true_hazards(stronger, options).hip / true_hazards(people, options).hip
    np.testing.assert_allclose(ratio, 0.8)
    older = people["age_years"] > 75
    assert people["strength"][older].mean() < -0.5 < people["strength"][~older].mean()


def test_true_probabilities_have_death_competing() -> None:
    options = Options(people=50, seed=2)
    truth = true_hazards(draw_people(options, 50, np.random.default_rng(2)), options)
    found = true_probabilities(truth)
    np.testing.assert_array_equal(
        found["hip"], cumulative_incidence(truth.hip, truth.death, STEP_YEARS)
    )
    assert (found["hip"][:, -1] + found["death"][:, -1] < 2).all()
    assert (np.diff(found["any"], axis=1) >= 0).all()
