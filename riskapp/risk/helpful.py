"""Which unknown input would help most: what would be left of the doubt, knowing it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from riskapp.risk.estimate import HelpfulInput, Outcome
from riskapp.risk.missing import BMI, T_SCORE, Known
from riskapp.risk.verdict import Verdict

Array = npt.NDArray[np.float64]

PERCENTILES = (2.5, 97.5)
# Draws of a measured input are cut into groups of similar value to see what knowing it leaves.
GROUPS_OF_A_MEASUREMENT = 25
# One DXA measures all three.
MEASURED_ALONG = {T_SCORE: frozenset(("total_hip_t_score", "lumbar_spine_t_score"))}


class Decide(Protocol):
    """What the chosen guideline would say, were some more answers known."""

    def __call__(self, more: Mapping[str, float | bool], major: float, hip: float) -> Verdict: ...


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
    """

    decide: Decide
    alone: Mapping[Outcome, Array]
    point: Mapping[Outcome, float]

    def after(self, name: str, values: Array) -> HelpfulInput:
        """What knowing an input does to the category; its width is left to be filled in."""
        major, hip = self.point[Outcome.MAJOR_OSTEOPOROTIC], self.point[Outcome.HIP]
        now = self.decide({}, major, hip)
        if now.at_least is None:
            return HelpfulInput(name, 0.0)
        draws_by_category: dict[str, int] = {}
        settled = True
        for group, value in _groups(name, values):
            then = self.decide(
                {name: value},
                self._mean(Outcome.MAJOR_OSTEOPOROTIC, group),
                self._mean(Outcome.HIP, group),
            )
            said = then.at_least or ""
            draws_by_category[said] = draws_by_category.get(said, 0) + len(group)
            settled = settled and _is_settled(then, name)
        return HelpfulInput(
            name,
            0.0,
            chance_decision_changes=1 - draws_by_category.get(now.at_least, 0) / len(values),
            would_settle=settled and not now.is_settled,
            categories=tuple(
                (said, n / len(values))
                for said, n in sorted(draws_by_category.items(), key=lambda one: -one[1])
            ),
        )

    def _mean(self, outcome: Outcome, group: npt.NDArray[np.intp]) -> float:
        draws = self.alone[outcome]
        return float(min(draws[group].mean() * self.point[outcome] / draws.mean(), 1))


def _is_settled(then: Verdict, name: str) -> bool:
    """Whether the guideline decides, but for what is measured along with the input."""
    beside = set(then.missing) - MEASURED_ALONG.get(name, frozenset())
    return not (then.asks_for or beside or then.missing_words)


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
    for name in known.unknown:
        values = rows["bmi_kg_m2" if name == BMI else name]
        if name in (BMI, T_SCORE):
            width = _width_by_group(values, draws)
        else:
            width = _width_by_answer(values, draws)
        then = HelpfulInput(name, 0.0) if decisions is None else decisions.after(name, values)
        found.append(replace(then, expected_interval_width=width))
    return tuple(
        sorted(
            found,
            key=lambda one: (-(one.chance_decision_changes or 0), one.expected_interval_width),
        )
    )


def _groups(name: str, values: Array) -> Iterator[tuple[npt.NDArray[np.intp], float | bool]]:
    """Draws that share a value of an input, and that value."""
    if name in (BMI, T_SCORE):
        for group in np.array_split(np.argsort(values, kind="stable"), GROUPS_OF_A_MEASUREMENT):
            yield group, float(values[group].mean())
        return
    for answer in (False, True):
        group = np.flatnonzero(values == answer)
        if len(group):
            yield group, answer


def _width(draws: Array) -> float:
    lower, upper = np.percentile(draws, PERCENTILES)
    return float(upper - lower)


def _width_by_answer(values: Array, draws: Array) -> float:
    parts = [draws[values == answer] for answer in (0.0, 1.0)]
    return sum(len(part) / len(draws) * _width(part) for part in parts if len(part))


def _width_by_group(values: Array, draws: Array) -> float:
    order = np.argsort(values, kind="stable")
    widths = []
    for group in np.array_split(order, GROUPS_OF_A_MEASUREMENT):
        x = values[group] - values[group].mean()
        slope = float(x @ draws[group] / (x @ x))
        widths.append(_width(draws[group] - slope * x))
    return float(np.mean(widths))
