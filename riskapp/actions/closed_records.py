"""Which restricted records are closed to somebody; ``finding`` asks it for every door."""

from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from riskapp.actions.permitting import program
from riskapp.models import EmergencyAccess, Patient, Restriction
from riskapp.models.composed import Composed

# Machines that bring what belongs into a record, and show nobody what is in it.
BRINGS_ONLY = ("archive", "sender", "hl7")
UNRESTRICTED = Composed(lambda: Patient.objects.filter(restriction=None), "id")


def closed_to(by: User) -> QuerySet[Restriction]:
    """Ids of restricted patients whom this person neither cares for nor opened for a reason."""
    if program(by) in BRINGS_ONLY:
        return Restriction.objects.none().values("patient_id")
    on_team = Restriction.team.through.objects.filter(
        restriction_id=OuterRef("patient_id"), user_id=by.pk
    )
    opened = EmergencyAccess.objects.filter(
        patient_id=OuterRef("patient_id"), user_id=by.pk, ends_at__gt=timezone.now()
    )
    return Restriction.objects.filter(~Exists(on_team), ~Exists(opened)).values("patient_id")


def unrestricted(id: UUID | str) -> Patient | None:
    """The patient of this id, of whichever organisation; None where the record is restricted.

    Every page about a patient asks, and to ask who may open a restricted one takes much longer.
    """
    try:
        return next(iter(UNRESTRICTED.by(UUID(str(id)))), None)
    except ValueError:
        return None
