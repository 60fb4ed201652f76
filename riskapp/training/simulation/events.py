"""What befalls simulated people, each event by itself, and until when they were watched."""

from dataclasses import dataclass

import numpy as np

from riskapp.risk.design_row import Floats
from riskapp.risk.hazard_terms import STEP_YEARS
from riskapp.risk.hazards import Hazards
from riskapp.training.simulation.assumptions import assumed
from riskapp.training.simulation.options import HORIZON_YEARS, Options

DAYS_PER_YEAR = 365.25
# Mean over adults of 40 to 90 of the hazard of hip fracture; only a unit for ``informative``.
USUAL_HIP_HAZARD = 0.003


@dataclass(frozen=True, slots=True)
class Watched:
    """One outcome: whether it was seen, and the years until it or until nobody looked."""

    event: np.ndarray[tuple[int], np.dtype[np.bool_]]
    years: Floats


def befall(truth: Hazards, options: Options, rng: np.random.Generator) -> dict[str, Watched]:
    """Draw hip, major, any fracture and death; a fracture ends no other wait, death ends all."""
    hip = first_event(truth.hip, rng)
    other = first_event(truth.other_major_osteoporotic, rng)
    beyond = first_event(assumed("beyond_major") * truth.other_major_osteoporotic, rng)
    death = first_event(truth.death, rng)
    leaves = _leaves(truth, options, rng)
    seen_until = np.minimum(death, leaves)
    major = np.minimum(hip, other)
    found = {}
    for name, time in (
        ("hip", hip),
        ("major", major),
        ("any", np.minimum(major, beyond)),
        ("death", death),
    ):
        until = leaves if name == "death" else seen_until
        found[name] = Watched(time < until, whole_days(np.minimum(time, until)))
    return found


def _leaves(truth: Hazards, options: Options, rng: np.random.Generator) -> Floats:
    n = len(truth.hip)
    ends = rng.uniform(options.shortest_follow_up, options.longest_follow_up, n)
    waits = rng.standard_exponential(n)
    if options.drop_out_per_year:
        ratio = (truth.hip.mean(axis=1) / USUAL_HIP_HAZARD) ** options.informative
        ends = np.minimum(ends, waits / (options.drop_out_per_year * ratio))
    return np.minimum(ends, HORIZON_YEARS)


def whole_days(years: Floats) -> Floats:
    """As a record with dates gives it: at least a day, at most the horizon."""
    days = np.maximum(np.ceil(years * DAYS_PER_YEAR), 1)
    return np.asarray(np.round(np.minimum(days / DAYS_PER_YEAR, HORIZON_YEARS), 5))


def first_event(hazard: Floats, rng: np.random.Generator) -> Floats:
    """Years until the event, shape (n,); infinite where it lies past the last step."""
    cumulative = np.cumsum(hazard, axis=1) * STEP_YEARS
    due: Floats = rng.standard_exponential(size=(hazard.shape[0],))
    step = (cumulative < due[:, None]).sum(axis=1)
    happens = step < hazard.shape[1]
    at = np.minimum(step, hazard.shape[1] - 1)
    everyone = np.arange(hazard.shape[0])
    before = cumulative[everyone, at] - hazard[everyone, at] * STEP_YEARS
    time = at * STEP_YEARS + (due - before) / hazard[everyone, at]
    return np.where(happens, time, np.inf)
