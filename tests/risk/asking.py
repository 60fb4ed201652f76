"""People to ask the evidence engine about, and asking it."""

from hypothesis import strategies as st

from riskapp.exchange.reading import read_profile
from riskapp.risk.estimate import EstimateOptions, RiskEstimate
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.profile import FACTORS

ENGINE = EvidenceEngine()
WHO = {"population": "gb", "age_years": 70, "sex": "female"}
COMPLETE = (
    WHO
    | dict.fromkeys(FACTORS, False)
    | {
        "weight_kg": 64,
        "height_cm": 160,
        "femoral_neck_t_score": -2.5,
    }
)


def estimate(answers: dict[str, object], **options: bool) -> RiskEstimate:
    return ENGINE.estimate(read_profile(answers).profile, EstimateOptions(**options))


PEOPLE = st.fixed_dictionaries(
    {
        "population": st.just("gb"),
        "age_years": st.floats(40, 90),
        "sex": st.sampled_from(["female", "male"]),
    },
    optional={
        "body_mass_index": st.floats(10, 80),
        "femoral_neck_t_score": st.floats(-8, 6),
        **{name: st.booleans() for name in FACTORS},
    },
)
