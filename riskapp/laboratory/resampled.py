"""Figures of all engines on the same draws of people, and how far engines lie apart in each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from riskapp.evaluation.brier import brier_of, over_time
from riskapp.evaluation.concordance import uno
from riskapp.evaluation.course import CannotJudge, Course, Places
from riskapp.evaluation.decision_curve import net_benefit_at
from riskapp.evaluation.observed import StateAt, incidences, states_at
from riskapp.evaluation.reclassification import net_reclassification
from riskapp.evaluation.resampling import Estimate, bootstrap
from riskapp.evaluation.roc import area_by_rank, integrated_area
from riskapp.laboratory.asking import Floats

UNO, INTEGRATED_AUC = "Uno's C", "AUC, mean over the years"
BRIER, INTEGRATED_BRIER = "Brier score", "Brier score, mean over the years"
IPA, INTEGRATED_IPA = "IPA", "IPA, mean over the years"
MOVED = "Net reclassification"
Figure = tuple[str, ...]


def auc_by(year: int) -> str:
    return f"AUC at {year} years"


def benefit_at(threshold: float) -> str:
    return f"Net benefit for 1,000 at {100 * threshold:g} %"


def moved_at(threshold: float, *, events: bool) -> str:
    who = "with" if events else "without"
    return f"{MOVED} {who} the outcome at {100 * threshold:g} %"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whose answers are judged, by what.

    Attributes
    ----------
    curves : mapping of key to ndarray, shape (n, 10)
        Probability by the end of each year.
    people : ndarray of int, shape (n,)
        The number of the person that each row is about.
    horizon : int
        In years.
    level : bool
        Whether the predicted level may be compared with what was observed.
    marks : sequence of float
        Thresholds of guidelines, in (0, 1); none where nothing is decided.
    pairs : sequence of (str, str)
        Keys of two engines that are compared, the one and the one that it is held against.
    """

    curves: Mapping[str, Floats]
    seen: Course
    people: Places
    horizon: int
    level: bool
    marks: Sequence[float]
    pairs: Sequence[tuple[str, str]]


def resampled(question: Question, *, draws: int, seed: int) -> dict[Figure, Estimate]:
    """Every figure with the percentile interval of the same draws of people.

    Returns
    -------
    dict
        Empty where the people do not hold the horizon. Under (name, key) a figure of one engine;
        under (name, key, other) what that of the first is above that of the other, or of the two
        together, as reclassification is.
    """
    ranks = {
        key: [np.unique(curve[:, year], return_inverse=True)[1] for year in range(question.horizon)]
        for key, curve in question.curves.items()
    }
    try:
        whole = _figures(question, ranks, np.arange(question.people.size))
    except CannotJudge:
        return {}
    names = list(whole)

    def statistic(chosen: Places) -> Floats:
        found = _figures(question, ranks, chosen)
        return np.array([found[name] for name in names])

    try:
        told = bootstrap(statistic, question.people, draws=draws, seed=seed)
    except CannotJudge:
        # Too many draws lost the last person who was followed to the horizon.
        told = tuple(Estimate(value, None, None, np.nan, draws, draws) for value in whole.values())
    return dict(zip(names, told, strict=True))


def _figures(
    question: Question, ranks: Mapping[str, Sequence[Places]], chosen: Places
) -> dict[Figure, float]:
    part = question.seen.part(chosen)
    years = range(1, question.horizon + 1)
    states = list(states_at(part, years))
    reached = incidences(part, years)
    found: dict[Figure, float] = {}
    for key, curve in question.curves.items():
        own = curve[chosen]
        told = {UNO: _uno(own[:, question.horizon - 1], part, question.horizon)}
        told |= _areas([rank[chosen] for rank in ranks[key]], states, reached)
        if question.level:
            told |= _accuracy(own, states, reached)
            told |= _benefits(own[:, question.horizon - 1], part, question, reached[-1])
        found |= {(name, key): value for name, value in told.items()}
    names = dict.fromkeys(name for name, *_ in found)
    for one, other in question.pairs:
        for name in names:
            found[name, one, other] = found[name, one] - found[name, other]
        found |= _moved(question, chosen, part, one, other, reached[-1])
    return found


def _uno(predicted: Floats, part: Course, horizon: int) -> float:
    try:
        # An event exactly at the horizon is not before it, and it is one of those judged.
        return uno(predicted, part, np.nextafter(horizon, np.inf))
    except CannotJudge:
        return np.nan


def _areas(
    ranks: Sequence[Places], states: Sequence[StateAt], reached: Sequence[float]
) -> dict[str, float]:
    areas = [
        np.nan if area is None else area
        for area in (
            area_by_rank(rank, int(rank.max()) + 1, state)
            for rank, state in zip(ranks, states, strict=True)
        )
    ]
    told = {auc_by(year): area for year, area in enumerate(areas, start=1)}
    # A year before the first event has no area and no weight either.
    counted = [place for place, area in enumerate(areas) if np.isfinite(area)]
    told[INTEGRATED_AUC] = (
        integrated_area([areas[i] for i in counted], [reached[i] for i in counted])
        if counted
        else np.nan
    )
    return told


def _accuracy(
    curves: Floats, states: Sequence[StateAt], reached: Sequence[float]
) -> dict[str, float]:
    found = over_time(
        tuple(
            brier_of(curves[:, place], state, incidence, place + 1)
            for place, (state, incidence) in enumerate(zip(states, reached, strict=True))
        )
    )
    last, whole = found.at[-1].ipa, found.integrated_ipa
    return {
        BRIER: found.at[-1].score,
        IPA: np.nan if last is None else last,
        INTEGRATED_BRIER: found.integrated,
        INTEGRATED_IPA: np.nan if whole is None else whole,
    }


def _benefits(
    predicted: Floats, part: Course, question: Question, reached: float
) -> dict[str, float]:
    told = {}
    for mark in question.marks:
        found = net_benefit_at(mark, predicted, part, question.horizon, reached).net_benefit
        told[benefit_at(mark)] = np.nan if found is None else 1000 * found
    return told


def _moved(
    question: Question, chosen: Places, part: Course, one: str, other: str, reached: float
) -> dict[Figure, float]:
    at = question.horizon - 1
    after, before = (question.curves[key][chosen, at] for key in (one, other))
    told: dict[Figure, float] = {}
    for mark in question.marks:
        try:
            found = net_reclassification(before, after, part, question.horizon, [mark], reached)
        except CannotJudge:
            found = (np.nan, np.nan)
        for events, value in zip((True, False), found, strict=True):
            told[moved_at(mark, events=events), one, other] = value
    return told
