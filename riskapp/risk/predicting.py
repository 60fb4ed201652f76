"""From what is known about a person to an estimate: the one function that chains the rest."""

from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from riskapp.risk.bone_density import Site
from riskapp.risk.estimate import (
    HORIZONS_YEARS,
    EstimateOptions,
    HelpfulInput,
    Outcome,
    OutcomeEstimate,
    RiskEstimate,
)
from riskapp.risk.evidence_sets import EvidenceSet
from riskapp.risk.explanation import explain
from riskapp.risk.hazard_terms import FACTORS
from riskapp.risk.limits import DXA_CURRENT_FOR_YEARS
from riskapp.risk.missing import BMI, Known, grid, known_inputs
from riskapp.risk.populations import Population
from riskapp.risk.profile import FIELD_NAMES, RiskProfile, Treatment
from riskapp.risk.summation import incidence, mean
from riskapp.risk.uncertainty import Spread, spreads

# What an evidence set of 2008 answers from; guidelines use the last one.
USED = (
    "population",
    "age_years",
    "sex",
    "weight_kg",
    "height_cm",
    BMI,
    *FACTORS,
    "femoral_neck_bmd_g_cm2",
    "femoral_neck_t_score",
    "dxa_date",
    "osteoporosis_treatment",
    "postmenopausal",
)
DAYS_PER_YEAR = 365.25


def estimate(
    profile: RiskProfile,
    options: EstimateOptions,
    people: Population,
    evidence: EvidenceSet,
    model_id: str,
) -> RiskEstimate:
    """Answer about one person: p = E[p(all inputs) | what is known], interval and reasons."""
    known = known_inputs(profile, unknown_as_no=options.unknown_as_no)
    layout = grid(known, people, evidence.parameters, full=False)
    curves = mean(incidence(known, people, evidence.parameters, layout), layout)
    by_outcome = {Outcome.MAJOR_OSTEOPOROTIC: curves[1], Outcome.HIP: curves[0]}
    point = {outcome: float(curve[-1]) for outcome, curve in by_outcome.items()}
    found: dict[Outcome, Spread] = {}
    helpful: tuple[HelpfulInput, ...] = ()
    if options.interval:
        found, helpful = spreads(known, people, evidence, point)
    return RiskEstimate(
        engine="evidence",
        model_id=model_id,
        evidence_set=evidence.name,
        population=people.code,
        trained_on="published",
        outcomes={
            outcome: _outcome(curve, found.get(outcome)) for outcome, curve in by_outcome.items()
        },
        explanation=explain(known, people, evidence) if options.explain else None,
        unknown=known_inputs(profile).unknown,
        warnings=_warnings(profile, options, known, evidence),
        would_help_most=helpful,
    )


def _outcome(curve: npt.NDArray[np.float64], spread: Spread | None) -> OutcomeEstimate:
    return OutcomeEstimate(
        probability_10y=float(curve[-1]),
        curve=tuple((year, float(p)) for year, p in zip(HORIZONS_YEARS, curve, strict=True)),
        interval_95=None if spread is None else spread.joint,
        interval_95_model=None if spread is None else spread.model,
        interval_95_unknown=None if spread is None else spread.unknown,
    )


def _warnings(
    profile: RiskProfile, options: EstimateOptions, known: Known, evidence: EvidenceSet
) -> tuple[str, ...]:
    found = []
    unused = _unused(profile)
    if unused:
        found.append(f"Given but not used by evidence set {evidence.name}: {', '.join(unused)}.")
    treatment = profile.osteoporosis_treatment
    if treatment not in (None, Treatment.NONE):
        found.append(
            "On osteoporosis treatment: the estimate is for people who take none, and does not "
            "show what the treatment does."
        )
    found += _dxa_age(profile)
    if options.unknown_as_no:
        found += _taken_as_no(profile, known)
    return (*found, *_half_answers(profile))


def _unused(profile: RiskProfile) -> list[str]:
    used = set(USED)
    if profile.femoral_neck_bmd_g_cm2 is not None:
        used.add("dxa_manufacturer")
    if profile.osteoporosis_treatment not in (None, Treatment.NONE):
        used.add("osteoporosis_treatment_years")  # its own warning says so
    return [name for name in FIELD_NAMES if name not in used and getattr(profile, name) is not None]


def _dxa_age(profile: RiskProfile) -> list[str]:
    if profile.dxa_date is None or profile.t_score(Site.FEMORAL_NECK) is None:
        return []
    years = (datetime.now(UTC).date() - profile.dxa_date).days / DAYS_PER_YEAR
    if years < 0:
        return ["The date of the DXA lies in the future."]
    if years > DXA_CURRENT_FOR_YEARS:
        return [
            f"The DXA is {years:.0f} years old; bone density may have changed since "
            f"(more than {DXA_CURRENT_FOR_YEARS:g} years)."
        ]
    return []


def _taken_as_no(profile: RiskProfile, known: Known) -> list[str]:
    found = []
    blank = [name for name in FACTORS if getattr(profile, name) is None]
    if blank:
        found.append(f"Not known and taken as no: {', '.join(blank)}.")
    if known.bmi_kg_m2 is None:
        found.append("Body mass index is not known; averaged over people of the same age and sex.")
    return found


def _half_answers(profile: RiskProfile) -> list[str]:
    found = []
    if (profile.weight_kg is None) != (profile.height_cm is None) and profile.bmi_kg_m2 is None:
        found.append("Weight or height alone gives no body mass index and is not used.")
    described = profile.number_of_prior_fractures or profile.prior_fracture_site is not None
    if described and not profile.prior_fragility_fracture:
        found.append(
            "A prior fracture is described, but prior_fragility_fracture is not answered yes; "
            "it does not count."
        )
    if profile.glucocorticoid_dose_mg_daily and not profile.glucocorticoids:
        found.append(
            "A glucocorticoid dose is given, but glucocorticoids is not answered yes; "
            "it does not count."
        )
    return found
