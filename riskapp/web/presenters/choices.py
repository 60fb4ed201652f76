"""The choices on the patient's page: no medicine and each medicine, as people out of a group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil
from typing import Any

from riskapp.risk.treatment_benefits import Benefit
from riskapp.risk.treatments import Harm, Treatment, for_patients
from riskapp.web.presenters.people import PER_ROW, Picture, picture, whole
from riskapp.web.presenters.treatments import TrialLine, benefit_for, trial_line, why_uncounted

# Groups of people that are counted and drawn: the smallest in which every benefit is this many, as
# one person more or less must not be the whole of it. Ten thousand are too many to draw.
GROUPS = (100, 1_000, 10_000)
LEAST_TOLD = 2
HORMONES = "menopausal-hormones"  # for women alone


@dataclass(frozen=True, slots=True)
class Counted:
    """Broken hips among a group of people; ``without`` is ``with_medicine`` and ``fewer``.

    ``fewer`` of 0 is fewer than one, never none: it is said in words.
    """

    of: int
    without: int
    with_medicine: int
    fewer: int


@dataclass(frozen=True, slots=True)
class LayHarm:
    """A trouble in plain words, and how many of the group have it."""

    says: str
    with_medicine: int | None
    without: int | None
    more: int | None  # where only the difference is held


@dataclass(frozen=True, slots=True)
class Harms:
    """Troubles that somebody counted, and those whose frequency is not held."""

    counted: tuple[LayHarm, ...]
    other: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One medicine beside the others.

    Attributes
    ----------
    number : int
        From 1, on the whole page: the style sheet shows and hides by it.
    people : Picture or None
        None where the group is too large to be drawn.
    least, most : int or None
        Fewer, at the ends of the trial's interval where that is held; of those who break a hip
        without a medicine, so that a benefit is never told to be larger than its risk.
    advice : tuple of str
        What to mind.
    harms : Harms
        Those that no earlier choice has told.
    again : Harms
        Those of ``as_with``, told in full where that choice is left out.
    as_with, as_with_number
        The first choice with the same troubles; "" and 0 where there is none.
    """

    number: int
    lay: str
    name: str
    how: str
    people: Picture | None
    counted: Counted
    least: int | None
    most: int | None
    advice: tuple[str, ...]
    harms: Harms
    again: Harms
    as_with: str
    as_with_number: int
    line: TrialLine  # what the counts rest on, for the clinician
    sources: tuple[Harm, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Choices that were tested for equally long, and nothing beside them over those years."""

    years: float
    without: int  # broken hips among the group without a medicine
    people: Picture | None
    choices: tuple[Choice, ...]

    @property
    def plural_of(self) -> int:
        """The years as languages count them: whole."""
        return ceil(self.years)


@dataclass(frozen=True, slots=True)
class Choices:
    """All choices; one denominator for all pictures and the whole table."""

    of: int
    comparisons: tuple[Comparison, ...]

    @property
    def is_drawn(self) -> bool:
        """Whether the group is small enough for a picture."""
        return self.of in PER_ROW

    @property
    def single(self) -> tuple[Choice, ...]:
        """Every medicine, whatever its years."""
        return tuple(one for each in self.comparisons for one in each.choices)


@dataclass(frozen=True, slots=True)
class Named:
    """A medicine that is told without numbers."""

    lay: str
    name: str
    how: str


def counted(without: float, fewer: float, of: int) -> Counted:
    """Probabilities as counts of people that add up, each benefit at least named."""
    left, spared = whole(without, of), whole(fewer, of)
    return Counted(of, left, left - spared, spared)


def group_for(fewer: Sequence[float]) -> int:
    """The smallest group of people in which every benefit is at least ``LEAST_TOLD``."""
    return next((of for of in GROUPS if all(of * one >= LEAST_TOLD for one in fewer)), GROUPS[-1])


def choices(estimate: Mapping[str, Any], profile: Mapping[str, Any]) -> Choices | None:
    """Treatments for the patient's page: seen numbers only, and only for whom they were tested.

    None for everybody else, as ``why_uncounted`` says.
    """
    if why_uncounted(profile):
        return None
    found = sorted(
        ((one, benefit_for(one.effects[0], estimate)) for one in for_patients()),
        key=lambda pair: pair[1].horizon_years,
    )
    of = group_for([benefit.fewer for _, benefit in found])
    teller = _Teller(estimate, of)
    comparisons = []
    for years, tested in groupby(found, key=lambda pair: pair[1].horizon_years):
        told = tuple(teller.choice(one, benefit) for one, benefit in tested)
        comparisons.append(
            Comparison(
                years=years,
                without=told[0].counted.without,
                people=_drawn(told[0].counted.without, 0, of),
                choices=told,
            )
        )
    return Choices(of, tuple(comparisons))


def named(profile: Mapping[str, Any]) -> tuple[Named, ...]:
    """The medicines by name, for whom no trial that is held has counted anybody like them."""
    is_woman = profile["sex"] == "female"
    return tuple(
        Named(one.lay, one.name, one.lay_how)
        for one in for_patients()
        if is_woman or one.code != HORMONES
    )


def _drawn(breaks: int, spared: int, of: int) -> Picture | None:
    return picture(breaks, spared, of) if of in PER_ROW else None


def _ends(benefit: Benefit) -> tuple[float, float] | None:
    """The benefit at both ends of the trial's interval, at the risk that stands beside it."""
    if benefit.effect.interval_95 is None:
        return None
    strongest, weakest = benefit.effect.interval_95
    # A harm that the interval allows is no benefit: it ends at none.
    return benefit.without * max(1 - weakest, 0), benefit.without * (1 - strongest)


class _Teller:
    """Tells one medicine after the other, and no trouble twice."""

    def __init__(self, estimate: Mapping[str, Any], of: int) -> None:
        self.estimate = estimate
        self.of = of
        self.told = 0
        self.first_with: dict[str, tuple[str, int]] = {}

    def choice(self, one: Treatment, benefit: Benefit) -> Choice:
        self.told += 1
        ends = _ends(benefit)
        told = counted(benefit.without, benefit.fewer, self.of)
        advice = tuple(each.lay for each in one.harms if each.lay and each.is_advice)
        harms = [each for each in one.harms if each.lay and not each.is_advice]
        again = [each for each in harms if each.lay in self.first_with]
        fresh = [each for each in harms if each not in again]
        as_with, as_with_number = self.first_with[again[0].lay] if again else ("", 0)
        self.first_with |= {each.lay: (one.name, self.told) for each in fresh}
        return Choice(
            number=self.told,
            lay=one.lay,
            name=one.name,
            how=one.lay_how,
            people=_drawn(told.with_medicine, told.fewer, self.of),
            counted=told,
            least=None if ends is None else whole(ends[0], self.of),
            most=None if ends is None else whole(ends[1], self.of),
            advice=advice,
            harms=self._harms(fresh),
            again=self._harms(again),
            as_with=as_with,
            as_with_number=as_with_number,
            line=trial_line(benefit.effect, self.estimate),
            sources=one.harms,
        )

    def _harms(self, harms: Sequence[Harm]) -> Harms:
        return Harms(
            counted=tuple(self._harm(each) for each in harms if each.is_counted),
            other=tuple(each.lay for each in harms if not each.is_counted),
        )

    def _harm(self, harm: Harm) -> LayHarm:
        with_medicine, without, more = (
            None if share is None else whole(share, self.of)
            for share in (harm.with_medicine, harm.without, harm.more)
        )
        return LayHarm(harm.lay, with_medicine, without, more)
