"""Made-up people for the tests of guidelines."""

from typing import Any

from hypothesis import strategies as st

from riskapp.risk.guideline_data import guideline
from riskapp.risk.guidelines import facts_of, judge
from riskapp.risk.profile import FractureSite, RiskProfile, Sex, Treatment
from riskapp.risk.verdict import Verdict

T = "femoral_neck_t_score"
NO_FRACTURE = {"prior_fragility_fracture": False, "glucocorticoids": False}
THREE_SITES = {T: -0.5, "total_hip_t_score": -0.5, "lumbar_spine_t_score": -0.5}
STEP = 0.0001


def says(code: str, major: float = 0.01, hip: float = 0.001, **answers: Any) -> Verdict:
    """The verdict of one guideline; probabilities in percent divided by 100, a woman of 72."""
    who = {"population": "gb", "age_years": 72, "sex": Sex.FEMALE} | answers
    return judge(guideline(code), facts_of(RiskProfile(**who), major, hip))


def around(code: str, outcome: str, percent: float, **answers: Any) -> list[str | None]:
    """Categories just below a threshold and at it."""
    return [says(code, **{outcome: percent / 100 - step}, **answers).category for step in (STEP, 0)]


BONE = st.none() | st.sampled_from([-4.0, -3.2, -2.5, -2.0, -1.0, 0.0])
MAYBE = st.none() | st.booleans()
PROFILES = st.fixed_dictionaries(
    {
        "population": st.just("gb"),
        "age_years": st.sampled_from([42, 49, 50, 55, 60, 64, 65, 70, 75, 82]),
        "sex": st.sampled_from(list(Sex)),
        "postmenopausal": MAYBE,
        "prior_fragility_fracture": MAYBE,
        "number_of_prior_fractures": st.none() | st.integers(0, 3),
        "prior_fracture_site": st.none() | st.sampled_from(list(FractureSite)),
        "prior_fracture_months_ago": st.none() | st.sampled_from([3.0, 11.0, 18.0, 60.0]),
        "glucocorticoids": MAYBE,
        "glucocorticoid_dose_mg_daily": st.none() | st.sampled_from([5.0, 10.0]),
        "glucocorticoid_duration_months": st.none() | st.sampled_from([2.0, 6.0]),
        "parent_hip_fracture": MAYBE,
        "current_smoker": MAYBE,
        "rheumatoid_arthritis": MAYBE,
        "secondary_osteoporosis": MAYBE,
        "alcohol_3_or_more_units_daily": MAYBE,
        "falls_last_year": st.none() | st.integers(0, 3),
        "body_mass_index": st.none() | st.sampled_from([17.0, 25.0]),
        "osteoporosis_treatment": st.none() | st.sampled_from(list(Treatment)),
        **dict.fromkeys(THREE_SITES, BONE),
    }
)
