"""The recall list of fracture liaison work: who is due for what, and by which rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import User
from django.db.models import Count, QuerySet
from django.utils import timezone

from riskapp.actions import auditing, finding
from riskapp.actions.closed_records import closed_to
from riskapp.actions.confining import confined_to
from riskapp.actions.errors import Refused
from riskapp.actions.looking import look_at_new
from riskapp.actions.noticing import noticed
from riskapp.actions.paging import Paged
from riskapp.actions.permitting import Ability, check, needs
from riskapp.models import Wait, search_word

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
    """Who is due, the longest overdue first, and how many for each reason.

    ``is_complete`` says whether every record was looked at; others are soon (``looking``).
    """

    waits: Paged[Wait]
    counts: Mapping[str, int]
    is_complete: bool


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
    home = finding.organisation_of(by)
    is_complete = look_at_new(home)
    here = Wait.objects.filter(organisation=home, recall__in=Wait.Recall.values)
    ahead = AHEAD[within]
    last = None if ahead is None else timezone.localdate() + ahead
    if last is not None:
        here = here.filter(due_on__lte=last)
    found = finding.within_bounds(by, here, "row")
    if matching:
        check(by, Ability.FIND_PATIENTS)
        theirs = finding.belonging(Wait.objects.exclude(recall=""), home.pk)
        found = finding.within_bounds(by, theirs, "row")
        found = found.filter(search_word.matching(matching, "row"))
        found = found if last is None else found.filter(due_on__lte=last)
    if matching or confined_to(by) is not None:
        counts = _counted(found)
    else:  # over all of them an index counts; of those that are closed there are few
        counts = _counted(here)
        closed = Wait.objects.filter(row__in=closed_to(by)).exclude(recall="")
        closed = closed if last is None else closed.filter(due_on__lte=last)
        for kind, hidden in _counted(finding.belonging(closed, home.pk)).items():
            counts[kind] -= hidden
    if due_for:
        found = found.filter(recall=due_for)
    many = counts.get(due_for, 0) if due_for else sum(counts.values())
    read = noticed(by, Wait.objects.select_related("row__patient"), "row")
    found = found.select_related("row__patient").order_by("due_on", "row", "pk")
    return RecallList(
        waits=Paged((found, many), read=read),
        counts={one: counts.get(one, 0) for one in Wait.Recall.values},
        is_complete=is_complete,
    )


def _counted(waits: QuerySet[Wait]) -> dict[str, int]:
    return dict(waits.order_by().values_list("recall").annotate(many=Count("*")))


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
