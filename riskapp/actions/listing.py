"""All that an organisation has of a kind, however many there are: patients, scans, assessments.

Scans and assessments stand with the newest first.
"""

from functools import partial
from typing import TypeVar

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Model, Q, QuerySet

from riskapp.actions import finding
from riskapp.actions.closed_records import closed_to
from riskapp.actions.confining import check_unconfined, confined_to
from riskapp.actions.noticing import noticed
from riskapp.actions.paging import Paged
from riskapp.actions.permitting import Ability, needs
from riskapp.models import Assessment, ExpectedScan, Organisation, Patient, Scan

Row = TypeVar("Row", bound=Model)
# Of more rows than these it is rather counted what is not asked for.
MANY = 100_000
# Of more than this part of them too, where no more than it is not asked for.
PART = 5


@needs(Ability.READ_SCANS)
def scans(*, by: User, patient: Patient | None = None, status: str = "") -> Paged[Scan]:
    """Scans of the user's organisation, or of one of its patients."""
    read = Scan.objects.select_related("patient", "uploaded_by")
    found = Scan.objects.filter(status=status) if status else Scan.objects.all()
    return _paged(by, found.order_by("-uploaded_at", "-pk"), patient, read)


@needs(Ability.READ_SCANS)
def expected_scans(
    *, by: User, patient: Patient | None = None, those: Q | None = None
) -> Paged[ExpectedScan]:
    """Examinations that were ordered, by their day; ``those`` as ``expecting.in_state`` has it."""
    check_unconfined(by)
    found = ExpectedScan.objects.filter(those or Q()).order_by("planned_on", "told_at", "pk")
    return _paged(by, found, patient, ExpectedScan.objects.select_related("patient"))


@needs(Ability.READ_ASSESSMENTS)
def assessments(*, by: User, patient: Patient | None = None) -> Paged[Assessment]:
    """Assessments of the user's organisation, or of one of its patients."""
    read = Assessment.objects.select_related("patient", "created_by").prefetch_related("scans")
    return _paged(by, Assessment.objects.order_by("-created_at", "-pk"), patient, read)


@needs(Ability.FIND_PATIENTS)
def patients(*, by: User, matching: str = "") -> Paged[Patient]:
    """Patients as they were registered; ``matching`` as ``finding.patients`` has it."""
    found = finding.patients(by=by, matching=matching).order_by("registered_at", "pk")
    read = noticed(by, Patient.objects.all(), "pk")
    if matching:
        return Paged((found, found.order_by().count()), read=read)
    return Paged((found, counted(by, Patient.objects.all(), "pk")), read=read)


def _paged(
    by: User, rows: QuerySet[Row], patient: Patient | None, read: QuerySet[Row]
) -> Paged[Row]:
    read = noticed(by, read, "patient")
    if patient is not None:
        found = finding.within_bounds(by, rows.filter(patient=patient), "patient")
        return Paged((found, found.count()), read=read)
    here = rows.filter(organisation=finding.organisation_of(by))
    return Paged((finding.within_bounds(by, here, "patient"), counted(by, rows)), read=read)


def counted(
    by: User,
    rows: QuerySet[Row],
    patient: str = "patient",
    others: QuerySet[Row] | None = None,
) -> int:
    """How many of these rows are the organisation's and open to somebody.

    An index counts all of them; of those that are closed there are few. Where there are many,
    SQLite counts the ``others`` instead: of the same table those that are not asked for.
    """
    home = finding.organisation_of(by)
    here = rows.order_by().filter(organisation=home)
    if confined_to(by) is not None:
        return finding.within_bounds(by, here, patient).count()
    # Whose those are is asked of the patients: an index has their rows, without whose they are.
    ours = finding.belonging(Patient.objects.order_by(), home.pk)
    closed = ours.filter(pk__in=closed_to(by)).values("pk")
    hidden = rows.order_by().filter(**{f"{patient}__in": closed})
    return _all(home, here, rows, others) - hidden.count()


def _all(
    home: Organisation, here: QuerySet[Row], rows: QuerySet[Row], others: QuerySet[Row] | None
) -> int:
    """The organisation's rows, closed ones too.

    SQLite goes through what it counts, but for a table without any condition, of which it adds up
    how much each page holds: of a million rows the one takes 50 to 130 ms, the other 4.
    """
    if connection.vendor != "sqlite" or (rows.query.where and others is None):
        return here.count()
    everything = rows.model._default_manager.order_by()
    if others is not None:
        rest = [others.filter(organisation=home)]
        whole = partial(_all, home, everything.filter(organisation=home), everything, None)
    else:
        elsewhere = (Q(organisation__lt=home), Q(organisation__gt=home), Q(organisation=None))
        rest, whole = [everything.filter(one) for one in elsewhere], everything.count
    some = MANY // PART
    few = _up_to(some, here)
    if few < some:
        return few
    left = [_up_to(some, one) for one in rest]
    if max(left) < some:
        return whole() - sum(left)
    few = _up_to(MANY, here)
    return few if few < MANY else whole() - sum(one.count() for one in rest)


def _up_to(most: int, rows: QuerySet[Row]) -> int:
    return rows.values("organisation")[:most].count()
