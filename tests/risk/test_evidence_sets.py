"""Two evidence sets: what is its own, what is borrowed and said to be, and equal totals."""

import math
import shutil
from pathlib import Path

import numpy as np
import pytest

from riskapp.exchange.reading import read_profile
from riskapp.risk import evidence_sets, published
from riskapp.risk.bases import Made, how_made
from riskapp.risk.effects import effects, is_of
from riskapp.risk.estimate import EstimateOptions, Outcome, RiskEstimate
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.evidence_sets import borrowed_fields, evidence_set
from riskapp.risk.hazard_terms import BmiBends, terms
from riskapp.risk.matching import mean_log_hazards, means_at_knots
from riskapp.risk.missing import grid, known_inputs
from riskapp.risk.populations import population
from riskapp.risk.profile import FACTORS
from riskapp.risk.summation import incidence

GB = population("gb")
FRAX, META = (evidence_set(name, "gb") for name in ("frax-2008", "meta-2025"))
WHO = {"population": "gb", "age_years": 72, "sex": "female", "osteoporosis_treatment": "none"}


def estimate(name: str, **answers: object) -> RiskEstimate:
    options = EstimateOptions(evidence_set=name, explain=True, interval=False)
    return EvidenceEngine(name).estimate(read_profile(WHO | answers).profile, options)


def probabilities(name: str, **answers: object) -> np.ndarray:
    found = estimate(name, **answers).outcomes
    return np.array([found[outcome].probability_10y for outcome in Outcome])


def test_both_sets_are_listed_and_answer_for_the_same_populations() -> None:
    assert evidence_sets.listed() == ("frax-2008", "meta-2025")
    assert evidence_sets.answered("frax-2008") == evidence_sets.answered("meta-2025")
    assert how_made("meta-2025", "gb") is Made.FOLLOWING


@pytest.mark.parametrize("code", ["gb", "ee"])
def test_as_many_people_break_bones_in_both(code: str) -> None:
    people = population(code)
    frax, meta = (
        means_at_knots(people, evidence_set(name, code).parameters)
        for name in ("frax-2008", "meta-2025")
    )
    assert frax.keys() == meta.keys()
    for key, along in frax.items():
        assert meta[key] == pytest.approx(along, abs=1e-9)
    # Between the knots the sets differ a little, as effects bend there.
    for age in (55.0, 75.0):
        for sex in people.sexes:
            found, expected = (
                mean_log_hazards(people, evidence_set(name, code).parameters, sex, age)
                for name in ("meta-2025", "frax-2008")
            )
            assert found == pytest.approx(expected, abs=0.14)


def test_what_is_borrowed_is_named_beside_every_number_and_in_its_reason() -> None:
    answer = estimate("meta-2025", current_smoker=True, prior_fragility_fracture=True)
    said = " ".join(answer.warnings)
    assert "borrows from frax-2008" in said
    whole, part = borrowed_fields("meta-2025")
    assert all(field in said for field in (*whole, *part))
    assert set(whole).isdisjoint({"prior_fragility_fracture", "parent_hip_fracture"})
    assert answer.explanation is not None
    sources = {one.field: one.source for one in answer.explanation.contributions}
    assert sources["current_smoker"].startswith("borrowed from frax-2008")
    assert "2023" in sources["prior_fragility_fracture"]
    assert "borrowed" not in sources["prior_fragility_fracture"]


def test_a_set_of_its_own_borrows_nothing() -> None:
    assert borrowed_fields("frax-2008") == ((), ())
    assert not any("borrows" in warning for warning in estimate("frax-2008").warnings)
    assert FRAX.parameters.items() >= effects("frax-2008").items()


def test_every_field_of_both_sets_has_a_source() -> None:
    for one in (FRAX, META):
        assert set(FACTORS) | {"body_mass_index", "femoral_neck_t_score"} <= set(one.sources)


def test_nothing_is_left_of_what_is_replaced() -> None:
    replaced = published.read("evidence/meta-2025")["replaces"]
    own = published.read("evidence/meta-2025")["effects"]
    for name in effects("meta-2025"):
        assert not is_of(name, replaced) or name in own
    assert not is_of("hip.parent_hip_fracture_two", ["hip.parent_hip_fracture"])
    assert is_of("hip.parent_hip_fracture.before", ["hip.parent_hip_fracture"])


def test_the_engine_names_the_set_and_the_version_that_it_borrows_from() -> None:
    answer = estimate("meta-2025")
    assert answer.evidence_set == "meta-2025"
    versions = f"1.{evidence_sets.version('frax-2008')}"
    assert answer.model_id == f"evidence-meta-2025-{versions}-{evidence_sets.fingerprint()}"


@pytest.mark.parametrize(
    ("changed", "another"),
    [
        ("evidence/frax-2008", True),
        ("people/us", True),
        ("populations/gb", True),
        ("modifiers/falls", True),
        ("guidelines/nogg-2024", False),
    ],
)
def test_another_number_gives_another_model_id(
    changed: str, another: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = EvidenceEngine().model_id
    shutil.copytree(published.HERE, tmp_path / "published")
    monkeypatch.setattr(published, "HERE", tmp_path / "published")
    path = tmp_path / "published" / f"{changed}.json"
    path.write_text(path.read_text("utf-8") + " ", "utf-8")
    evidence_sets.fingerprint.cache_clear()
    try:
        assert (EvidenceEngine().model_id != before) is another
    finally:
        evidence_sets.fingerprint.cache_clear()


def test_a_parents_fracture_counts_less_and_low_weight_more_than_in_2008() -> None:
    known = dict.fromkeys(FACTORS, False) | {"femoral_neck_t_score": -2.0, "body_mass_index": 25}
    for factor in ("parent_hip_fracture", "prior_fragility_fracture"):
        ratios = [
            probabilities(name, **known | {factor: True}) / probabilities(name, **known)
            for name in ("meta-2025", "frax-2008")
        ]
        assert (ratios[0] > 1).all()
    thin = known | {"body_mass_index": 17}
    meta, frax = (
        probabilities(name, **thin) / probabilities(name, **known)
        for name in ("meta-2025", "frax-2008")
    )
    assert meta[1] > 1.5 > frax[1]


@pytest.mark.parametrize("sex", ["female", "male"])
def test_beyond_the_last_published_weight_the_hip_hazard_rises_no_further(sex: str) -> None:
    def log_ratio(low: float, high: float) -> float:
        cause = terms(META.parameters, GB, sex, np.asarray(70.0), np.zeros(1)).hip
        at_low, at_high = cause.bmi_term(BmiBends(np.array([low, high])))
        return float(at_high - at_low)

    assert log_ratio(28, 38) > 0.3
    assert abs(log_ratio(55, 80)) < 0.02
    cause = terms(FRAX.parameters, GB, sex, np.asarray(70.0), np.zeros(1)).hip
    assert math.isinf(cause.bmi_level_from)


def test_more_is_known_less_is_averaged_in_the_new_set_too() -> None:
    # The tower property, to the precision that holds for frax-2008.
    person = read_profile(WHO | {"body_mass_index": 22}).profile
    layout = grid(known_inputs(person), GB, META.parameters, full=False)
    weights = layout.weights / layout.weights.sum()
    ten_years = incidence(known_inputs(person), GB, META.parameters, layout)[:, -1]
    smokers = float(np.take(weights, 1, axis=FACTORS.index("current_smoker")).sum())
    means = sum(
        share * probabilities("meta-2025", body_mass_index=22, current_smoker=answer)
        for answer, share in ((True, smokers), (False, 1 - smokers))
    )
    assert means[1] == pytest.approx(float((ten_years[0] * weights).sum()), abs=1e-6)
