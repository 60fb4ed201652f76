"""Which unknown input would help most: what would be left of the doubt, knowing it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from riskapp.risk.bone_density import as_printed_each
from riskapp.risk.estimate import HelpfulInput, Outcome
from riskapp.risk.missing import BMI, T_SCORE, Known
from riskapp.risk.other_sites import other_sites
from riskapp.risk.reached import Reached

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]
Groups = Indices | list[Indices]  # of equal size, or not

PERCENTILES = (2.5, 97.5)
# Draws of a measured input are cut into groups of similar value to see what knowing it leaves;
# their number is a multiple of this.
GROUPS_OF_A_MEASUREMENT = 25
HIGHEST = 1 - 1e-9  # a probability that still can rise
# Of each of these groups of T-scores so many are judged, each with other sites of its own.
JUDGED_OF_A_GROUP = 8
SEED = 20220428  # the day on which the first guideline that reads three sites was published


class Decide(Protocol):
    """What the chosen guideline would decide of each case, were some more answers known.

    All arrays have shape (n,).
    """

    def __call__(
        self, more: Mapping[str, Array | Flags], major: Array, hip: Array
    ) -> Sequence[Reached]: ...


class Cases(NamedTuple):
    """Answers that may be found, with the probabilities that go with them; arrays of shape (n,)."""

    answers: Mapping[str, Array | Flags]
    shares: Array  # of all draws
    major: Array
    hip: Array


@dataclass(frozen=True, slots=True)
class Decisions:
    """The chosen guideline over the values that an unknown input may have.

    Attributes
    ----------
    decide : Decide
    alone : mapping of Outcome to ndarray, shape (draws,)
        Probabilities without doubt about the effects, in the order of the drawn rows.
    point : mapping of Outcome to float
        The probabilities shown, which the draws are scaled to on average.
    hip_share : float
        Of major fracture at this age and sex: what a DXA shows of the spine moves the rest.
    """

    decide: Decide
    alone: Mapping[Outcome, Array]
    point: Mapping[Outcome, float]
    hip_share: float
    _mean_alone: Mapping[Outcome, float] = field(init=False, repr=False, compare=False)
    _now: Reached = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        means = {outcome: float(drawn.mean()) for outcome, drawn in self.alone.items()}
        object.__setattr__(self, "_mean_alone", means)
        shown = (Outcome.MAJOR_OSTEOPOROTIC, Outcome.HIP)
        (now,) = self.decide({}, *(np.array([self.point[one]]) for one in shown))
        object.__setattr__(self, "_now", now)

    def after(self, known: Known, name: str, values: Array, groups: Groups) -> HelpfulInput:
        """What knowing an input does to the category; its width is left to be filled in.

        A T-score comes from a DXA, which shows the total hip and the lumbar spine as well.

        Parameters
        ----------
        values : ndarray, shape (draws,)
        groups : as by ``_groups``
        """
        now = self._now
        if now.at_least is None:
            return HelpfulInput(name, 0.0)
        if name == T_SCORE:
            cases = self._dxas(known, values, groups)
        else:
            told = (
                _means(values, groups) if name == BMI else values[[one[0] for one in groups]] == 1
            )
            cases = Cases({name: told}, _shares(groups, values), *self._means(groups))
        decided = self.decide(cases.answers, cases.major, cases.hip)
        shares: dict[str, float] = {}
        settled = 0.0
        for share, then in zip(cases.shares.tolist(), decided, strict=True):
            said = then.at_least or ""
            shares[said] = shares.get(said, 0.0) + share
            settled += share * then.is_settled
        # Sums of shares are rounded, so that all of them is 1 and none that stays is 0.
        shares = {said: round(share, 9) for said, share in shares.items()}
        return HelpfulInput(
            name,
            0.0,
            chance_decision_changes=round(1 - shares.get(now.at_least, 0.0), 9),
            chance_settles=0.0 if now.is_settled else round(settled, 9),
            categories=tuple(sorted(shares.items(), key=lambda one: -one[1])),
        )

    def _dxas(self, known: Known, values: Array, groups: Groups) -> Cases:
        neck = values[np.concatenate([_evenly(group, JUDGED_OF_A_GROUP) for group in groups])]
        sites = other_sites(known, neck, self.hip_share, np.random.default_rng(SEED))
        ratio = {cause: np.exp(added) for cause, added in sites.log_ratios.items()}
        major, hip = (np.repeat(each, JUDGED_OF_A_GROUP) for each in self._means(groups))
        # Of the two causes that major fracture is made of, each moves on its own.
        other = 1 - (1 - major) / (1 - hip)
        hip = 1 - (1 - hip) ** ratio["hip"]
        other = 1 - (1 - other) ** ratio["other"]
        seen = {**sites.t_scores, T_SCORE: neck}
        printed = {name: as_printed_each(t_scores) for name, t_scores in seen.items()}
        shares = np.repeat(_shares(groups, values), JUDGED_OF_A_GROUP) / JUDGED_OF_A_GROUP
        return Cases(printed, shares, 1 - (1 - hip) * (1 - other), hip)

    def _means(self, groups: Groups) -> tuple[Array, Array]:
        """Of major and hip fracture, in each group of draws."""
        major, hip = (
            _means(self.alone[one], groups) * self.point[one] / self._mean_alone[one]
            for one in (Outcome.MAJOR_OSTEOPOROTIC, Outcome.HIP)
        )
        return np.minimum(major, HIGHEST), np.minimum(hip, HIGHEST)


def _means(values: Array, groups: Groups) -> Array:
    if isinstance(groups, np.ndarray):
        return np.asarray(values[groups].mean(axis=1))
    return np.array([values[group].mean() for group in groups])


def _shares(groups: Groups, values: Array) -> Array:
    return np.array([len(group) for group in groups]) / len(values)


def _evenly(group: Indices, n: int) -> Indices:
    """So many members of a sorted group."""
    return np.asarray(group[((np.arange(n) + 0.5) * len(group) / n).astype(int)])


def would_help(
    known: Known, rows: dict[str, Array], draws: Array, decisions: Decisions | None = None
) -> tuple[HelpfulInput, ...]:
    """What knowing each unknown input would do, the most helpful first.

    Among the joint draws, those that share a value are the draws that would remain if it were
    known: the mean of their widths, over the values that it may have, and the guideline's category
    at the mean of their probabilities. A measurement is cut into groups of equal size; its trend
    within each is taken out of the width, as its value would be known exactly.

    Ranked by the chance that the category changes where a guideline was chosen, else by width.
    """
    found = []
    order = np.argsort(draws) if known.unknown else np.empty(0, dtype=np.intp)
    ordered = draws[order]
    for name in known.unknown:
        values = rows["bmi_kg_m2" if name == BMI else name]
        groups = _groups(name, values)
        if isinstance(groups, np.ndarray):
            width = _width_by_group(values, draws, groups)
        else:
            width = _width_by_answer(values[order], ordered)
        then = HelpfulInput(name, 0.0)
        if decisions is not None:
            then = decisions.after(known, name, values, groups)
        found.append(replace(then, expected_interval_width=width))
    return tuple(
        sorted(
            found,
            key=lambda one: (-(one.chance_decision_changes or 0), one.expected_interval_width),
        )
    )


def _groups(name: str, values: Array) -> Groups:
    """Draws that share a value of an input; of a measurement, groups of equal size."""
    if name in (BMI, T_SCORE):
        order = np.argsort(values, kind="stable")
        return np.asarray(order.reshape(GROUPS_OF_A_MEASUREMENT, -1))
    each = (np.flatnonzero(values == answer) for answer in (False, True))
    return [group for group in each if len(group)]


def percentiles(ordered: Array) -> Array:
    """Both of ``PERCENTILES`` along the last axis, as by ``numpy.percentile``.

    Parameters
    ----------
    ordered : ndarray
        Sorted along its last axis, so that nothing is sorted twice.
    """
    last = ordered.shape[-1] - 1
    return np.stack([_at(ordered, last * (percent / 100)) for percent in PERCENTILES])


def _at(ordered: Array, place: float) -> Array:
    """Between two neighbours, on a straight line from the nearer one."""
    first = int(place)
    share = place - first
    below, above = ordered[..., first], ordered[..., min(first + 1, ordered.shape[-1] - 1)]
    between = above - below
    near_above = share >= 0.5  # noqa: PLR2004
    return np.asarray(above - between * (1 - share) if near_above else below + between * share)


def _width(ordered: Array) -> Array:
    lower, upper = percentiles(ordered)
    return np.asarray(upper - lower)


def _width_by_answer(values: Array, ordered: Array) -> float:
    """``values`` in the order of the draws."""
    parts = [ordered[values == answer] for answer in (0.0, 1.0)]
    return float(sum(len(part) / len(ordered) * _width(part) for part in parts if len(part)))


def _width_by_group(values: Array, draws: Array, groups: Indices) -> float:
    x, y = values[groups], draws[groups]
    x -= x.mean(axis=1, keepdims=True)
    slope = (x * y).sum(axis=1, keepdims=True) / (x * x).sum(axis=1, keepdims=True)
    return float(np.mean(_width(np.sort(y - slope * x))))
