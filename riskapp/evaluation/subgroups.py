"""One figure in each group of people, with its interval, as rows of a forest plot."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskapp.evaluation.calibration import in_the_large, weak
from riskapp.evaluation.concordance import harrell
from riskapp.evaluation.course import CannotJudge, Course, Floats, Places
from riskapp.evaluation.resampling import bootstrap

Labels = npt.NDArray[np.str_]
EVERYBODY = "everybody"


@dataclass(frozen=True)
class Interval:
    """A figure with 95 %; without an end where there is none."""

    value: float
    lower: float | None
    upper: float | None


@dataclass(frozen=True)
class Row:
    """One group; ``refused`` is the sentence why it has no ``figure``, or None.

    ``events`` are those by the horizon.
    """

    grouping: str
    group: str
    people: int
    events: int
    figure: Interval | None
    refused: str | None


Figure = Callable[[Floats, Course, float], Interval]


def concordance_figure(predicted: Floats, seen: Course, horizon_years: float) -> Interval:
    """Harrell's C by the horizon."""
    found = harrell(predicted, seen, horizon_years)
    return Interval(found.c, found.lower, found.upper)


def observed_over_expected(predicted: Floats, seen: Course, horizon_years: float) -> Interval:
    """Calibration in the large at the horizon."""
    found = in_the_large(predicted, seen, horizon_years)
    return Interval(found.ratio, found.lower, found.upper)


def calibration_slope(predicted: Floats, seen: Course, horizon_years: float) -> Interval:
    """Slope of weak calibration at the horizon."""
    found = weak(predicted, seen, horizon_years).slope
    return Interval(found.value, found.lower, found.upper)


def resampled(
    value: Callable[[Floats, Course, float], float], *, draws: int = 500, seed: int
) -> Figure:
    """Give a figure without a formula for its interval one from drawing rows again."""

    def figure(predicted: Floats, seen: Course, horizon_years: float) -> Interval:
        def of_drawn(chosen: Places) -> Floats:
            return np.array([value(predicted[chosen], seen.part(chosen), horizon_years)])

        (found,) = bootstrap(of_drawn, np.arange(seen.people), draws=draws, seed=seed)
        return Interval(found.value, found.lower, found.upper)

    return figure


def forest(
    figure: Figure,
    predicted: Floats,
    seen: Course,
    horizon_years: float,
    groupings: Mapping[str, Labels],
    *,
    fewest_events: int = 10,
) -> tuple[Row, ...]:
    """Everybody first, then each group of each grouping in alphabetical order.

    Intervals hold for each row for itself: with twenty groups one is expected to lie outside.

    Parameters
    ----------
    groupings : mapping of name to ndarray of str, shape (n,)
        An empty label is a group of its own: not known.
    fewest_events : int
        A group with fewer by the horizon has no figure: its interval would not hold.

    Raises
    ------
    CannotJudge
        If a grouping has another number of labels than there are people.
    """
    rows = [_row(figure, predicted, seen, horizon_years, EVERYBODY, EVERYBODY, 0)]
    for name, labels in groupings.items():
        if labels.shape != (seen.people,):
            raise CannotJudge(f"{name} has {labels.size} labels for {seen.people} people.")
        for label in np.unique(labels):
            chosen = labels == label
            rows.append(
                _row(
                    figure,
                    predicted[chosen],
                    seen.part(chosen),
                    horizon_years,
                    name,
                    str(label) or "not known",
                    fewest_events,
                )
            )
    return tuple(rows)


def _row(
    figure: Figure,
    predicted: Floats,
    seen: Course,
    horizon_years: float,
    grouping: str,
    group: str,
    fewest_events: int,
) -> Row:
    events = int((seen.event & (seen.years <= horizon_years)).sum())
    found, refused = None, None
    if events < fewest_events:
        refused = f"Fewer than {fewest_events} events by {horizon_years:g} years."
    else:
        try:
            found = figure(predicted, seen, horizon_years)
        except CannotJudge as error:
            refused = str(error)
    return Row(grouping, group, seen.people, events, found, refused)
