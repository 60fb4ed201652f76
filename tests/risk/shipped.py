"""The learned engines that ship, and people to ask them about."""

from dataclasses import replace
from functools import cache

from riskapp import modelstore
from riskapp.risk.estimate import EstimateOptions, Outcome, RiskEstimate
from riskapp.risk.learned import LearnedEngine
from riskapp.risk.profile import RiskProfile, Sex

LEARNED = tuple(modelstore.SHIPPED)


OPTIONS = EstimateOptions()


BARE = EstimateOptions(explain=False, interval=False, verdicts=False)


KNOWN = RiskProfile(
    population="gb",
    age_years=72,
    sex=Sex.FEMALE,
    body_mass_index=23.5,
    prior_fragility_fracture=True,
    parent_hip_fracture=False,
    current_smoker=False,
    glucocorticoids=False,
    rheumatoid_arthritis=False,
    secondary_osteoporosis=False,
    alcohol_3_or_more_units_daily=False,
    femoral_neck_t_score=-2.6,
    lumbar_texture_score=0.947,
    l1_attenuation_hu=101,
    hip_axis_length_mm=104,
)


NOTHING_ELSE = RiskProfile(population="gb", age_years=72, sex=Sex.FEMALE)


WITHOUT_BONE = replace(
    KNOWN,
    femoral_neck_t_score=None,
    lumbar_texture_score=None,
    l1_attenuation_hu=None,
    hip_axis_length_mm=None,
)


@cache
def engine(name: str) -> LearnedEngine:
    found = modelstore.engine_named(name)
    assert isinstance(found, LearnedEngine)
    return found


def major(estimate: RiskEstimate) -> float:
    return estimate.outcomes[Outcome.MAJOR_OSTEOPOROTIC].probability_10y


def hip(estimate: RiskEstimate) -> float:
    return estimate.outcomes[Outcome.HIP].probability_10y
