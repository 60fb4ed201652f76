"""How sure the number is: doubt about the published effects, and about what is not known."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from riskapp.risk.averages import average
from riskapp.risk.bone_measurements import FRACTURES
from riskapp.risk.drawing import draw
from riskapp.risk.estimate import HelpfulInput, Interval, Outcome
from riskapp.risk.evidence_sets import EvidenceSet
from riskapp.risk.hazard_terms import (
    BMI_ABOVE_FROM_KG_M2,
    REFERENCE_BMI_KG_M2,
    STEP_MIDDLES_YEARS,
    STEP_YEARS,
    STEPS,
    CauseTerms,
    Terms,
    log_hazard,
)
from riskapp.risk.helpful import PERCENTILES, Decide, Decisions, would_help
from riskapp.risk.missing import Known
from riskapp.risk.modifiers import ARTHRITIS, Modifiers
from riskapp.risk.populations import Population
from riskapp.risk.profile import FACTORS
from riskapp.risk.summation import terms_ahead

Array = npt.NDArray[np.float64]

SEED = 20080301  # the month in which the calibration's tables were printed; any other would do
DRAWS = 2000
# The doubt about a mean over unknown inputs: draws of the effects, each over the same people.
EFFECT_DRAWS, PEOPLE_PER_DRAW = 200, 40
CAUSES = (*FRACTURES, "death")
# Tables of draws, of half a megabyte each: inputs that are not known, and further answers that are.
NORMALS_KEPT = 16


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
    leanings: Mapping[str, Array] = MappingProxyType({}),
) -> tuple[dict[Outcome, Spread], tuple[HelpfulInput, ...]]:
    """Intervals of both outcomes, and what knowing one input more would do.

    Effects are drawn log-normally (``doubts``), one draw for an effect at all ages; unknown
    inputs from their distribution given what is known. The seed is fixed. An interval that
    would leave out the point, as a skewed mean can, is stretched to it, and the joint interval
    to both of its parts: that doubts together are less than one of them can only be chance in
    the draws.

    Parameters
    ----------
    leanings : mapping of factor to ndarray, shape (outcomes,)
        How much the mean (hip, major) moves with the log-odds of each unknown factor. Doubt
        about how common factors are is a doubt about the mean, so it widens the model's part.
    """
    rng = np.random.default_rng(SEED)
    rows = draw(known, people, evidence.parameters, DRAWS, rng)
    # What is the same in every draw is calculated with once.
    own = {name: values if np.ptp(values) else values[:1] for name, values in rows.items()}
    pieces = terms_ahead(known, people, evidence.parameters)
    logs = _log_hazards(known, pieces, own)
    shocks = _shocks(evidence, known.modifiers, rng, DRAWS)
    joint = _probabilities(logs, _shifts(shocks, own, pieces.mean_t, known.modifiers))
    if known.unknown:
        alone = {
            outcome: np.broadcast_to(p, DRAWS)
            for outcome, p in _probabilities(logs, [np.zeros(())] * 3).items()
        }
        few = {name: values[:PEOPLE_PER_DRAW] for name, values in own.items()}
        crossed = {name: values[:EFFECT_DRAWS, None] for name, values in shocks.items()}
        doubted = _probabilities(
            [values[:PEOPLE_PER_DRAW] for values in logs],
            _shifts(crossed, few, pieces.mean_t, known.modifiers),
        )
        undoubted = {outcome: p[:PEOPLE_PER_DRAW].mean() for outcome, p in alone.items()}
        # The mean over a few people, corrected by what it misses without doubt.
        common = _prevalence_shocks(known, people, leanings, rng)
        model = {
            outcome: p.mean(axis=-1)
            * np.exp(common[int(outcome is Outcome.MAJOR_OSTEOPOROTIC)] / point[outcome])
            * point[outcome]
            / undoubted[outcome]
            for outcome, p in doubted.items()
        }
        # Each is corrected on its own, but a hip fracture is a major one in every draw.
        model[Outcome.HIP] = np.minimum(model[Outcome.HIP], model[Outcome.MAJOR_OSTEOPOROTIC])
    else:
        alone = {outcome: np.full(1, p) for outcome, p in point.items()}
        model = joint
    by_model, by_unknown = _intervals(model, point), _intervals(alone, point)
    by_both = by_model if model is joint else _intervals(joint, point)
    found = {
        one: Spread(
            _holding(by_both[one], by_model[one], by_unknown[one]), by_model[one], by_unknown[one]
        )
        for one in point
    }
    decisions = None
    if decide is not None:
        usual = average(evidence.name, people.code, known.sex, known.age_years)
        decisions = Decisions(decide, alone, point, usual.hip_share)
    return found, would_help(known, rows, joint[Outcome.MAJOR_OSTEOPOROTIC], decisions)


def _intervals(
    draws: Mapping[Outcome, Array], point: Mapping[Outcome, float]
) -> dict[Outcome, Interval]:
    ends = np.percentile(np.stack([draws[one] for one in point]), PERCENTILES, axis=1)
    return {
        one: Interval(float(min(max(lower, 0), p)), float(max(min(upper, 1), p)))
        for (one, p), lower, upper in zip(point.items(), *ends, strict=True)
    }


def _holding(joint: Interval, *parts: Interval) -> Interval:
    return Interval(
        min(one.lower for one in (joint, *parts)), max(one.upper for one in (joint, *parts))
    )


def _log_hazards(known: Known, pieces: Terms, rows: dict[str, Array]) -> list[Array]:
    """Log-hazards of ``CAUSES``, each shape (draws, steps)."""
    factors = {name: rows[name][:, None] for name in FACTORS}
    t_score, bmi = rows["femoral_neck_t_score"][:, None], rows["bmi_kg_m2"][:, None]
    found = []
    for name in CAUSES:
        cause: CauseTerms = getattr(pieces, name)
        total = log_hazard(cause, pieces.mean_t, t_score, bmi, factors)
        total += known.modifiers.everywhere(name, t_score)
        for factor in (*known.modifiers.details, ARTHRITIS):
            effect = cause.factors.get(factor, np.zeros_like(cause.base))
            total += known.modifiers.beside_factor(
                name, factor, rows[factor], rows[factor], effect, STEP_MIDDLES_YEARS
            )
        found.append(total)
    return found


def _shocks(
    evidence: EvidenceSet, modifiers: Modifiers, rng: np.random.Generator, n: int
) -> dict[str, Array]:
    doubts = dict(evidence.doubts)
    doubts |= {f"modifier.{name}": detail.sd for name, detail in modifiers.details.items()}
    if modifiers.falls:
        doubts["modifier.falls"] = modifiers.falls.sd * modifiers.falls.per_doubt
    if modifiers.bone:
        for cause, lines in modifiers.bone.doubts.items():
            doubts |= {f"modifier.bone.{cause}.{i}": 1.0 for i in range(len(lines))}
    drawn = _standard_normals(rng, len(doubts), n)
    return {name: sd * one for (name, sd), one in zip(doubts.items(), drawn, strict=True)}


def _standard_normals(rng: np.random.Generator, rows: int, n: int) -> Array:
    """The draws that are next, shape (rows, n), made once for all who are as far.

    The seed is fixed: where they begin depends on nothing but which inputs are not known.
    """
    state = dict(rng.bit_generator.state)
    drawn, after = _drawn_from(state["state"]["state"], state["state"]["inc"], rows, n)
    rng.bit_generator.state = state | {"state": after}
    return drawn


@lru_cache(maxsize=NORMALS_KEPT)
def _drawn_from(state: int, inc: int, rows: int, n: int) -> tuple[Array, dict[str, int]]:
    """Standard normal draws from a state of PCG64, and the state after them."""
    rng = np.random.Generator(np.random.PCG64())
    rng.bit_generator.state = {
        "bit_generator": "PCG64",
        "state": {"state": state, "inc": inc},
        "has_uint32": 0,
        "uinteger": 0,
    }
    drawn = rng.standard_normal((rows, n))
    drawn.setflags(write=False)
    return drawn, rng.bit_generator.state["state"]


def _prevalence_shocks(
    known: Known, people: Population, leanings: Mapping[str, Array], rng: np.random.Generator
) -> Array:
    """What doubt about how common unknown factors are adds to the mean, (outcomes, draws)."""
    found = np.zeros((2, EFFECT_DRAWS))
    for factor, leaning in leanings.items():
        sd = people.people.log_odds_sd(factor, known.sex, known.age_years)
        found += np.multiply.outer(leaning, sd * rng.standard_normal(EFFECT_DRAWS))
    return found


def _shifts(
    shocks: dict[str, Array], rows: dict[str, Array], mean_t: Array, modifiers: Modifiers
) -> list[Array]:
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
    if modifiers.diabetes:  # it counts as rheumatoid arthritis does, and its doubt with it
        beside = modifiers.diabetes.present - modifiers.diabetes.share
        amounts[ARTHRITIS] = rows[ARTHRITIS] + beside * (1 - rows[ARTHRITIS])
    found = []
    for cause in CAUSES:
        total = shocks[f"base.{cause}"]
        above = {"bmi_above": np.maximum(bmi - BMI_ABOVE_FROM_KG_M2[cause], 0)}
        for name, amount in (amounts | above).items():
            if f"{cause}.{name}" in shocks:
                total = total + shocks[f"{cause}.{name}"] * amount
        if cause in FRACTURES:
            total = total + _modifier_shifts(shocks, rows, modifiers, cause)
        found.append(total)
    return found


def _modifier_shifts(
    shocks: dict[str, Array], rows: dict[str, Array], modifiers: Modifiers, cause: str
) -> Array:
    total = np.zeros(())
    for factor in modifiers.details:
        total = total + shocks[f"modifier.{factor}"] * rows[factor]
    if modifiers.falls:
        total = total + shocks["modifier.falls"]
    if modifiers.bone:
        for i, line in enumerate(modifiers.bone.doubts[cause]):
            at = line.at(rows["femoral_neck_t_score"])
            total = total + shocks[f"modifier.bone.{cause}.{i}"] * at
    return total


def _probabilities(logs: list[Array], shifts: list[Array]) -> dict[Outcome, Array]:
    """Within ten years, shape (..., draws), from ``logs`` (draws, steps) and ``shifts``."""
    from riskapp.risk.compiled_sums import beside, fractures_beside

    shape = np.broadcast_shapes(*(one.shape for one in shifts), (max(map(len, logs)),))
    moved = np.stack([np.broadcast_to(np.exp(one), shape).ravel() for one in shifts])
    steps, m = STEPS, max(map(len, logs))
    hazards = np.empty((len(logs), steps, m))
    for log, hazard in zip(logs, hazards, strict=True):
        hazard[...] = -STEP_YEARS * np.exp(log.T)
    # Each draw stands beside its own person; where all are alike there is one.
    draws = np.arange(moved.shape[1])
    columns = beside(moved, hazards, draws * m + draws % m)
    ones = np.ones((len(logs), 1, steps))
    by_hip, by_either = fractures_beside(ones, columns, draws, len(draws))[:, 0, 0]
    return {
        Outcome.MAJOR_OSTEOPOROTIC: by_either.reshape(shape),
        Outcome.HIP: by_hip.reshape(shape),
    }
