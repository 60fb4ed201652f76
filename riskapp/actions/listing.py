"""All that an organisation has of a kind, however many there are: patients, scans, assessments.

Scans and assessments stand with the newest first.
"""

from typing import TypeVar

from django.contrib.auth.models import User
from django.db.models import Model, Q, QuerySet

from riskapp.actions import finding
from riskapp.actions.closed_records import closed_to
from riskapp.actions.confining import check_unconfined, confined_to
from riskapp.actions.noticing import noticed
from riskapp.actions.paging import Paged
from riskapp.actions.permitting import Ability, needs
from riskapp.models import Assessment, ExpectedScan, Patient, Scan

Row = TypeVar("Row", bound=Model)


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


def counted(by: User, rows: QuerySet[Row], patient: str = "patient") -> int:
    """How many of these rows are the organisation's and open to somebody.

    An index counts all of them; of those that are closed there are few.
    """
    home = finding.organisation_of(by)
    here = rows.order_by().filter(organisation=home)
    if confined_to(by) is not None:
        return finding.within_bounds(by, here, patient).count()
    # Whose those are is asked of the patients: an index has their rows, without whose they are.
    ours = finding.belonging(Patient.objects.order_by(), home.pk)
    closed = ours.filter(pk__in=closed_to(by)).values("pk")
    return here.count() - rows.order_by().filter(**{f"{patient}__in": closed}).count()
