"""A clinician's own impression of a risk, and how often the guideline's category agreed.

It is asked beside the number and never needed. Where it always agrees, nobody may be looking: that
is what a site watches (automation bias).
"""

from collections import Counter
from dataclasses import dataclass

from django.contrib.auth.models import User

from riskapp.actions import finding
from riskapp.actions.stored_answers import evidence_of

# In the order of the guidelines' levels, 0 to 3.
IMPRESSIONS = {"low": "Low", "middle": "In between", "high": "High", "very_high": "Very high"}
NOT_ONE = f"An impression is one of {', '.join(IMPRESSIONS)}, or blank."


@dataclass(frozen=True, slots=True)
class Agreement:
    """How impressions stood to the category of the guideline that was read first.

    ``undecided`` are those where the guideline gave no category.
    """

    asked: int
    given: int
    same: int
    lower: int
    higher: int
    undecided: int


def agreement(*, by: User) -> Agreement:
    """Of all stored assessments of the user's organisation."""
    levels = {name: level for level, name in enumerate(IMPRESSIONS)}
    counted: Counter[str] = Counter()
    rows = finding.assessments(by=by)
    for one in rows.exclude(own_impression=""):
        estimate = evidence_of(one)
        first = next(iter((estimate or {}).get("guidelines", ())), None)
        level = first and first["level"]
        if level is None:
            counted["undecided"] += 1
        else:
            difference = levels[one.own_impression] - level
            counted["same" if difference == 0 else "lower" if difference < 0 else "higher"] += 1
    return Agreement(
        asked=rows.count(),
        given=counted.total(),
        same=counted["same"],
        lower=counted["lower"],
        higher=counted["higher"],
        undecided=counted["undecided"],
    )
