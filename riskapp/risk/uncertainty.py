"""How sure the number is: doubt about the published effects, and about what is not known."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from riskapp.risk.averages import average
from riskapp.risk.bone_measurements import FRACTURES
from riskapp.risk.doubts import CAUSES, doubts_of, shifts, shifts_of_one
from riskapp.risk.drawing import draw
from riskapp.risk.estimate import HelpfulInput, Interval, Outcome
from riskapp.risk.evidence_sets import EvidenceSet
from riskapp.risk.hazard_terms import (
    STEP_MIDDLES_YEARS,
    STEP_YEARS,
    BmiBends,
    CauseTerms,
    Published,
    Terms,
    below_bend,
    log_hazards_by_step,
)
from riskapp.risk.helpful import Decide, Decisions, percentiles, would_help
from riskapp.risk.missing import Known
from riskapp.risk.modifiers import Modifiers
from riskapp.risk.one_complete import hazards_of_one
from riskapp.risk.populations import Population
from riskapp.risk.summation import terms_ahead

Array = npt.NDArray[np.float64]

SEED = 20080301  # the month in which the calibration's tables were printed; any other would do
DRAWS = 2000
# The doubt about a mean over unknown inputs: draws of the effects, each over the same people.
EFFECT_DRAWS, PEOPLE_PER_DRAW = 200, 40
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
    if not known.unknown:
        return _spreads_of_one(known, people, evidence, point), ()
    rng = np.random.default_rng(SEED)
    rows = draw(known, people, evidence.parameters, DRAWS, rng)
    # What is the same in every draw is calculated with once.
    own = {name: values if np.ptp(values) else values[:1] for name, values in rows.items()}
    pieces = terms_ahead(known, people, evidence.parameters)
    logs = _log_hazards(known, pieces, own)
    shocks = _shocks(evidence, known.modifiers, rng, DRAWS)
    joint = _probabilities(logs, shifts(shocks, own, pieces.mean_t, known.modifiers))
    alone = {
        outcome: np.broadcast_to(p, DRAWS)
        for outcome, p in _probabilities(logs, [np.zeros(())] * 3).items()
    }
    few = {name: values[:PEOPLE_PER_DRAW] for name, values in own.items()}
    crossed = {name: values[:EFFECT_DRAWS, None] for name, values in shocks.items()}
    doubted = _probabilities(
        logs[..., :PEOPLE_PER_DRAW],
        shifts(crossed, few, pieces.mean_t, known.modifiers),
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
    by_model, by_unknown = _intervals(model, point), _intervals(alone, point)
    by_both = _intervals(joint, point)
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


def _spreads_of_one(
    known: Known, people: Population, evidence: EvidenceSet, point: Mapping[Outcome, float]
) -> dict[Outcome, Spread]:
    """The same where every input is known: all doubt is about the effects."""
    doubts = doubts_of(evidence, known.modifiers)
    drawn, _ = _drawn_from(*_after_choosing(), len(doubts), DRAWS)
    by = Published(people, evidence.parameters)
    moved = np.exp(shifts_of_one(known, evidence.parameters, doubts, drawn))
    joint = _within_ten_years(moved, -hazards_of_one(known, by)[:, :, None])
    by_model = _intervals(joint, point)
    return {one: Spread(by_model[one], by_model[one], Interval(p, p)) for one, p in point.items()}


@cache
def _after_choosing() -> tuple[int, int]:
    """Where draws of effects begin: ``draw`` takes one number for each draw of a person."""
    rng = np.random.default_rng(SEED)
    rng.random(DRAWS)
    state = rng.bit_generator.state["state"]
    return state["state"], state["inc"]


def _intervals(
    draws: Mapping[Outcome, Array], point: Mapping[Outcome, float]
) -> dict[Outcome, Interval]:
    ends = _percentiles(np.stack([draws[one] for one in point]))
    return {
        one: Interval(float(min(max(lower, 0), p)), float(max(min(upper, 1), p)))
        for (one, p), lower, upper in zip(point.items(), *ends, strict=True)
    }


def _percentiles(draws: Array) -> Array:
    return percentiles(np.sort(draws))


def _holding(joint: Interval, *parts: Interval) -> Interval:
    return Interval(
        min(one.lower for one in (joint, *parts)), max(one.upper for one in (joint, *parts))
    )


def _log_hazards(known: Known, pieces: Terms, rows: dict[str, Array]) -> Array:
    """Log-hazards of ``CAUSES``, shape (3, steps, draws)."""
    t_score, bmi = rows["femoral_neck_t_score"], rows["bmi_kg_m2"]
    bent, bends = below_bend(t_score), BmiBends(bmi)
    found = []
    for name in CAUSES:
        cause: CauseTerms = getattr(pieces, name)
        total = log_hazards_by_step(cause, pieces.mean_t, t_score, bent, bends, rows)
        if name in FRACTURES:
            total = total + known.modifiers.everywhere(name, t_score)
            for factor in known.modifiers.moved:
                effect = cause.factors.get(factor, np.zeros_like(cause.base))
                beside = known.modifiers.beside_factor(
                    name, factor, rows[factor], rows[factor], effect, STEP_MIDDLES_YEARS
                )
                total = total + beside.T
        found.append(total)
    return np.stack(np.broadcast_arrays(*found))


def _shocks(
    evidence: EvidenceSet, modifiers: Modifiers, rng: np.random.Generator, n: int
) -> dict[str, Array]:
    doubts = doubts_of(evidence, modifiers)
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


def _probabilities(logs: Array, moves: list[Array]) -> dict[Outcome, Array]:
    """Within ten years, shape (..., draws), from ``logs`` (3, steps, draws) and ``moves``."""
    shape = np.broadcast_shapes(*(one.shape for one in moves), (logs.shape[-1],))
    moved = np.stack([np.broadcast_to(np.exp(one), shape).ravel() for one in moves])
    hazards = np.exp(logs)
    hazards *= -STEP_YEARS
    found = _within_ten_years(moved, hazards)
    return {outcome: p.reshape(shape) for outcome, p in found.items()}


def _within_ten_years(moved: Array, hazards: Array) -> dict[Outcome, Array]:
    """Probabilities, shape (draws,), from (causes, draws) and minus hazards (causes, steps, m)."""
    from riskapp.risk.compiled_draws import fractures_of_each

    by_hip, by_either = fractures_of_each(moved, hazards)
    return {Outcome.MAJOR_OSTEOPOROTIC: by_either, Outcome.HIP: by_hip}
