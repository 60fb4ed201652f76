"""Measurements of bone beside the femoral neck: never counted twice, and telling of it."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from riskapp.exchange.reading import read_profile
from riskapp.risk import bone_measurements
from riskapp.risk.bone_measurements import FRACTURES, family, measured
from riskapp.risk.drawing import draw
from riskapp.risk.estimate import EstimateOptions, Interval, Outcome, OutcomeEstimate
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.evidence_sets import evidence_set
from riskapp.risk.hazard_terms import mean_t_score
from riskapp.risk.missing import Known, grid, known_inputs
from riskapp.risk.modifier_reading import known_modifiers
from riskapp.risk.populations import population
from riskapp.risk.profile import FACTORS
from riskapp.risk.summation import incidence, mean

ENGINE = EvidenceEngine()
GB = population("gb")
PARAMETERS = evidence_set("frax-2008", "gb").parameters
WHO = {"population": "gb", "age_years": 70, "sex": "female", "osteoporosis_treatment": "none"}
BUT_BONE = WHO | dict.fromkeys(FACTORS, False) | {"body_mass_index": 25}
COMPLETE = BUT_BONE | {"femoral_neck_t_score": -2.0}
# About one SD below what is usual at 70 and T = -2.
LOW = {
    "lumbar_spine_t_score": -2.5,
    "trabecular_bone_score": 1.16,
    "l1_attenuation_hu": 88.0,
    "l1_vbmd_mg_cm3": 62.0,
}
SUBSETS = [s for n in (1, 2, 3, 4) for s in combinations(LOW, n)]


def known_of(answers: dict[str, object]) -> Known:
    profile = read_profile(answers).profile
    return replace(known_inputs(profile), modifiers=known_modifiers(profile, "frax-2008"))


def probability(answers: dict[str, object]) -> np.ndarray:
    options = EstimateOptions(explain=False, interval=False)
    found = ENGINE.estimate(read_profile(answers).profile, options).outcomes
    return np.array([found[o].probability_10y for o in (Outcome.HIP, Outcome.MAJOR_OSTEOPOROTIC)])


def summed(known: Known) -> tuple[np.ndarray, float]:
    layout = grid(known, GB, PARAMETERS, full=False)
    values = incidence(known, GB, PARAMETERS, layout)[:, -1]
    return mean(values, layout), float(layout.weights.sum())


@pytest.mark.parametrize("names", SUBSETS)
@pytest.mark.parametrize(("sex", "hip_share"), [("female", 0.05), ("male", 0.7)])
def test_hazards_average_to_one_over_the_measurements(
    names: tuple[str, ...], sex: str, hip_share: float
) -> None:
    whole, t_score = family(), -2.0
    lines = [whole.line(name, sex, 70.0) for name in names]
    at, sd = (
        np.array([a + t_score * per for a, per, _ in lines]),
        np.array([s for *_, s in lines]),
    )
    chosen = [whole.names.index(name) for name in names]
    root = np.linalg.cholesky(whole.correlation[np.ix_(chosen, chosen)])
    # Gauss-Hermite in independent directions: exact for the exponential of a straight line.
    nodes, weights = np.polynomial.hermite_e.hermegauss(9)
    axes = np.stack(np.meshgrid(*[nodes] * len(names), indexing="ij"), axis=-1)
    shares = np.stack(np.meshgrid(*[weights] * len(names), indexing="ij"), axis=-1).prod(axis=-1)
    total = dict.fromkeys(FRACTURES, 0.0)
    for z, share in zip(axes.reshape(-1, len(names)), shares.ravel(), strict=True):
        values = dict(zip(names, at + sd * (root @ z), strict=True))
        one = measured(values, sex, 70.0, hip_share)
        assert one is not None
        for cause in FRACTURES:
            total[cause] += share * np.exp(float(one.shifts[cause].at(np.array(t_score))))
    assert np.array(list(total.values())) / shares.sum() == pytest.approx([1, 1], abs=1e-6)


def test_a_doubtful_effect_adds_what_a_changed_effect_would(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = {"trabecular_bone_score": 1.1, "lumbar_spine_t_score": -3.0}
    one = measured(known, "female", 70.0, 0.2)
    assert one is not None
    whole = family()
    for column, root in enumerate(whole.effects["major"]):
        changed = dict(whole.effects["major"])
        changed[root] += 1e-6 * whole.doubts["major"][root]
        other = replace(whole, effects=dict(whole.effects) | {"major": changed})
        monkeypatch.setattr(bone_measurements, "family", lambda other=other: other)
        moved = measured(known, "female", 70.0, 0.2)
        assert moved is not None
        for t_score in (np.zeros(1), np.full(1, -3.0)):
            added = (moved.shifts["other"].at(t_score) - one.shifts["other"].at(t_score)) / 1e-6
            assert one.doubts["other"][column].at(t_score) == pytest.approx(added, abs=1e-5)


@pytest.mark.parametrize("names", [s for s in SUBSETS if len(s) > 1])
def test_two_that_go_together_never_add_up(names: tuple[str, ...]) -> None:
    plain = probability(COMPLETE)[1]
    alone = [probability(COMPLETE | {name: LOW[name]})[1] / plain for name in names]
    together = probability(COMPLETE | {name: LOW[name] for name in names})[1] / plain
    assert all(one > 1 for one in alone)
    assert together < np.prod(alone)
    assert together > max(alone) * 0.995  # a second low measurement does not reassure


@pytest.mark.parametrize("names", SUBSETS)
@pytest.mark.parametrize("cause", FRACTURES)
def test_no_measurement_acts_the_wrong_way_beside_others(
    names: tuple[str, ...], cause: str
) -> None:
    def shift(values: dict[str, float]) -> float:
        one = measured(values, "female", 70.0, 0.2)
        assert one is not None
        return float(one.shifts[cause].at(np.array(-2.0)))

    values = {name: LOW[name] for name in names}
    for name in names:
        assert shift(values | {name: LOW[name] * 0.9 - 0.3}) >= shift(values) - 1e-12


def test_a_second_look_at_the_same_bone_adds_little() -> None:
    plain = probability(COMPLETE)[1]
    hu = probability(COMPLETE | {"l1_attenuation_hu": 60.0})[1] / plain
    both = probability(COMPLETE | {"l1_attenuation_hu": 60.0, "l1_vbmd_mg_cm3": 40.0})[1] / plain
    assert both - 1 < 1.3 * (hu - 1)


def test_with_the_femoral_neck_known_only_what_is_left_of_l1_counts() -> None:
    at_zero, per_t, _ = family().line("l1_attenuation_hu", "female", 70.0)
    as_expected = COMPLETE | {"l1_attenuation_hu": at_zero - 2.0 * per_t}
    assert probability(as_expected) == pytest.approx(probability(COMPLETE), rel=0.005)
    low = {"l1_attenuation_hu": 60.0}
    moved_known = probability(COMPLETE | low) / probability(COMPLETE)
    moved_unknown = probability(BUT_BONE | low) / probability(BUT_BONE)
    assert (moved_unknown > moved_known).all()
    assert (moved_known > 1).all()


def test_an_l1_attenuation_without_the_femoral_neck_is_summed_over_it() -> None:
    hu = 90.0
    at_zero, per_t, sd = family().line("l1_attenuation_hu", "female", 70.0)
    expected_t = float(mean_t_score(PARAMETERS, "female", np.asarray(70.0), np.asarray(25.0), {}))
    nodes = np.arange(-8.0, 5.0, 0.21)
    weights = np.exp(-((nodes - expected_t) ** 2) / 2)
    weights *= np.exp(-((hu - at_zero - per_t * nodes) ** 2) / (2 * sd**2))
    each = [
        probability(BUT_BONE | {"femoral_neck_t_score": t, "l1_attenuation_hu": hu}) for t in nodes
    ]
    by_hand = weights @ np.array(each) / weights.sum()
    assert probability(BUT_BONE | {"l1_attenuation_hu": hu}) == pytest.approx(by_hand, abs=1e-6)


@pytest.mark.parametrize(
    "measurements",
    [{"total_hip_t_score": -3.0}, LOW, {"lumbar_spine_t_score": 3.0, "trabecular_bone_score": 1.0}],
)
@pytest.mark.parametrize("more", [{}, {"prior_fragility_fracture": True}])
def test_the_mean_over_t_scores_is_the_answer_without_one_beside_measurements(
    measurements: dict[str, float], more: dict[str, object]
) -> None:
    known = known_of(WHO | more | measurements)
    bone = known.modifiers.bone
    assert bone is not None
    nodes = np.arange(-14.0, 9.0, 0.11)  # not the engine's own nodes
    found = [summed(replace(known, t_score=float(t_score))) for t_score in nodes]
    density = np.array([weight for _, weight in found]) * np.exp(bone.log_likelihood(nodes))
    means = density @ np.array([p for p, _ in found]) / density.sum()
    assert means == pytest.approx(summed(known)[0], abs=1e-6)


def test_a_total_hip_stands_in_for_the_femoral_neck_and_is_nothing_beside_it() -> None:
    low, high = (probability(BUT_BONE | {"total_hip_t_score": t}) for t in (-3.0, 0.0))
    assert (low > 2 * high).all()
    assert (low > probability(BUT_BONE)).all()
    beside = ENGINE.estimate(
        read_profile(COMPLETE | {"total_hip_t_score": -3.0}).profile, EstimateOptions()
    )
    plain = ENGINE.estimate(read_profile(COMPLETE).profile, EstimateOptions())
    assert beside.outcomes == plain.outcomes
    assert "the femoral neck is known" in " ".join(beside.warnings)


@pytest.mark.parametrize("t_score", [0.0, 0.1])
def test_a_total_hip_of_nought_is_said_to_be_left_out_as_any_other(t_score: float) -> None:
    answers = COMPLETE | {"total_hip_t_score": t_score}
    said = ENGINE.estimate(read_profile(answers).profile, EstimateOptions()).warnings
    assert "the femoral neck is known" in " ".join(said)


def test_a_total_hip_bmd_counts_as_its_t_score() -> None:
    bmd = {"total_hip_bmd_g_cm2": 0.942 - 2 * 0.122, "dxa_manufacturer": "hologic"}
    assert probability(BUT_BONE | bmd) == pytest.approx(
        probability(BUT_BONE | {"total_hip_t_score": -2.0}), abs=1e-12
    )


def test_a_spine_bmd_without_its_t_score_is_said_not_to_count() -> None:
    bmd = {"lumbar_spine_bmd_g_cm2": 0.8, "dxa_manufacturer": "hologic"}
    assert probability(COMPLETE | bmd) == pytest.approx(probability(COMPLETE), abs=1e-12)
    said = ENGINE.estimate(read_profile(COMPLETE | bmd).profile, EstimateOptions()).warnings
    assert "no reference for it is held" in " ".join(said)


def test_draws_beside_measurements_agree_with_the_sum() -> None:
    known = known_of(WHO | {"lumbar_spine_t_score": -3.5, "body_mass_index": 22})
    drawn = draw(known, GB, PARAMETERS, 40_000, np.random.default_rng(3))
    layout = grid(known, GB, PARAMETERS, full=False)
    along = layout.weights.sum(axis=tuple(range(len(FACTORS) + 1)))
    expected = np.average(layout.t_score, weights=along)
    spread = np.sqrt(np.average((layout.t_score - expected) ** 2, weights=along))
    assert drawn["femoral_neck_t_score"].mean() == pytest.approx(expected, abs=0.02)
    assert drawn["femoral_neck_t_score"].std() == pytest.approx(spread, abs=0.02)
    weights = layout.weights.sum(axis=tuple(range(1, layout.weights.ndim)))
    assert drawn[FACTORS[0]].mean() == pytest.approx(weights[1] / weights.sum(), abs=0.01)


# The probability is not linear in the hazard, because death competes: over the trabecular bone
# score the mean of the answers is the answer without it only nearly; see docs/adr/0015.
@pytest.mark.parametrize("t_score", [-1.0, -4.0])
def test_over_the_trabecular_bone_score_the_mean_is_nearly_the_answer_without(
    t_score: float,
) -> None:
    person = COMPLETE | {"femoral_neck_t_score": t_score}
    at_zero, per_t, sd = family().line("trabecular_bone_score", "female", 70.0)
    nodes, weights = np.polynomial.hermite_e.hermegauss(9)
    answers = [
        probability(person | {"trabecular_bone_score": at_zero + per_t * t_score + sd * z})
        for z in nodes
    ]
    found = weights @ np.array(answers) / weights.sum()
    assert found == pytest.approx(probability(person), rel=0.02)


def interval_of(answers: dict[str, object]) -> OutcomeEstimate:
    options = EstimateOptions(explain=False)
    found = ENGINE.estimate(read_profile(answers).profile, options)
    return found.outcomes[Outcome.MAJOR_OSTEOPOROTIC]


def width(interval: Interval | None) -> float:
    assert interval is not None
    return interval.upper - interval.lower


def test_a_scan_elsewhere_narrows_what_is_unknown() -> None:
    plain, hip = interval_of(BUT_BONE), interval_of(BUT_BONE | {"total_hip_t_score": -1.5})
    assert width(hip.interval_95_unknown) < 0.8 * width(plain.interval_95_unknown)
    neck = interval_of(COMPLETE)
    assert width(neck.interval_95_unknown) == 0


def test_the_doubt_about_a_published_effect_widens_the_interval() -> None:
    plain = interval_of(COMPLETE)
    low = interval_of(COMPLETE | {"trabecular_bone_score": 1.0})
    relative = [width(one.interval_95) / one.probability_10y for one in (plain, low)]
    assert relative[1] > relative[0]
