"""Treatment effects for a shared decision: relative effects of trials, absolute for one person.

An effect counts only over the years that its trial lasted, against placebo, and for the outcome
that it was measured on. A vertebral fracture seen on a radiograph is not a clinical one and no
probability of ours is about it; of the outcomes that trials report, only hip fracture is one that
is estimated here.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import Any

from riskapp.risk import published
from riskapp.risk.estimate import Outcome
from riskapp.risk.guideline_data import common_term
from riskapp.risk.rules import Facts

SEEN = "seen"
PLACEBO = "placebo"


class Measured(StrEnum):
    """What a trial counted."""

    HIP = "hip"
    NONVERTEBRAL = "nonvertebral"
    ANY_CLINICAL = "any_clinical"
    CLINICAL_VERTEBRAL = "clinical_vertebral"
    VERTEBRAL_RADIOGRAPHIC = "vertebral_radiographic"


# The one place where an effect may meet a probability. Non-vertebral and any clinical fracture
# hold more than the four major ones; radiographic fractures are mostly not clinical ones.
ESTIMATED: dict[Measured, Outcome] = {Measured.HIP: Outcome.HIP}


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One relative effect.

    Attributes
    ----------
    relative : float or None
        Relative risk or hazard; None where no significant effect was found.
    interval_95 : tuple of (lower, upper), or None
    horizon_years : float or None
        How long the trial lasted; None where it has no length of its own.
    """

    trial: str
    measured: Measured
    against: str
    relative: float | None
    interval_95: tuple[float, float] | None
    interval_mark: str
    horizon_years: float | None
    horizon_source: str
    horizon_mark: str
    note: str
    source: str
    mark: str


@dataclass(frozen=True, slots=True)
class Harm:
    """A harm, for a clinician and in plain words; these are empty where it is for clinicians.

    Attributes
    ----------
    with_medicine, without : float or None
        Shares of people; None where nobody was seen to have counted them.
    more : float or None
        How many more with the medicine, where only the difference was told.
    is_advice : bool
        Says what to mind; there is nothing to count.
    """

    says: str
    lay: str
    source: str
    mark: str
    with_medicine: float | None = None
    without: float | None = None
    more: float | None = None
    is_advice: bool = False

    @property
    def is_counted(self) -> bool:
        """Whether anybody was seen to have counted it."""
        return self.with_medicine is not None or self.more is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """One treatment as its data file gives it; effects are in order, the one to use first."""

    code: str
    name: str
    lay: str
    lay_how: str
    tested_in: str
    effects: tuple[Effect, ...]
    harms: tuple[Harm, ...]


@cache
def listed() -> tuple[Treatment, ...]:
    """Every treatment that is held, with all marks: for clinicians."""
    codes = published.names("treatments")
    return tuple(_loaded(code) for code in sorted(codes, key=lambda code: _data(code)["order"]))


@cache
def for_patients() -> tuple[Treatment, ...]:
    """Only what was seen in a publication, and only what bears on an estimated outcome.

    An interval that was not seen is left out, and so is an effect whose trial's length was not.
    """
    found = []
    for one in listed():
        effects = tuple(
            effect if effect.interval_mark == SEEN else replace(effect, interval_95=None)
            for effect in one.effects
            if effect.mark == effect.horizon_mark == SEEN and is_usable(effect)
        )
        harms = tuple(harm for harm in one.harms if harm.mark == SEEN and harm.lay)
        if effects and harms:  # no good is told without the bad
            found.append(replace(one, effects=effects, harms=harms))
    return tuple(found)


def lay_strings() -> tuple[str, ...]:
    """Every sentence for patients that lives here, for a catalogue of translations."""
    told = (
        words
        for one in for_patients()
        for words in (one.lay, one.name, one.lay_how, *(harm.lay for harm in one.harms))
    )
    return tuple(dict.fromkeys(told))


def tested_in(facts: Facts) -> bool:
    """Whether the trials were of people like this one: women known to be past the menopause.

    Read as guidelines read it, from ``sex``, ``age_years`` and ``postmenopausal`` (None is not
    known).
    """
    return common_term("past_menopause").judge(facts).truth is True


def is_usable(effect: Effect) -> bool:
    """Whether an effect may be turned into an absolute benefit at all."""
    return (
        effect.measured in ESTIMATED
        and effect.against == PLACEBO
        and effect.relative is not None
        and effect.horizon_years is not None
    )


def _data(code: str) -> dict[str, Any]:
    return published.printed(f"treatments/{code}")


def _loaded(code: str) -> Treatment:
    data = _data(code)
    return Treatment(
        code=code,
        name=data["name"],
        lay=data["lay"],
        lay_how=data["lay_how"],
        tested_in=data["tested_in"],
        effects=tuple(_effect(one) for one in data["effects"]),
        harms=tuple(_harm(one) for one in data["harms"]),
    )


def _harm(data: dict[str, Any]) -> Harm:
    counts = data.get("counts", {})
    return Harm(
        says=data["says"],
        lay=data["lay"],
        source=data["source"],
        mark=data["mark"],
        with_medicine=counts.get("with"),
        without=counts.get("without"),
        more=counts.get("more"),
        is_advice=data.get("is_advice", False),
    )


def _effect(data: dict[str, Any]) -> Effect:
    interval = data["interval_95"]
    return Effect(
        trial=data["trial"],
        measured=Measured(data["outcome"]),
        against=data["against"],
        relative=data["relative"],
        interval_95=None if interval is None else (interval[0], interval[1]),
        interval_mark=data.get("interval_mark", ""),
        horizon_years=data["horizon_years"],
        horizon_source=data["horizon_source"],
        horizon_mark=data["horizon_mark"],
        note=data.get("note", ""),
        source=data["source"],
        mark=data["mark"],
    )
