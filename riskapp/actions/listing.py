"""All that an organisation has of a kind, however many there are: patients, scans, assessments.

Scans and assessments stand with the newest first.
"""

from typing import TypeVar

from django.contrib.auth.models import User
from django.db.models import Model, QuerySet

from riskapp.actions import finding
from riskapp.actions.closed_records import closed_to
from riskapp.actions.confining import confined_to
from riskapp.actions.noticing import noticed
from riskapp.actions.paging import Paged
from riskapp.actions.permitting import Ability, needs
from riskapp.models import Assessment, Patient, Scan

Row = TypeVar("Row", bound=Model)


@needs(Ability.READ_SCANS)
def scans(*, by: User, patient: Patient | None = None, status: str = "") -> Paged[Scan]:
    """Scans of the user's organisation, or of one of its patients."""
    read = Scan.objects.select_related("patient", "uploaded_by")
    found = Scan.objects.filter(status=status) if status else Scan.objects.all()
    return _paged(by, found.order_by("-uploaded_at", "-pk"), patient, read)


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
    closed = finding.belonging(rows.order_by(), home.pk)
    return here.count() - closed.filter(**{f"{patient}__in": closed_to(by)}).count()
