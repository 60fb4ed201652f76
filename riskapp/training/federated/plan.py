"""What the sites agree on before anything is sent; whoever holds another plan is refused."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.risk.anchor import CAUSES
from riskapp.training.sums.people_sums import Learning

# Of the messages and of the sums in them; another number is another language.
PROTOCOL = 2
ENGINES = ("cox", "xgboost")
FEWEST_SITES, MOST_SITES = 2, 64
# Below these a sum begins to speak of single people; a plan may ask for more, never for less.
LEAST_EVENTS, LEAST_PEOPLE = 20, 100


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The agreement.

    Attributes
    ----------
    study : str
        Its name; becomes part of what the model says it was trained on.
    populations : tuple of str
        That their people may be of.
    sites : tuple of str
        Who takes part: all of them in every sum.
    engine : str
        "cox" or "xgboost".
    causes : tuple of str
        Which hazards are learned.
    columns : mapping of column to (lower, upper)
        Of the rows, with the range that trees may split in; clinical ones first.
    read : tuple of str
        Columns that hazards are learned from: those that every site knows.
    bands_years : tuple of float
        Borders of the bands of time, from 0; events after the last do not count.
    settings : mapping
        Of the engine, as in a recipe.
    least_events, least_people : int
        A site with fewer does not answer.
    simulated : bool
        Whether all people are simulated; the model is then marked so.
    """

    study: str
    populations: tuple[str, ...]
    sites: tuple[str, ...]
    engine: str
    causes: tuple[str, ...]
    columns: Mapping[str, tuple[float, float]]
    read: tuple[str, ...]
    bands_years: tuple[float, ...]
    settings: Mapping[str, Any]
    seed: int
    least_events: int = LEAST_EVENTS
    least_people: int = LEAST_PEOPLE
    protocol: int = PROTOCOL
    simulated: bool = False

    @property
    def trained_on(self) -> str:
        """What the model says it was trained on."""
        return "simulated" if self.simulated else f"cohort {self.study}"

    @property
    def learning(self) -> Learning:
        """What is learned."""
        return Learning(
            causes=self.causes,
            columns=self.columns,
            bands_years=self.bands_years,
            settings=self.settings,
        )

    @property
    def digest(self) -> str:
        """SHA-256 of the plan; travels with every message."""
        return sha256(self.text().encode()).hexdigest()

    def text(self) -> str:
        """Write the plan as JSON."""
        return json.dumps(asdict(self), indent=1) + "\n"


def plan_from(text: str) -> Plan:
    """Read a plan.

    Raises
    ------
    UnusableCohort
        With a sentence, if it is none that can be followed.
    """
    try:
        told = json.loads(text)
        told["columns"] = {
            name: (float(low), float(high)) for name, (low, high) in told["columns"].items()
        }
        for name in ("populations", "read", "sites", "causes", "bands_years"):
            told[name] = tuple(told[name])
        plan = Plan(**told)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UnusableCohort(f"The plan cannot be read: {error}.") from error
    problem = _problem(plan)
    if problem:
        raise UnusableCohort(problem)
    return plan


def _problem(plan: Plan) -> str:
    edges = plan.bands_years
    checks = (
        (plan.protocol == PROTOCOL, f"The plan is of protocol {plan.protocol}, not {PROTOCOL}."),
        (
            FEWEST_SITES <= len(plan.sites) <= MOST_SITES
            and len(set(plan.sites)) == len(plan.sites),
            f"A plan names {FEWEST_SITES} to {MOST_SITES} different sites.",
        ),
        (plan.engine in ENGINES, f"A plan's engine is one of {', '.join(ENGINES)}."),
        (
            plan.least_events >= LEAST_EVENTS and plan.least_people >= LEAST_PEOPLE,
            f"No plan lets a site answer with fewer than {LEAST_PEOPLE} people or "
            f"{LEAST_EVENTS} events.",
        ),
        (
            len(edges) > 1
            and edges[0] == 0
            and all(0.5 <= b - a < math.inf for a, b in zip(edges, edges[1:], strict=False)),
            "A plan's bands of time start at 0 and are half a year long or longer, since narrow "
            "ones would show who left when.",
        ),
        (
            all(-math.inf < low < high < math.inf for low, high in plan.columns.values()),
            "Each column of a plan has a lower limit and a higher one.",
        ),
        (
            bool(plan.causes) and set(plan.causes) <= set(CAUSES),
            f"A plan names at least one cause, of {', '.join(CAUSES)}.",
        ),
        (bool(plan.populations), "A plan names at least one population."),
    )
    return next((sentence for holds, sentence in checks if not holds), "")
