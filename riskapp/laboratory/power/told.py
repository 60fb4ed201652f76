"""With n people and e events, this is what you can learn: numbers, and the same in sentences."""

from dataclasses import asdict, dataclass
from math import inf, log
from typing import Any

from riskapp.laboratory.power.criteria import (
    MARGIN,
    OPTIMISM,
    SHRINKAGE,
    Development,
    Validation,
    development,
    largest_r2,
    validation,
)
from riskapp.laboratory.power.detectable import detectable, events_needed, power_of
from riskapp.laboratory.power.gain import Gain, expected_gain
from riskapp.risk.design_row import CLINICAL_COLUMNS
from riskapp.risk.errors import RiskError

SOURCES = (
    "Schoenfeld 1983, doi:10.2307/2531021; Hsieh and Lavori 2000, "
    "doi:10.1016/S0197-2456(00)00104-5; Riley and others 2019, doi:10.1002/sim.7992; 2020, "
    "doi:10.1136/bmj.m441; 2021, doi:10.1002/sim.9025; expected gain: own simulation"
)

# What no column of anybody does.
LARGEST_RATIO = 100.0


class CannotPlan(RiskError):
    """The numbers describe no cohort; the sentence says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A cohort that is there or is hoped for.

    Attributes
    ----------
    columns : int
        Predictors that are learned beside the evidence.
    hazard_ratio : float
        That is hoped for, per SD of each.
    explained : float
        Share of a column's variance that the evidence's inputs and the other columns explain.
    years, mean_years : float
        For which the risk is told; mean follow-up.
    c : float
        Concordance of the evidence among these people.
    r2 : float or None
        Cox and Snell's R2 that a model of its own would reach; None: 15 % of the largest.
    """

    people: int
    events: int
    columns: int = 1
    hazard_ratio: float = 1.3
    explained: float = 0.0
    years: float = 10.0
    mean_years: float = 8.0
    c: float = 0.75
    r2: float | None = None

    def __post_init__(self) -> None:
        for wrong, why in (
            (
                not 1 <= self.events < self.people,
                "Events should be 1 or more, and fewer than people.",
            ),
            (self.columns < 1, "There should be 1 column or more."),
            (
                not 1 / LARGEST_RATIO <= self.hazard_ratio <= LARGEST_RATIO
                or self.hazard_ratio == 1,
                f"The effect should be a ratio of {1 / LARGEST_RATIO:g} to {LARGEST_RATIO:g}, and "
                "not 1.",
            ),
            (not 0 <= self.explained < 1, "The explained share should be from 0 to below 1."),
            (
                not all(0 < each < inf for each in (self.years, self.mean_years)),
                "Times should be above 0 years.",
            ),
            (not 0.5 < self.c < 1, "C should lie between 0.5 and 1."),
        ):
            if wrong:
                raise CannotPlan(why)
        limit = largest_r2(self.people, self.events)
        if self.r2 is not None and not 0 < self.r2 < min(limit, SHRINKAGE):
            raise CannotPlan(f"R2 should lie between 0 and {min(limit, SHRINKAGE):.2f} here.")

    @property
    def parameters(self) -> int:
        """Of a model that has to learn the evidence's inputs too."""
        return self.columns + len(CLINICAL_COLUMNS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnable:
    """What the cohort of a plan can teach.

    Attributes
    ----------
    detectable : float
        Smallest hazard ratio per SD found at 80 % power, two-sided 5 %, for one column.
    detectable_of_all : float
        The same at 5 % for all columns together (each at 5 % over their number).
    power, events_needed : float
        For the hazard ratio hoped for.
    """

    plan: Plan
    detectable: float
    detectable_of_all: float
    power: float
    events_needed: float
    development: Development
    validation: Validation
    gain: Gain


def learnable(plan: Plan) -> Learnable:
    """Work it out."""
    share = plan.events / plan.people
    return Learnable(
        plan=plan,
        detectable=detectable(plan.events, explained=plan.explained),
        detectable_of_all=detectable(
            plan.events, explained=plan.explained, significance=0.05 / plan.columns
        ),
        power=power_of(plan.hazard_ratio, plan.events, explained=plan.explained),
        events_needed=events_needed(plan.hazard_ratio, explained=plan.explained),
        development=development(
            plan.people, plan.events, plan.parameters, plan.years, plan.mean_years, plan.r2
        ),
        validation=validation(plan.people, share, plan.c),
        gain=expected_gain(
            plan.events, plan.columns, _beside_others(plan.hazard_ratio, plan.explained)
        ),
    )


def _beside_others(hazard_ratio: float, explained: float) -> float:
    """Per SD of what the others leave unexplained."""
    return float(hazard_ratio ** ((1 - explained) ** 0.5))


def as_data(found: Learnable) -> dict[str, Any]:
    """For JSON."""
    return {**asdict(found), "sentences": list(sentences(found)), "sources": SOURCES}


def sentences(found: Learnable) -> tuple[str, ...]:
    """What a reader needs, in plain words."""
    plan, own = found.plan, found.development
    several = plan.columns > 1
    columns = f"{plan.columns} columns" if several else "1 column"
    of_all = (
        f"; by {found.detectable_of_all:.2f} if all {columns} are tried and one false finding in "
        "twenty is allowed among them"
    )
    return (
        f"With {plan.people} people and {plan.events} events, a column must multiply the hazard by "
        f"at least {found.detectable:.2f} per SD (or by {1 / found.detectable:.2f}) to be found "
        f"with 80 % chance{of_all if several else ''}.",
        f"A true ratio of {plan.hazard_ratio:g} per SD would be found with a chance of "
        f"{100 * found.power:.0f} %; {_up(found.events_needed)} events give 80 %.",
        f"A model of its own, without the evidence, would learn {plan.parameters} coefficients "
        f"from {own.events_per_parameter:.1f} events each; its effects would need shrinking by "
        f"{own.shrinkage:.2f} (asked: at least {SHRINKAGE:g}), its "
        f"R2 would look {own.optimism:.3f} too good (at most {OPTIMISM:g}), and its overall risk "
        f"is known to within {100 * own.overall_margin:.1f} points of per cent (at most "
        f"{100 * MARGIN:g}): {_verdict(own)}.",
        f"Anchored on the evidence, {columns} with that effect "
        f"{'add' if several else 'adds'} {_gain(found.gain)} to C on new "
        f"people (SD {found.gain.sd:.3f} between cohorts of this size); with endless people "
        f"{found.gain.at_most:.3f}; simulated, for an evidence with a C of 0.75.{_edge(plan)}",
        f"As a test of a finished model with a C of {plan.c:g}, this cohort gives C to within "
        f"{found.validation.c:.3f}, the calibration slope to within {found.validation.slope:.2f} "
        "and observed over expected to within a factor of "
        f"{found.validation.observed_over_expected:.2f} (95 %; follow-up to the end assumed).",
    )


def _up(events: float) -> int:
    return -int(-events // 1)


def _verdict(own: Development) -> str:
    enough = (
        own.shrinkage >= SHRINKAGE and own.optimism <= OPTIMISM and own.overall_margin <= MARGIN
    )
    if enough:
        return "large enough"
    if own.most_parameters < 1:
        return "too small for a model of its own, of any number of columns"
    return f"too small for that many, but for {own.most_parameters} parameters large enough"


def _gain(gain: Gain) -> str:
    return "nothing that can be told from 0" if gain.gain < 0.0005 else f"about {gain.gain:.3f}"


def _edge(plan: Plan) -> str:
    spread = abs(log(plan.hazard_ratio)) * plan.columns**0.5
    beyond = plan.columns > 20 or spread > 0.5 or not 50 <= plan.events <= 2000
    return " This lies beyond the table; the nearest of it is shown." if beyond else ""
