"""Treatment effects for a shared decision: relative effects of trials, absolute for one person.

An effect counts only over the years that its trial lasted, against placebo, and for the outcome
that it was measured on. A vertebral fracture seen on a radiograph is not a clinical one and no
probability of ours is about it; of the outcomes that trials report, only hip fracture is one that
is estimated here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from riskapp.risk import published
from riskapp.risk.estimate import Interval, Outcome
from riskapp.risk.guideline_data import common_term
from riskapp.risk.rules import Facts

Array = npt.NDArray[np.float64]
Curve = Sequence[tuple[float, float]]  # (year, probability), years 1 to 10

SEEN = "seen"
PLACEBO = "placebo"
# Of a standard normal, evenly spaced in probability: draws without chance.
QUANTILES = 99
Z_95 = 1.959964  # 97.5th percentile of a standard normal


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
    """A harm, for a clinician and in plain words; these are empty where it is for clinicians."""

    says: str
    lay: str
    source: str
    mark: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefit:
    """What an effect would mean for one person over the trial's own years.

    Attributes
    ----------
    without, fewer : float
        Probability without treatment by then, and how much less it would be with it.
    fewer_95 : Interval or None
        95 % interval of ``fewer``: from the estimate's, and the effect's where it has one.
    """

    effect: Effect
    horizon_years: float
    without: float
    fewer: float
    fewer_95: Interval | None


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


def risk_by(curve: Curve, years: float) -> float:
    """Probability by a time within the curve, interpolated; nothing has happened at the start.

    Raises
    ------
    ValueError
        Beyond the curve: an effect is never stretched over more years than were watched.
    """
    if not 0 < years <= curve[-1][0]:
        raise ValueError(f"The curve ends at {curve[-1][0]:g} years; asked for {years:g}.")
    at, probability = zip((0.0, 0.0), *curve, strict=True)
    return float(np.interp(years, at, probability))


def benefit(effect: Effect, curve: Curve, interval_10y: tuple[float, float] | None) -> Benefit:
    """Absolute benefit for one person.

    Parameters
    ----------
    effect : Effect
        One that ``is_usable``.
    curve : sequence of (year, probability)
        Of the outcome that the effect was measured on, untreated.
    interval_10y : tuple of (lower, upper), or None
        95 % interval of the last probability of the curve; its ratio to the estimate is taken to
        be that of every earlier year.

    Raises
    ------
    ValueError
        If the effect cannot be used on a probability of ours.
    """
    if effect.relative is None or effect.horizon_years is None or not is_usable(effect):
        raise ValueError(f"{effect.trial}, {effect.measured}: not to be used on a probability.")
    without = risk_by(curve, effect.horizon_years)
    last = curve[-1][1]
    return Benefit(
        effect=effect,
        horizon_years=effect.horizon_years,
        without=without,
        fewer=without * (1 - effect.relative),
        fewer_95=None
        if interval_10y is None or not last
        else _interval(without, effect, (interval_10y[0] / last, interval_10y[1] / last)),
    )


def _interval(without: float, effect: Effect, ratios: tuple[float, float]) -> Interval:
    """Both doubts as log-normal and independent, on a grid of quantiles."""
    z = _normal_quantiles()
    lower, upper = (max(ratio, 1e-9) for ratio in ratios)
    # Not symmetric: each side of the estimate has a spread of its own.
    risk = without * np.exp(
        z * np.where(z < 0, -np.log(min(lower, 1)), np.log(max(upper, 1))) / Z_95
    )
    relative = np.array([effect.relative])
    if effect.interval_95 is not None:
        relative = relative * np.exp(
            z * np.log(effect.interval_95[1] / effect.interval_95[0]) / (2 * Z_95)
        )
    fewer = np.minimum(risk, 1)[:, None] * (1 - relative)[None, :]
    low, high = np.percentile(fewer, (2.5, 97.5))
    # A harm that the interval allows is no benefit: it ends at none.
    return Interval(float(max(low, 0)), float(max(min(high, 1), 0)))


@cache
def _normal_quantiles() -> Array:
    return np.array([NormalDist().inv_cdf((i + 0.5) / QUANTILES) for i in range(QUANTILES)])


def _data(code: str) -> dict[str, Any]:
    return published.read(f"treatments/{code}")


def _loaded(code: str) -> Treatment:
    data = _data(code)
    return Treatment(
        code=code,
        name=data["name"],
        lay=data["lay"],
        lay_how=data["lay_how"],
        tested_in=data["tested_in"],
        effects=tuple(_effect(one) for one in data["effects"]),
        harms=tuple(
            Harm(one["says"], one["lay"], one["source"], one["mark"]) for one in data["harms"]
        ),
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
