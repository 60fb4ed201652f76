"""The interval of somebody of whom every input is known: the same draws, without a person drawn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.exchange.reading import read_profile
from riskapp.risk import uncertainty
from riskapp.risk.doubts import shifts
from riskapp.risk.drawing import draw
from riskapp.risk.estimate import EstimateOptions, Outcome
from riskapp.risk.evidence_sets import evidence_set, listed
from riskapp.risk.helpful import PERCENTILES
from riskapp.risk.missing import Known
from riskapp.risk.populations import population
from riskapp.risk.predicting import inputs_counted
from riskapp.risk.profile import FACTORS
from riskapp.risk.summation import terms_ahead
from riskapp.risk.uncertainty import DRAWS, SEED, spreads

# Equal but for the order of additions.
ROUNDING = 1e-12
PEOPLE = st.fixed_dictionaries(
    {
        "population": st.sampled_from(["gb", "us-white", "us-hispanic", "ee"]),
        "age_years": st.floats(40, 90),
        "sex": st.sampled_from(["female", "male"]),
        "body_mass_index": st.floats(10, 80),
        "femoral_neck_t_score": st.floats(-8, 6),
        **{name: st.booleans() for name in FACTORS},
    },
    optional={
        "prior_fracture_months_ago": st.floats(0, 400),
        "falls_last_year": st.integers(0, 5),
        "type_2_diabetes_years": st.floats(0, 30),
        "lumbar_spine_t_score": st.floats(-5, 3),
        "trabecular_bone_score": st.floats(0.9, 1.7),
    },
)


def known_of(person: dict[str, object], name: str) -> Known:
    if "prior_fracture_months_ago" in person:
        person |= {"prior_fragility_fracture": True}
    options = EstimateOptions(evidence_set=name, explain=False)
    return inputs_counted(read_profile(person).profile, options)


@settings(max_examples=60, deadline=None)
@given(PEOPLE, st.sampled_from(listed()))
def test_it_is_that_of_somebody_drawn(person: dict[str, object], name: str) -> None:
    known, people = known_of(person, name), population(str(person["population"]))
    evidence = evidence_set(name, people.code)
    rng = np.random.default_rng(SEED)
    rows = draw(known, people, evidence.parameters, DRAWS, rng)
    pieces = terms_ahead(known, people, evidence.parameters)
    shocks = uncertainty._shocks(evidence, known.modifiers, rng, DRAWS)
    joint = uncertainty._probabilities(
        uncertainty._log_hazards(known, pieces, rows),
        shifts(shocks, rows, pieces.mean_t, known.modifiers),
    )
    point = {outcome: float(p.mean()) for outcome, p in joint.items()}
    found, helpful = spreads(known, people, evidence, point)
    assert helpful == ()
    for outcome, spread in found.items():
        expected = np.percentile(joint[outcome], PERCENTILES)
        ends = (spread.model.lower, spread.model.upper)
        assert ends == pytest.approx(expected, abs=ROUNDING, rel=0)
        assert spread.joint == spread.model
        assert spread.unknown.lower == spread.unknown.upper == point[outcome]


def test_nobody_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(uncertainty, "draw")
    answers = dict.fromkeys(FACTORS, False) | {"population": "gb", "age_years": 70, "sex": "female"}
    known = known_of(answers | {"body_mass_index": 25, "femoral_neck_t_score": -2.5}, "frax-2008")
    people = population("gb")
    evidence = evidence_set("frax-2008", "gb")
    spreads(known, people, evidence, {Outcome.MAJOR_OSTEOPOROTIC: 0.2, Outcome.HIP: 0.1})


@pytest.mark.parametrize("draws", [40, 200, 2000])
def test_percentiles_are_those_of_numpy(draws: int) -> None:
    few = np.random.default_rng(1).random((2, draws))
    assert (uncertainty._percentiles(few) == np.percentile(few, PERCENTILES, axis=1)).all()
