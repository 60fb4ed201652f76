"""How sure the number is: doubt about the published effects, and about what is not known."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskapp.risk.competing import cumulative_incidence
from riskapp.risk.estimate import HelpfulInput, Interval, Outcome
from riskapp.risk.evidence_sets import EvidenceSet
from riskapp.risk.hazard_terms import (
    BMI_ABOVE_FROM_KG_M2,
    REFERENCE_BMI_KG_M2,
    STEP_MIDDLES_YEARS,
    STEP_YEARS,
    Parameters,
    log_hazard,
    terms,
)
from riskapp.risk.helpful import PERCENTILES, Decide, Decisions, would_help
from riskapp.risk.missing import Known, draw
from riskapp.risk.populations import Population
from riskapp.risk.profile import FACTORS

Array = npt.NDArray[np.float64]

SEED = 20080301  # the month in which the calibration's tables were printed; any other would do
DRAWS = 2000
# The doubt about a mean over unknown inputs: draws of the effects, each over the same people.
EFFECT_DRAWS, PEOPLE_PER_DRAW = 200, 40
CAUSES = ("hip", "other", "death")


@dataclass(frozen=True, slots=True)
class Spread:
    """Intervals of one outcome."""

    joint: Interval
    model: Interval
    unknown: Interval


def spreads(
    known: Known,
    people: Population,
    evidence: EvidenceSet,
    point: dict[Outcome, float],
    decide: Decide | None = None,
) -> tuple[dict[Outcome, Spread], tuple[HelpfulInput, ...]]:
    """Intervals of both outcomes, and what knowing one input more would do.

    Effects are drawn log-normally (``doubts``), one draw for an effect at all ages; unknown
    inputs from their distribution given what is known. The seed is fixed. An interval that
    would leave out the point, as a skewed mean can, is stretched to it.
    """
    rng = np.random.default_rng(SEED)
    rows = draw(known, people, evidence.parameters, DRAWS, rng)
    logs = _log_hazards(known, people, evidence.parameters, rows)
    shocks = _shocks(evidence, rng, DRAWS)
    mean_t = _mean_t(known, people, evidence.parameters)
    joint = _probabilities(logs, _shifts(shocks, rows, mean_t))
    if known.unknown:
        alone = _probabilities(logs, [np.zeros(())] * 3)
        few = {name: values[:PEOPLE_PER_DRAW] for name, values in rows.items()}
        crossed = {name: values[:EFFECT_DRAWS, None] for name, values in shocks.items()}
        doubted = _probabilities(
            [values[:PEOPLE_PER_DRAW] for values in logs], _shifts(crossed, few, mean_t)
        )
        undoubted = {outcome: p[:PEOPLE_PER_DRAW].mean() for outcome, p in alone.items()}
        # The mean over a few people, corrected by what it misses without doubt.
        model = {
            outcome: p.mean(axis=-1) * point[outcome] / undoubted[outcome]
            for outcome, p in doubted.items()
        }
    else:
        alone = {outcome: np.full(1, p) for outcome, p in point.items()}
        model = joint
    found = {
        outcome: Spread(
            joint=_interval(joint[outcome], point[outcome]),
            model=_interval(model[outcome], point[outcome]),
            unknown=_interval(alone[outcome], point[outcome]),
        )
        for outcome in point
    }
    decisions = None if decide is None else Decisions(decide, alone, point)
    return found, would_help(known, rows, joint[Outcome.MAJOR_OSTEOPOROTIC], decisions)


def _interval(draws: Array, point: float) -> Interval:
    lower, upper = np.percentile(draws, PERCENTILES)
    return Interval(float(min(max(lower, 0), point)), float(max(min(upper, 1), point)))


def _mean_t(known: Known, people: Population, parameters: Parameters) -> Array:
    return terms(
        parameters, people, known.sex, np.asarray(known.age_years), STEP_MIDDLES_YEARS
    ).mean_t


def _log_hazards(
    known: Known, people: Population, parameters: Parameters, rows: dict[str, Array]
) -> list[Array]:
    """Log-hazards of ``CAUSES``, each shape (draws, steps)."""
    pieces = terms(parameters, people, known.sex, np.asarray(known.age_years), STEP_MIDDLES_YEARS)
    factors = {name: rows[name][:, None] for name in FACTORS}
    t_score, bmi = rows["femoral_neck_t_score"][:, None], rows["bmi_kg_m2"][:, None]
    return [
        log_hazard(cause, pieces.mean_t, t_score, bmi, factors)
        for cause in (pieces.hip, pieces.other, pieces.death)
    ]


def _shocks(evidence: EvidenceSet, rng: np.random.Generator, n: int) -> dict[str, Array]:
    return {name: sd * rng.standard_normal(n) for name, sd in evidence.doubts.items()}


def _shifts(shocks: dict[str, Array], rows: dict[str, Array], mean_t: Array) -> list[Array]:
    """What the drawn doubts add to the log-hazard of each cause.

    The same at all ages of one draw. A doubtful gradient turns about the mean T-score of the
    age and sex: there the base is known best. A doubt about body mass index acts where the
    effect itself does.
    """
    bmi = rows["bmi_kg_m2"]
    amounts = {
        "t_score": mean_t - rows["femoral_neck_t_score"],
        "bmi_below_25": np.maximum(REFERENCE_BMI_KG_M2 - bmi, 0),
        **{name: rows[name] for name in FACTORS},
    }
    found = []
    for cause in CAUSES:
        total = shocks[f"base.{cause}"]
        above = {"bmi_above": np.maximum(bmi - BMI_ABOVE_FROM_KG_M2[cause], 0)}
        for name, amount in (amounts | above).items():
            if f"{cause}.{name}" in shocks:
                total = total + shocks[f"{cause}.{name}"] * amount
        found.append(total)
    return found


def _probabilities(logs: list[Array], shifts: list[Array]) -> dict[Outcome, Array]:
    hip, other, death = (
        np.exp(log) * np.exp(shift)[..., None] for log, shift in zip(logs, shifts, strict=True)
    )
    return {
        Outcome.MAJOR_OSTEOPOROTIC: cumulative_incidence(hip + other, death, STEP_YEARS)[..., -1],
        Outcome.HIP: cumulative_incidence(hip, death, STEP_YEARS)[..., -1],
    }
