"""What trials of medicines found, for a clinician: every effect that is held, with its mark."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from riskapp.risk.treatment_benefits import Benefit, benefit
from riskapp.risk.treatments import Effect, Harm, Measured, is_usable, listed, tested_in
from riskapp.web.presenters.numbers import percentage, plain, short

HIP = "hip"
MEASURED: dict[Measured, str] = {
    Measured.HIP: "hip fracture",
    Measured.NONVERTEBRAL: "non-vertebral fracture",
    Measured.ANY_CLINICAL: "any clinical fracture",
    Measured.CLINICAL_VERTEBRAL: "clinical vertebral fracture",
    Measured.VERTEBRAL_RADIOGRAPHIC: "vertebral fracture on a radiograph",
}


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


@dataclass(frozen=True, slots=True)
class Trials:
    """Every effect and harm that is held, with its mark, by treatment, for a clinician.

    ``uncounted`` says why no effect is turned into points, as on the patient's page.
    """

    treatments: tuple[tuple[str, tuple[TrialLine, ...], tuple[Harm, ...]], ...]
    uncounted: str


def trials(estimate: Mapping[str, Any], profile: Mapping[str, Any]) -> Trials:
    """What trials found, in points where they were of people like this one."""
    uncounted = why_uncounted(profile)
    told = (
        (one.name, tuple(trial_line(effect, estimate) for effect in one.effects), one.harms)
        for one in listed()
    )
    return Trials(tuple(told), uncounted)


def is_treated(profile: Mapping[str, Any]) -> bool | None:
    """Whether a medicine is taken now; None where that is not known."""
    treatment = profile.get("osteoporosis_treatment")
    return None if treatment is None else treatment != "none"


def why_uncounted(profile: Mapping[str, Any]) -> str:
    """Why no effect may meet this person's probability; blank where it may.

    ``treated``: the trials were of people who started. ``others``: they were of women past the
    menopause, and not of men, of women before it or where that is not known.
    """
    if is_treated(profile):
        return "treated"
    who = {name: profile.get(name) for name in ("sex", "age_years", "postmenopausal")}
    return "" if tested_in(who) else "others"


def benefit_for(effect: Effect, estimate: Mapping[str, Any]) -> Benefit:
    """An effect on hip fracture, over its trial's years, for the person of an estimate."""
    hip = estimate["outcomes"][HIP]
    interval = hip["interval_95"]
    return benefit(effect, hip["curve"], (interval[0], interval[1]) if interval else None)


def trial_line(effect: Effect, estimate: Mapping[str, Any]) -> TrialLine:
    """One effect in a clinician's words, in points where it may meet the estimate."""
    years = "" if effect.horizon_years is None else short(effect.horizon_years)
    marks = (effect.mark, effect.horizon_mark if years else "", effect.interval_mark)
    return TrialLine(
        trial=effect.trial,
        measured=MEASURED[effect.measured],
        against=effect.against,
        effect=_relative(effect),
        years=years,
        absolute=_absolute(benefit_for(effect, estimate)) if is_usable(effect) else "",
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
