"""How much C a site's own columns add to the evidence: tabulated from simulated cohorts.

The evidence gives each person a log-hazard, normal, with a C of 0.75. The columns' true effects
are equal in size and together spread the log-hazard by so many SDs beside it. A Cox regression with
the evidence as offset learns them; how far they are shrunk is chosen on a third of the cohort.
"""

import json
from dataclasses import dataclass
from math import log, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.interpolate import RegularGridInterpolator

from riskapp.cohorts.follow_up import FollowUp
from riskapp.evaluation.concordance import harrell
from riskapp.evaluation.course import course
from riskapp.training.newton_cox import newton_cox

Floats = npt.NDArray[np.float64]
TABLE = Path(__file__).with_name("gain.json")

EVENTS = (50, 100, 200, 500, 1000, 2000)
COLUMNS = (1, 5, 20)
SPREADS = (0.0, 0.1, 0.2, 0.3, 0.5)
COHORTS, SEED = 12, 20261121
# Of these one in ten has the event within ten years.
PEOPLE_PER_EVENT, FRESH = 10, 20_000
# With it the evidence's C is 0.75.
EVIDENCE_SD = 0.95
BASE_HAZARD, YEARS = 0.0075, 10.0
# Precisions of the columns' effects, per SD; the first is the evidence itself.
RIDGES = (1e6, 160.0, 40.0, 10.0, 2.5)


@dataclass(frozen=True, slots=True)
class World:
    """Simulated people: the evidence's log-hazard, the columns, and when the event came."""

    evidence: Floats
    columns: Floats
    years: Floats
    event: npt.NDArray[np.bool_]

    def part(self, chosen: "slice") -> "World":
        return World(
            self.evidence[chosen], self.columns[chosen], self.years[chosen], self.event[chosen]
        )


def tabulate(cohorts: int = COHORTS) -> dict[str, Any]:
    """Expected gain of each combination, and what could be gained at most."""
    rng = np.random.default_rng(SEED)
    rows = []
    for columns in COLUMNS:
        for spread in SPREADS:
            fresh = drawn(FRESH, columns, spread, rng)
            evidence = concordance(fresh.evidence, fresh)
            at_most = concordance(true_predictor(fresh, spread), fresh) - evidence
            for events in EVENTS:
                found = [gained(events, fresh, spread, rng) for _ in range(cohorts)]
                rows.append(
                    {
                        "columns": columns,
                        "spread": spread,
                        "events": events,
                        "gain": round(float(np.mean(found)), 4),
                        "sd": round(float(np.std(found, ddof=1)), 4),
                        "at_most": round(at_most, 4),
                    }
                )
    return {
        "described": "mean gain in Harrell's C over the evidence on fresh people, and its SD "
        "between cohorts; simulated",
        "cohorts": cohorts,
        "seed": SEED,
        "rows": rows,
    }


def drawn(people: int, columns: int, spread: float, rng: np.random.Generator) -> World:
    """Draw people of one world."""
    evidence = EVIDENCE_SD * rng.standard_normal(people)
    values = rng.standard_normal((people, columns))
    predictor = evidence + values @ effects(columns, spread) - spread**2 / 2
    wait = rng.standard_exponential(people) / (BASE_HAZARD * np.exp(predictor))
    return World(evidence, values, np.minimum(wait, YEARS), wait < YEARS)


def effects(columns: int, spread: float) -> Floats:
    """True log hazard ratios per SD of each column."""
    return np.full(columns, spread / sqrt(columns))


def true_predictor(world: World, spread: float) -> Floats:
    """The log-hazard, up to a constant."""
    own = world.columns @ effects(world.columns.shape[1], spread)
    return np.asarray(world.evidence + own)


def concordance(predicted: Floats, world: World) -> float:
    """Harrell's C; nobody dies in these worlds."""
    return harrell(predicted, course(FollowUp(event=world.event, years=world.years))).c


def gained(events: int, fresh: World, spread: float, rng: np.random.Generator) -> float:
    """C on fresh people of a model that learned from about so many events, less the evidence's."""
    columns = fresh.columns.shape[1]
    cohort = drawn(events * PEOPLE_PER_EVENT, columns, spread, rng)
    third = len(cohort.years) // 3
    kept, held_out = cohort.part(slice(third, None)), cohort.part(slice(0, third))
    scores = [likelihood(fitted(kept, ridge), held_out) for ridge in RIDGES]
    ridge = RIDGES[int(np.argmax(scores))]
    predicted = fresh.evidence + fresh.columns @ fitted(cohort, ridge)
    return concordance(predicted, fresh) - concordance(fresh.evidence, fresh)


def fitted(world: World, ridge: float) -> Floats:
    """Effects that a cohort teaches beside the evidence."""
    precision = np.full(world.columns.shape[1], ridge)
    return newton_cox(
        world.columns, world.years, world.event, offset=world.evidence, precision=precision
    ).coefficients


def likelihood(effect: Floats, world: World) -> float:
    """Cox's partial log-likelihood of people who were not learned from."""
    order = np.argsort(-world.years)
    predictor = (world.evidence + world.columns @ effect)[order]
    at_risk = np.logaddexp.accumulate(predictor)
    return float((predictor - at_risk)[world.event[order]].sum())


@dataclass(frozen=True, slots=True)
class Gain:
    """What to expect; ``sd`` is between cohorts of this size."""

    gain: float
    sd: float
    at_most: float


def expected_gain(events: int, columns: int, hazard_ratio: float) -> Gain:
    """Read the table, linear between its rows: in logarithms of events and columns.

    Parameters
    ----------
    hazard_ratio : float
        Per SD of each column.
    """
    rows: list[dict[str, Any]] = json.loads(TABLE.read_text(encoding="utf-8"))["rows"]
    spread = min(abs(log(hazard_ratio)) * sqrt(columns), SPREADS[-1])
    grid = {name: np.zeros((len(COLUMNS), len(SPREADS), len(EVENTS))) for name in Gain.__slots__}
    for row in rows:
        at = (
            COLUMNS.index(row["columns"]),
            SPREADS.index(row["spread"]),
            EVENTS.index(row["events"]),
        )
        for name, values in grid.items():
            values[at] = row[name]
    knots = (np.log(COLUMNS), np.array(SPREADS), np.log(EVENTS))
    asked = (log(columns), spread, log(max(events, 1)))
    # Beyond the table it is as at its edge.
    within = [
        float(np.clip(one, knot[0], knot[-1])) for one, knot in zip(asked, knots, strict=True)
    ]
    return Gain(
        **{
            name: float(RegularGridInterpolator(knots, values)(within)[0])
            for name, values in grid.items()
        }
    )
