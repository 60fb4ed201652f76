"""What medicines could do for the person on the page: counts of people over a trial's years."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskapp.risk.treatments import (
    Benefit,
    Effect,
    Harm,
    Measured,
    Treatment,
    benefit,
    for_patients,
    is_usable,
    listed,
    tested_in,
)
from riskapp.web.presenters.numbers import percentage, plain, short

HIP = "hip"
# Groups of people that counts are given of: the smallest in which every benefit is this many, as
# one person more or less must not be the whole of it.
GROUPS = (100, 1_000, 10_000)
LEAST_TOLD = 2
MEASURED: dict[Measured, str] = {
    Measured.HIP: "hip fracture",
    Measured.NONVERTEBRAL: "non-vertebral fracture",
    Measured.ANY_CLINICAL: "any clinical fracture",
    Measured.CLINICAL_VERTEBRAL: "clinical vertebral fracture",
    Measured.VERTEBRAL_RADIOGRAPHIC: "vertebral fracture on a radiograph",
}


@dataclass(frozen=True, slots=True)
class Counted:
    """Broken hips among a group of people; ``without`` is ``with_medicine`` and ``fewer``.

    ``fewer`` of 0 is fewer than one, never none: ``is_below_one`` says it in words.
    """

    of: int
    without: int
    with_medicine: int
    fewer: int

    @property
    def group(self) -> str:
        return f"{self.of:,}"

    @property
    def is_below_one(self) -> bool:
        return self.fewer == 0


@dataclass(frozen=True, slots=True)
class Medicine:
    """One choice on the patient's page."""

    lay: str
    name: str
    how: str
    years: str
    counted: Counted
    least: int | None  # fewer, at the ends of the interval where both of its parts are held
    most: int | None
    harms: tuple[str, ...]
    same_harms_as: str  # name of an earlier medicine with the same harms


@dataclass(frozen=True, slots=True)
class TrialLine:
    """One effect for a clinician, absolute where it may be."""

    trial: str
    measured: str
    against: str
    effect: str
    years: str
    absolute: str
    source: str
    is_recalled: bool


def counted(without: float, fewer: float, of: int) -> Counted:
    """Probabilities as counts of people that add up, each benefit at least named."""
    spared = round(of * fewer)
    left = max(round(of * without), spared)
    return Counted(of, left, left - spared, spared)


def group_for(fewer: Sequence[float]) -> int:
    """The smallest group of people in which every benefit is at least ``LEAST_TOLD``."""
    return next((of for of in GROUPS if all(of * one >= LEAST_TOLD for one in fewer)), GROUPS[-1])


def medicines(estimate: Mapping[str, Any], profile: Mapping[str, Any]) -> tuple[Medicine, ...]:
    """Treatments for the patient's page: seen numbers only, and only for whom they were tested.

    Empty for men, before the menopause and where that is not known: the trials were of women past
    it.
    """
    if not tested_in({name: profile.get(name) for name in ("sex", "age_years", "postmenopausal")}):
        return ()
    found = [(one, _benefit(one.effects[0], estimate)) for one in for_patients()]
    of = group_for([benefit.fewer for _, benefit in found])
    first_with: dict[tuple[str, ...], str] = {}
    for one, _ in found:
        first_with.setdefault(_lay_harms(one), one.name)
    return tuple(_medicine(one, benefit, of, first_with[_lay_harms(one)]) for one, benefit in found)


def trials(
    estimate: Mapping[str, Any],
) -> tuple[tuple[str, tuple[TrialLine, ...], tuple[Harm, ...]], ...]:
    """Every effect and harm that is held, with its mark, by treatment, for a clinician."""
    return tuple(
        (one.name, tuple(_line(effect, estimate) for effect in one.effects), one.harms)
        for one in listed()
    )


def _lay_harms(one: Treatment) -> tuple[str, ...]:
    return tuple(harm.lay for harm in one.harms)


def _medicine(one: Treatment, benefit: Benefit, of: int, first: str) -> Medicine:
    ends = None if benefit.effect.interval_95 is None else benefit.fewer_95
    return Medicine(
        lay=one.lay,
        name=one.name,
        how=one.lay_how,
        years=short(benefit.horizon_years),
        counted=counted(benefit.without, benefit.fewer, of),
        least=None if ends is None else round(of * ends.lower),
        most=None if ends is None else round(of * ends.upper),
        harms=_lay_harms(one),
        same_harms_as="" if first == one.name else first,
    )


def _benefit(effect: Effect, estimate: Mapping[str, Any]) -> Benefit:
    hip = estimate["outcomes"][HIP]
    interval = hip["interval_95"]
    return benefit(effect, hip["curve"], (interval[0], interval[1]) if interval else None)


def _line(effect: Effect, estimate: Mapping[str, Any]) -> TrialLine:
    years = "" if effect.horizon_years is None else short(effect.horizon_years)
    marks = (effect.mark, effect.horizon_mark if years else "", effect.interval_mark)
    return TrialLine(
        trial=effect.trial,
        measured=MEASURED[effect.measured],
        against=effect.against,
        effect=_relative(effect),
        years=years,
        absolute=_absolute(_benefit(effect, estimate)) if is_usable(effect) else "",
        source="; ".join(part for part in (effect.source, effect.note) if part),
        is_recalled=any(mark.startswith("recalled") for mark in marks),
    )


def _relative(effect: Effect) -> str:
    if effect.relative is None:
        return "no significant effect"
    told = plain(effect.relative, 2)
    if effect.interval_95 is None:
        return told
    lower, upper = (plain(end, 2) for end in effect.interval_95)
    return f"{told} ({lower} to {upper})"


def _absolute(benefit: Benefit) -> str:
    told = f"{percentage(benefit.fewer)} of {percentage(benefit.without)} points"
    if benefit.fewer_95 is None:
        return told
    return f"{told} ({percentage(benefit.fewer_95.lower)} to {percentage(benefit.fewer_95.upper)})"
