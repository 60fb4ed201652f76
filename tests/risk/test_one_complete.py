"""One complete person by a compiled loop: the sums of everybody, whatever else is known."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.exchange.reading import read_profile
from riskapp.risk.estimate import EstimateOptions, RiskEstimate
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.evidence_sets import choosable, evidence_set, listed
from riskapp.risk.hazard_terms import Published
from riskapp.risk.missing import grid
from riskapp.risk.one_complete import incidence_of_one, is_complete
from riskapp.risk.populations import population
from riskapp.risk.predicting import inputs_counted
from riskapp.risk.profile import FACTORS
from riskapp.risk.summation import incidence, mean

POINT = EstimateOptions(explain=False, interval=False)
# Equal but for the order of additions.
ROUNDING = 1e-12
PEOPLE = st.fixed_dictionaries(
    {
        "population": st.sampled_from([one.code for one in choosable()]),
        "age_years": st.one_of(st.floats(40, 90), st.sampled_from(range(40, 91, 5))),
        "sex": st.sampled_from(["female", "male"]),
        "body_mass_index": st.floats(10, 80),
        "femoral_neck_t_score": st.floats(-8, 6),
        **{name: st.booleans() for name in FACTORS},
        "secondary_osteoporosis": st.none() | st.booleans(),
    },
    optional={
        "glucocorticoid_dose_mg_daily": st.floats(0, 60),
        "falls_last_year": st.integers(0, 5),
        "type_2_diabetes_years": st.floats(0, 30),
        "lumbar_spine_t_score": st.floats(-5, 3),
        "trabecular_bone_score": st.floats(0.9, 1.7),
    },
)


@settings(max_examples=200, deadline=None)
@given(PEOPLE, st.none() | st.floats(0, 400), st.sampled_from(listed()), st.booleans())
def test_it_is_the_sum_over_a_single_combination(
    person: dict[str, object], months: float | None, name: str, unknown_as_no: bool
) -> None:
    people = population(str(person["population"]))
    if person["sex"] not in people.sexes:
        person["sex"] = people.sexes[0]
    if months is not None:
        person |= {"prior_fragility_fracture": True, "prior_fracture_months_ago": months}
    options = replace(POINT, evidence_set=name, unknown_as_no=unknown_as_no)
    known = inputs_counted(read_profile(person).profile, options)
    assert is_complete(known)
    parameters = evidence_set(name, people.code).parameters
    layout = grid(known, people, parameters, full=False)
    expected = mean(incidence(known, people, parameters, layout), layout)
    found = incidence_of_one(known, Published(people, parameters))
    assert found == pytest.approx(expected, abs=ROUNDING, rel=0)


def test_with_and_without_an_interval_the_number_is_the_same() -> None:
    person = {"population": "gb", "age_years": 70, "sex": "female", "body_mass_index": 25}
    person |= dict.fromkeys(FACTORS, False) | {"femoral_neck_t_score": -2.5, "falls_last_year": 2}
    profile = read_profile(person).profile
    engine = EvidenceEngine()
    bare, (among_many,), bounded = (
        engine.estimate(profile, POINT),
        engine.estimate_many([profile], POINT),
        engine.estimate(profile, replace(POINT, interval=True)),
    )
    assert isinstance(among_many, RiskEstimate)
    assert bare == among_many
    for outcome, one in bounded.outcomes.items():
        assert bare.outcomes[outcome].probability_10y == pytest.approx(
            one.probability_10y, abs=ROUNDING, rel=0
        )
    assert bare.guidelines == tuple(replace(one, within_interval=()) for one in bounded.guidelines)
