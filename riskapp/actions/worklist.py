"""The worklist: who waits for what, searched, filtered and sorted; the same at every door."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from riskapp.actions import finding
from riskapp.actions.errors import Refused
from riskapp.actions.looking import RANKS, look_at_new, look_at_one
from riskapp.actions.permitting import Ability, may, needs
from riskapp.models import Patient, Wait, WorklistRow

EVERYONE = "everyone"
LONG = timedelta(weeks=1)


# What is to be done about a scan itself, whatever it means for anybody's risk.
OF_SCANS = (Wait.Kind.SCAN, Wait.Kind.MEASURING)


class Order(StrEnum):
    """How the list is sorted."""

    LONGEST = "longest"
    LATEST = "latest"
    HIGHEST = "highest"


@dataclass(frozen=True, slots=True)
class Worklist:
    """What was found, ready to be cut into pages.

    Attributes
    ----------
    rows : QuerySet of WorklistRow
        In order, with their patients.
    shown : int
        How many rows there are.
    counts : mapping of str to int
        How many wait for each kind of thing, and how many there are at all; of what is searched.
    waiting, waiting_long : int
        How many wait for anything, and how many of them for more than a week.
    waits : str
        The kind that is shown; blank for all who wait.
    """

    rows: QuerySet[WorklistRow]
    shown: int
    counts: Mapping[str, int]
    waiting: int
    waiting_long: int
    waits: str


@needs(Ability.FIND_PATIENTS)
def worklist(
    *, by: User, waits: str = "", matching: str = "", order: str = Order.LONGEST
) -> Worklist:
    """Find who waits for what in the user's organisation.

    Parameters
    ----------
    waits : str
        A kind of ``models.Wait``; ``everyone``; blank for all who wait, or for everyone where
        somebody is searched for.

    Raises
    ------
    Refused
        If there is no such kind or order for this user.
    """
    kinds = kinds_for(by)
    _check(waits, order, kinds, orders_for(by))
    look_at_new(by=by)
    found = WorklistRow.objects.filter(patient__organisation=finding.organisation_of(by))
    found = finding.within_bounds(by, found, "patient")
    if matching:
        found = found.filter(patient__in=finding.patients(by=by, matching=matching))
    long = Count("pk", filter=Q(since__lt=timezone.now() - LONG))
    counted = {
        rank: (count, waiting_long)
        for rank, count, waiting_long in found.order_by()
        .values_list("rank")
        .annotate(Count("pk"), long=long)
    }
    ranks = [RANKS[kind] for kind in kinds]
    counts = {kind.value: 0 for kind in RANKS}
    counts |= {kind.value: counted.get(RANKS[kind], (0, 0))[0] for kind in kinds}
    waiting = sum(counts.values())
    counts[EVERYONE] = sum(count for count, _ in counted.values())
    shown, of_shown = found, counts[waits or EVERYONE]
    if waits and waits != EVERYONE:
        shown = found.filter(rank=RANKS[Wait.Kind(waits)])
    elif not waits and not matching:
        shown, of_shown = found.filter(rank__in=ranks), waiting
    return Worklist(
        rows=shown.order_by(*_by(Order(order))).select_related("patient"),
        shown=of_shown,
        counts=counts,
        waiting=waiting,
        waiting_long=sum(counted.get(rank, (0, 0))[1] for rank in ranks),
        waits=waits,
    )


def kinds_for(by: User) -> tuple[Wait.Kind, ...]:
    """What somebody sees people wait for: who reads no estimates, their scans alone."""
    return tuple(Wait.Kind) if may(by, Ability.READ_ASSESSMENTS) else OF_SCANS


def orders_for(by: User) -> tuple[Order, ...]:
    """How somebody may sort: an order by risk tells of estimates."""
    return tuple(
        one for one in Order if one is not Order.HIGHEST or may(by, Ability.READ_ASSESSMENTS)
    )


def first_waits(rows: Iterable[WorklistRow], *, by: User) -> dict[UUID, Wait]:
    """What the rows of one page wait for, by patient."""
    listed = Wait.objects.filter(
        row__in=list(rows), listed_from__lte=timezone.localdate(), kind__in=kinds_for(by)
    )
    found: dict[UUID, Wait] = {}
    for wait in listed:  # the most urgent comes first
        found.setdefault(wait.row_id, wait)
    return found


def waits_for(*, by: User, patient: Patient) -> list[Wait]:
    """All that one patient waits for, the most urgent first; what falls due later is among it."""
    patient = finding.patient(by=by, id=patient.id)
    look_at_one(by=by, patient_id=patient.id)
    found = Wait.objects.filter(row__patient=patient, kind__in=kinds_for(by))
    return list(found.select_related("row"))


def _check(waits: str, order: str, kinds: Iterable[Wait.Kind], orders: Iterable[Order]) -> None:
    lists = [*(kind.value for kind in kinds), EVERYONE]
    if waits and waits not in lists:
        raise Refused({"waits": f"There is no such list; waits is one of {', '.join(lists)}."})
    if order not in set(orders):
        raise Refused({"order": f"order is one of {', '.join(orders)}."})


def _by(order: Order) -> tuple[object, ...]:
    latest = ("-active_at", "pk")
    if order is Order.LATEST:
        return latest
    if order is Order.HIGHEST:
        return (F("major").desc(nulls_last=True), *latest)
    return (F("since").asc(nulls_last=True), *latest)
