"""Telling two groups apart where it is known of everybody whether, and not when, it happened."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from riskapp.evaluation.concordance import Difference
from riskapp.evaluation.course import CannotJudge, Flags, Floats
from riskapp.evaluation.observed import Z_95


@dataclass(frozen=True)
class BinaryAuc:
    """Area under the curve with DeLong's interval of 95 %.

    ``with_event`` and ``without`` are the shares of the other group that each person is rightly
    told apart from, shape (events,) and (others,).
    """

    auc: float
    lower: float
    upper: float
    standard_error: float
    with_event: Floats
    without: Floats


def binary_auc(predicted: Floats, event: Flags) -> BinaryAuc:
    """Probability that one with the event was given more than one without; equal counts half.

    Raises
    ------
    CannotJudge
        If there are not two people of each kind, or a prediction is not a number.

    References
    ----------
    DeLong ER, DeLong DM, Clarke-Pearson DL, 1988. Biometrics 44:837-845, doi:10.2307/2531595,
    by ranks (Sun X, Xu W, 2014. IEEE Signal Process Lett 21:1389, doi:10.1109/LSP.2014.2337313).
    """
    if predicted.shape != event.shape or not np.isfinite(predicted).all():
        raise CannotJudge("A prediction is missing or endless.")
    events, others = int(event.sum()), int((~event).sum())
    if min(events, others) < 2:
        raise CannotJudge("There are not two people with the event and two without it.")
    together = rankdata(predicted)
    with_event = (together[event] - rankdata(predicted[event])) / others
    without = 1 - (together[~event] - rankdata(predicted[~event])) / events
    auc = float(with_event.mean())
    error = float(np.sqrt(with_event.var(ddof=1) / events + without.var(ddof=1) / others))
    lower, upper = max(0.0, auc - Z_95 * error), min(1.0, auc + Z_95 * error)
    return BinaryAuc(auc, lower, upper, error, with_event, without)


def binary_difference(first: BinaryAuc, second: BinaryAuc) -> Difference:
    """Area of the first less that of the second, both of the same people in the same order.

    Raises
    ------
    CannotJudge
        If the people differ in number.
    """
    if first.with_event.shape != second.with_event.shape or (
        first.without.shape != second.without.shape
    ):
        raise CannotJudge("The two figures are of different people.")
    apart = first.with_event - second.with_event
    others = first.without - second.without
    error = float(np.sqrt(apart.var(ddof=1) / apart.size + others.var(ddof=1) / others.size))
    value = first.auc - second.auc
    return Difference(value, value - Z_95 * error, value + Z_95 * error, error)
