"""The recall list of fracture liaison work: who is due for what, and by which rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import User
from django.db.models import Count, QuerySet
from django.utils import timezone

from riskapp.actions import auditing, finding
from riskapp.actions.errors import Refused
from riskapp.actions.looking import look_at_new
from riskapp.actions.noticing import noticed
from riskapp.actions.permitting import Ability, needs
from riskapp.models import Wait

OVERDUE, MONTH, QUARTER, ALL = "overdue", "4-weeks", "3-months", "all"
# How far ahead each choice looks; None looks as far as there is.
AHEAD: Mapping[str, timedelta | None] = {
    OVERDUE: timedelta(days=-1),
    MONTH: timedelta(weeks=4),
    QUARTER: timedelta(days=92),
    ALL: None,
}


@dataclass(frozen=True, slots=True)
class RecallList:
    """Who is due, the longest overdue first, and how many for each reason."""

    waits: QuerySet[Wait]
    counts: Mapping[str, int]


@needs(Ability.READ_ASSESSMENTS)
def recall_list(
    *, by: User, due_for: str = "", within: str = QUARTER, matching: str = ""
) -> RecallList:
    """Find who is due in the user's organisation.

    Parameters
    ----------
    due_for : str
        One of ``models.Wait.Recall``; blank for all.
    within : str
        One of ``AHEAD``.

    Raises
    ------
    Refused
        If there is no such reason or time.
    """
    if due_for and due_for not in Wait.Recall.values:
        raise Refused({"due_for": f"due_for is one of {', '.join(Wait.Recall.values)}."})
    if within not in AHEAD:
        raise Refused({"within": f"within is one of {', '.join(AHEAD)}."})
    look_at_new(by=by)
    among = finding.patients(by=by, matching=matching)
    waits = Wait.objects.exclude(recall="").filter(row__patient__in=among)
    found = noticed(by, waits.select_related("row"), "row__patient")
    ahead = AHEAD[within]
    if ahead is not None:
        found = found.filter(due_on__lte=timezone.localdate() + ahead)
    counts = dict(found.order_by().values_list("recall").annotate(Count("pk")))
    if due_for:
        found = found.filter(recall=due_for)
    return RecallList(
        waits=found.select_related("row__patient").order_by("due_on", "row__patient", "pk"),
        counts={one: counts.get(one, 0) for one in Wait.Recall.values},
    )


def download_recall(*, by: User, due_for: str, within: str, matching: str) -> list[Wait]:
    """The whole list as it leaves for another program; audited, as it names people.

    Raises
    ------
    Refused
        If there is no such reason or time.
    """
    waits = list(recall_list(by=by, due_for=due_for, within=within, matching=matching).waits)
    auditing.record(by=by, action="recall.download", target="list", detail={"rows": len(waits)})
    return waits
