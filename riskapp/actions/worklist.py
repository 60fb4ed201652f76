"""The worklist: who waits for what, searched, filtered and sorted; the same at every door."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from riskapp.actions import finding
from riskapp.actions.closed_records import closed_to
from riskapp.actions.confining import confined_to
from riskapp.actions.errors import Refused
from riskapp.actions.looking import RANKS, look_at_new, look_at_one
from riskapp.actions.noticing import noticed
from riskapp.actions.paging import Paged
from riskapp.actions.permitting import Ability, may, needs
from riskapp.models import Organisation, Patient, Wait, WorklistRow, search_word

EVERYONE = "everyone"
LONG = timedelta(weeks=1)


# What is to be done about a scan itself, whatever it means for anybody's risk.
OF_SCANS = (Wait.Kind.SCAN, Wait.Kind.MEASURING)


class Order(StrEnum):
    """How the list is sorted."""

    LONGEST = "longest"
    LATEST = "latest"
    HIGHEST = "highest"


class _Many(NamedTuple):
    """How many there are, how many of them wait long, and of how many the risk is known."""

    many: int
    long: int
    risk: int


ByRank = dict[int | None, _Many]
NONE = _Many(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Worklist:
    """What was found, ready to be cut into pages.

    Attributes
    ----------
    rows : Paged of WorklistRow
        In order, with their patients.
    counts : mapping of str to int
        How many wait for each kind of thing, and how many there are at all; of what is searched.
    waiting, waiting_long : int
        How many wait for anything, and how many of them for more than a week.
    waits : str
        The kind that is shown; blank for all who wait.
    is_complete : bool
        Whether every record was looked at; others are soon (``looking``).
    """

    rows: Paged[WorklistRow]
    counts: Mapping[str, int]
    waiting: int
    waiting_long: int
    waits: str
    is_complete: bool


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
    home = finding.organisation_of(by)
    is_complete = look_at_new(home)
    here = WorklistRow.objects.filter(organisation=home)
    found = finding.within_bounds(by, here, "patient")
    if matching:
        theirs = finding.belonging(WorklistRow.objects.all(), home.pk)
        found = finding.within_bounds(by, theirs, "patient")
        found = found.filter(search_word.matching(matching, "patient"))
    is_part = bool(matching) or confined_to(by) is not None
    counted = _by_rank(found) if is_part else _counted(by, home, here)
    ranks = [RANKS[kind] for kind in kinds]
    counts = {kind.value: 0 for kind in RANKS}
    counts |= {kind.value: counted.get(RANKS[kind], NONE).many for kind in kinds}
    waiting = sum(counts.values())
    counts[EVERYONE] = sum(one.many for one in counted.values())
    shown = set(counted)
    if waits and waits != EVERYONE:
        shown = {RANKS[Wait.Kind(waits)]}
        found = found.filter(rank__in=shown)
    elif not waits and not matching:
        shown = set(ranks)
        # Said by what the index has in front, where it can be: whoever waits does so since then.
        column = "since" if order == Order.LONGEST else "rank"
        all_kinds = Q(**{f"{column}__isnull": False})
        found = found.filter(all_kinds if len(ranks) == len(RANKS) else Q(rank__in=ranks))
    those = {rank: one for rank, one in counted.items() if rank in shown}
    return Worklist(
        rows=_in_order(by, found, Order(order), those, is_part=is_part),
        counts=counts,
        waiting=waiting,
        waiting_long=sum(counted.get(rank, NONE).long for rank in ranks),
        waits=waits,
        is_complete=is_complete,
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


def _counted(by: User, home: Organisation, here: QuerySet[WorklistRow]) -> ByRank:
    """Over all of them an index counts; of those that are closed there are few."""
    found = _by_rank(here)
    closed = WorklistRow.objects.filter(patient__in=closed_to(by))
    for rank, less in _by_rank(finding.belonging(closed, home.pk)).items():
        was = found[rank]
        found[rank] = _Many(was.many - less.many, was.long - less.long, was.risk - less.risk)
    return found


def _by_rank(rows: QuerySet[WorklistRow]) -> ByRank:
    long = Count("since", filter=Q(since__lt=timezone.now() - LONG))
    counts = {"many": Count("*"), "long": long, "risk": Count("major")}
    told = rows.order_by().values_list("rank").annotate(**counts)
    return {rank: _Many(*counted) for rank, *counted in told}


def _in_order(
    by: User, rows: QuerySet[WorklistRow], order: Order, counted: ByRank, *, is_part: bool
) -> Paged[WorklistRow]:
    """Those without what is sorted by stand last, the latest activity first.

    Of all they are two parts, each in the order of an index; what is looked for is sorted at once.
    """
    read = noticed(by, WorklistRow.objects.select_related("patient"), "patient")
    latest, many = ("-active_at", "pk"), sum(one.many for one in counted.values())
    if order is Order.LATEST:
        return Paged((rows.order_by(*latest), many), read=read)
    if order is Order.LONGEST:
        of, first, those = "since", "since", many - counted.get(None, NONE).many
    else:
        of, first, those = "major", "-major", sum(one.risk for one in counted.values())
    if is_part:
        column = F(of)
        either = column.desc if first.startswith("-") else column.asc
        return Paged((rows.order_by(either(nulls_last=True), *latest), many), read=read)
    have, rest = (rows.filter(**{f"{of}__isnull": is_blank}) for is_blank in (False, True))
    return Paged(
        (have.order_by(first, *latest), those), (rest.order_by(*latest), many - those), read=read
    )
