"""Which answer the guideline's verdict hangs on, if any."""

from dataclasses import dataclass

from riskapp.exchange import cds_wording as words
from riskapp.exchange.cds_situation import HIGH, Situation
from riskapp.exchange.guideline_wording import FEW, about_of_ten, label, missing_in_words
from riskapp.risk.estimate import HelpfulInput
from riskapp.risk.guideline_data import T_SCORES, guideline
from riskapp.risk.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Missing:
    """What would decide, in one sentence, and what knowing it would bring.

    ``is_scan`` tells that a bone density scan would answer it.
    """

    says: str
    would_bring: str
    is_scan: bool


def what_would_decide(situation: Situation) -> Missing | None:
    """The answer to get, where the verdict hangs on it; None where it does not.

    A classification by T-score hangs on one for everybody, and would be said of everybody.
    """
    told = situation.verdict
    if told.kind == "classification" or told.applies is False:
        return None
    if told.applies is None:
        return _whether_it_applies(situation)
    by_field = {one.field: one for one in situation.estimate.would_help_most}
    if told.asks_for:
        scan = next((by_field[name] for name in T_SCORES if name in by_field), None)
        says = f"{told.name} asks for {told.asks_for} before it decides."
        return Missing(says, _told(scan), is_scan=True)
    best = next(iter(situation.estimate.would_help_most), None)
    if best is None or not _could_be_high(told) or _hardly_changes(best):
        return None
    is_scan = best.field in T_SCORES
    what = "bone density" if is_scan else f"“{label(best.field)}”"
    return Missing(f"{told.name}: {told.at_least} so far; {what} may decide.", _told(best), is_scan)


def _whether_it_applies(situation: Situation) -> Missing | None:
    """Said only where a medicine is being ordered: it is open for every woman before 60."""
    if situation.orders is None or not situation.orders.medicines:
        return None
    told = situation.verdict
    says = f"Whether {told.name} applies cannot be told without {missing_in_words(told)}."
    return Missing(says, "", is_scan=False)


def _could_be_high(told: Verdict) -> bool:
    levels = {one.name: one.level for one in guideline(told.guideline).categories}
    return told.category is None and any(levels[name] >= HIGH for name in told.possible)


def _hardly_changes(one: HelpfulInput) -> bool:
    return about_of_ten(one.chance_decision_changes or 0.0) in FEW


def _told(one: HelpfulInput | None) -> str:
    return "" if one is None else words.help_told(one)
