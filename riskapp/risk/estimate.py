"""The answer: probabilities, how sure we are of them, what drove them and which model spoke."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from riskapp.risk.profile import RiskProfile
from riskapp.risk.verdict import Verdict

HORIZONS_YEARS = tuple(range(1, 11))


class Outcome(StrEnum):
    """What is estimated; each competes with death only."""

    MAJOR_OSTEOPOROTIC = "major_osteoporotic"
    HIP = "hip"


class Cause(StrEnum):
    """The fracture hazards that the outcomes are made of: major = hip + other major."""

    HIP = "hip"
    OTHER_MAJOR_OSTEOPOROTIC = "other_major_osteoporotic"


@dataclass(frozen=True, slots=True)
class Interval:
    """2.5th to 97.5th percentile of a probability."""

    lower: float
    upper: float

    def __post_init__(self) -> None:
        if not 0 <= self.lower <= self.upper <= 1:
            raise ValueError("Expected 0 <= lower <= upper <= 1.")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeEstimate:
    """Cumulative incidence of one outcome with death competing, as fractions in [0, 1].

    Attributes
    ----------
    interval_95, interval_95_model, interval_95_unknown : Interval or None
        Over parameters and unknown inputs jointly; over parameters alone; over unknown inputs
        alone. None where the engine gives none or the caller asked for none.
    curve : tuple of (year, probability)
        Years 1 to 10; the last probability is ``probability_10y``.
    """

    probability_10y: float
    curve: tuple[tuple[int, float], ...]
    interval_95: Interval | None = None
    interval_95_model: Interval | None = None
    interval_95_unknown: Interval | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.probability_10y <= 1:
            raise ValueError("A probability lies within 0 and 1.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What one known input (or group of inputs) goes with.

    Attributes
    ----------
    field : str
        Contract name of the input, or of the group's leading input.
    value : float, bool or str
        As used by the engine.
    unit : str
        UCUM.
    log_hazard : dict of Cause to float
        Added to the log-hazard at present age.
    probability : dict of Outcome to float, or None
        Shapley value on the probability scale; None where the engine cannot give it.
    source : str
        Publication that the effect rests on, or the model's id.
    beside : dict of field to value
        What else is in the group, by contract name; empty for an input by itself.
    label : str
        Of a site's own column, for people to read; the contract's fields have theirs elsewhere.
    """

    field: str
    value: float | bool | str
    unit: str
    log_hazard: Mapping[Cause, float]
    probability: Mapping[Outcome, float] | None
    source: str
    beside: Mapping[str, float] = dataclasses.field(default_factory=dict)
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Contributions that add up, with the baseline, to what is shown."""

    baseline: Mapping[Outcome, float] | None
    baseline_log_hazard: Mapping[Cause, float]
    baseline_means: str
    contributions: tuple[Contribution, ...]


@dataclass(frozen=True, slots=True)
class HelpfulInput:
    """An unknown input and what knowing it would do.

    Attributes
    ----------
    expected_interval_width : float
        Of the interval of major fracture, averaged over the values that the input may have.
    chance_decision_changes : float or None
        That the category at the chosen guideline would be another one; None where none was chosen
        or it does not apply.
    categories : tuple of (category, chance)
        What the chosen guideline would say then, the likeliest first.
    chance_settles : float
        That the chosen guideline, which does not decide now, would decide; 0 where it does.
    """

    field: str
    expected_interval_width: float
    chance_decision_changes: float | None = None
    chance_settles: float = 0.0
    categories: tuple[tuple[str, float], ...] = ()

    @property
    def would_settle(self) -> bool:
        """Whether the chosen guideline would decide for certain."""
        return self.chance_settles == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskEstimate:
    """One engine's answer about one person."""

    engine: str
    model_id: str
    evidence_set: str
    population: str
    trained_on: str  # "published", "simulated" or "cohort ..."
    outcomes: Mapping[Outcome, OutcomeEstimate]
    explanation: Explanation | None = None
    unknown: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()  # why a learned engine's number deserves less trust, in short
    would_help_most: tuple[HelpfulInput, ...] = ()
    guidelines: tuple[Verdict, ...] = ()  # of published epidemiology only


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateOptions:
    """How to answer. ``unknown_as_no`` is FRAX's convention, for comparison only.

    ``guideline`` is the reader's own: it comes first, and help is ranked by its decision. A table
    of people has no place for verdicts and asks for none.
    """

    evidence_set: str = "frax-2008"
    unknown_as_no: bool = False
    explain: bool = True
    interval: bool = True
    guideline: str | None = None
    verdicts: bool = True


class Engine(Protocol):
    """What every engine offers, whether published epidemiology or learned from a cohort."""

    @property
    def name(self) -> str: ...

    @property
    def model_id(self) -> str: ...

    @property
    def trained_on(self) -> str: ...

    @property
    def evidence_set(self) -> str:
        """The published calibration that answers, or that learned hazards start from."""
        ...

    def estimate(self, profile: RiskProfile, options: EstimateOptions) -> RiskEstimate:
        """Answer about one person.

        Raises
        ------
        OutsideModelRange
            If the engine has no ground to speak about this person or population.
        """
        ...
