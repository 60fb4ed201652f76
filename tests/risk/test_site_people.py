"""What is not known is averaged over people like those of the cohort, exactly and by draws."""

from dataclasses import replace

import numpy as np
import pytest

from riskapp.risk.anchor import known_to_evidence
from riskapp.risk.completions import complete_rows
from riskapp.risk.design_row import CLINICAL_COLUMNS, known_values
from riskapp.risk.drawing import draw
from riskapp.risk.estimate import EstimateOptions, Outcome
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.further_columns import NO_FURTHER
from riskapp.risk.hazard_terms import mean_t_score
from riskapp.risk.learned_person import evidence_curves
from riskapp.risk.missing import grid
from riskapp.risk.profile import FACTORS, RiskProfile, Sex
from riskapp.risk.site_people import AS_PUBLISHED, Departure, SitePeople

BARE = EstimateOptions(explain=False, interval=False, verdicts=False)
NOTHING_KNOWN = RiskProfile(population="gb", age_years=72.0, sex=Sex.FEMALE)
ANSWERED = dict.fromkeys(FACTORS, False)
ALL_BUT_BONE = replace(NOTHING_KNOWN, body_mass_index=23.0, **ANSWERED)
THINNER = SitePeople(
    t_score=Departure((-0.8, 0.1, 0.0, 1.0), 0.7),
    log_bmi=Departure((0.1, 0.0, 0.0), 1.3),
    log_odds=(0.5, *(0.0,) * 6),
    ages_years=(60.0, 80.0),
)
WHOM = [
    NOTHING_KNOWN,
    ALL_BUT_BONE,
    replace(NOTHING_KNOWN, femoral_neck_t_score=-2.0),
    replace(ALL_BUT_BONE, body_mass_index=None, total_hip_t_score=-2.2),
]


@pytest.mark.parametrize("profile", WHOM)
def test_averaged_over_the_published_people_it_is_the_evidences_answer(
    profile: RiskProfile,
) -> None:
    curves = evidence_curves(profile, AS_PUBLISHED)
    answer = EvidenceEngine().estimate(profile, BARE)
    for outcome in Outcome:
        told = [p for _, p in answer.outcomes[outcome].curve]
        np.testing.assert_allclose(curves[outcome], told, rtol=1e-12)


@pytest.mark.parametrize("profile", WHOM)
def test_draws_are_of_the_people_that_the_exact_sum_is_over(profile: RiskProfile) -> None:
    known = known_to_evidence(profile)
    own = THINNER.unknown("gb", known.sex, known.age_years)
    rng = np.random.default_rng(1)
    drawn = draw(known, own.people, own.parameters, 40_000, rng, own.t_sd)
    layout = grid(known, own.people, own.parameters, full=False, t_sd=own.t_sd)
    weights = layout.weights / layout.weights.sum()
    nodes = {
        "femoral_neck_t_score": (layout.t_score, weights.sum(axis=tuple(range(8)))),
        "bmi_kg_m2": (layout.bmi_kg_m2, weights.sum(axis=(*range(7), 8))),
        FACTORS[0]: (layout.factors[0], weights.sum(axis=tuple(range(1, 9)))),
    }
    for name, (values, chances) in nodes.items():
        mean, error = float(values @ chances), drawn[name].std() / 200
        assert drawn[name].mean() == pytest.approx(mean, abs=4 * error + 1e-9)
        sd = np.sqrt(max(0.0, float(values**2 @ chances) - mean**2))
        assert drawn[name].std() == pytest.approx(sd, rel=0.02, abs=1e-4)


def test_the_t_score_lies_where_the_cohort_says() -> None:
    known = known_to_evidence(ALL_BUT_BONE)
    theirs, own = (
        each.unknown("gb", known.sex, known.age_years) for each in (AS_PUBLISHED, THINNER)
    )
    means = [
        mean_t_score(each.parameters, "female", np.asarray(72.0), np.asarray(23.0), {})
        for each in (theirs, own)
    ]
    assert means[1] - means[0] == pytest.approx(-0.8 + 0.1 * 0.7 + np.log(23 / 25))
    assert (theirs.t_sd, own.t_sd) == (1.0, 0.7)


def test_beyond_the_ages_of_the_cohort_its_line_stays_as_at_the_edge() -> None:
    at_65 = "t_score.at_65.female"
    edge, beyond = (THINNER.unknown("gb", "female", age).parameters[at_65] for age in (80.0, 88.0))
    assert edge == beyond
    assert THINNER.unknown("gb", "female", 79.0).parameters[at_65] < edge


def test_thinner_people_break_more_and_whoever_is_fully_known_is_asked_nothing() -> None:
    usual, thinner = (
        evidence_curves(ALL_BUT_BONE, each)[Outcome.HIP][-1] for each in (AS_PUBLISHED, THINNER)
    )
    assert thinner > 1.15 * usual
    whole = replace(ALL_BUT_BONE, femoral_neck_t_score=-1.0)
    for outcome in Outcome:
        published, theirs = (
            evidence_curves(whole, each)[outcome] for each in (AS_PUBLISHED, THINNER)
        )
        np.testing.assert_allclose(published, theirs, rtol=1e-12)


@pytest.mark.parametrize("profile", WHOM[:2])
def test_few_draws_from_many_have_nearly_the_mean_of_all(profile: RiskProfile) -> None:
    known, values = known_to_evidence(profile), known_values(profile)
    column = [each.name for each in CLINICAL_COLUMNS].index("femoral_neck_t_score")
    means = [
        complete_rows("gb", known, values, NO_FURTHER, 8, 64, np.random.default_rng(seed))[
            :, column
        ].mean()
        for seed in range(200)
    ]
    # The mean of eight draws by themselves would spread by 0.35 and more, of 64 by 0.125.
    assert np.std(means) < 0.26
