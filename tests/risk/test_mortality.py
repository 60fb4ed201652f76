"""Death as it competes: the life table's own answer, then what must hold, then one person."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.risk.competing import cumulative_incidence
from riskapp.risk.evidence_sets import evidence_set
from riskapp.risk.hazard_terms import STEP_YEARS
from riskapp.risk.hazards import Factors, hazards
from riskapp.risk.missing import INPUTS, Known, grid
from riskapp.risk.mortality import death_within
from riskapp.risk.populations import population
from riskapp.risk.profile import FACTORS

GB = population("gb")
PARAMETERS = evidence_set("frax-2008", "gb").parameters
UNANSWERED: dict[str, bool | None] = dict.fromkeys(FACTORS)


def someone(**known: object) -> Known:
    blank = {"age_years": 70.0, "sex": "female", "factors": UNANSWERED}
    return Known(**blank | {"bmi_kg_m2": None, "t_score": None} | known)  # type: ignore[arg-type]


def test_without_effects_it_is_the_life_tables() -> None:
    # World Population Prospects 2024, United Kingdom 2000-2005, women: 0.01270931 deaths a year at
    # 65-70, 0.02187755 at 70-75, 0.03844319 at 75-80; from 67.5 to 77.5 years the mean of the
    # interpolated logarithms lies a little below that of the rates.
    plain = {
        name: 0.0 if "death." in name or name.startswith("t_score") else value
        for name, value in PARAMETERS.items()
    }
    expected = 1 - np.exp(-5 * (0.01270931 + 2 * 0.02187755 + 0.03844319) / 2)
    assert death_within(someone(age_years=67.5), GB, plain) == pytest.approx(expected, rel=0.03)


@settings(max_examples=30, deadline=None)
@given(
    st.floats(40, 90),
    st.sampled_from(["female", "male"]),
    st.sampled_from(FACTORS),
    st.one_of(st.none(), st.floats(15, 50)),
)
def test_the_mean_over_an_answer_is_the_answer_without_it(
    age: float, sex: str, factor: str, bmi: float | None
) -> None:
    less = someone(age_years=age, sex=sex, bmi_kg_m2=bmi)
    without = death_within(less, GB, PARAMETERS)
    no, yes = (
        death_within(
            someone(age_years=age, sex=sex, bmi_kg_m2=bmi, factors=UNANSWERED | {factor: answer}),
            GB,
            PARAMETERS,
        )
        for answer in (False, True)
    )
    # Not the prevalence: who is thin smokes more often.
    weights = grid(less, GB, PARAMETERS, full=False).weights
    present = np.take(weights, 1, axis=INPUTS.index(factor)).sum()
    chance = present / weights.sum()
    assert without == pytest.approx((1 - chance) * no + chance * yes, abs=1e-9)


def test_the_death_that_competes_is_the_same() -> None:
    factors = dict.fromkeys(FACTORS, False) | {"current_smoker": True}
    one = someone(bmi_kg_m2=22.0, t_score=-3.0, factors=factors)
    row = Factors(
        age_years=np.array([70.0]),
        female=np.ones(1),
        bmi_kg_m2=np.array([22.0]),
        femoral_neck_t_score=np.array([-3.0]),
        **{name: np.array([float(answer)]) for name, answer in factors.items()},
    )
    found = hazards(row, GB, PARAMETERS)
    alone = 1 - np.exp(-STEP_YEARS * found.death.sum())
    assert death_within(one, GB, PARAMETERS) == pytest.approx(alone, abs=1e-12)
    first = cumulative_incidence(found.death, found.hip, STEP_YEARS)[0, -1]
    assert first < alone
