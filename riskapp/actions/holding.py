"""Legal holds: a record that may not be erased, whoever asks and however old it is."""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from riskapp.actions import auditing, permitting
from riskapp.actions.erasing import numbered_here
from riskapp.actions.errors import NotFound, Refused
from riskapp.actions.finding import belonging, organisation_of
from riskapp.actions.noticing import noticed
from riskapp.actions.permitting import Ability
from riskapp.actions.turns import wait_for_turn
from riskapp.models import LegalHold

BECAUSE_LETTERS = (10, 200)
SAY_WHY = (
    f"Say why in {BECAUSE_LETTERS[0]} to {BECAUSE_LETTERS[1]} characters, on one line, without "
    "the name of anybody."
)
HELD_ALREADY = "This record is under a legal hold already."
LIFTED = "This hold was lifted meanwhile."


def holds(*, by: User) -> QuerySet[LegalHold]:
    """Holds of the user's organisation: those that stand first, then the newest.

    Raises
    ------
    NotAllowed
    """
    permitting.check(by, Ability.HOLD_RECORDS)
    home = organisation_of(by).pk
    found = belonging(LegalHold.objects.all(), home, "patient__organisation")
    found = found.select_related("patient", "by", "lifted_by")
    return noticed(by, found, "patient").order_by(F("lifted_at").desc(nulls_first=True), "-at")


def hold(*, by: User, id: int | str) -> LegalHold:
    found = holds(by=by).filter(pk=int(id)).first() if str(id).isdecimal() else None
    if found is None:
        raise NotFound("There is no such hold.")
    return found


def put(*, by: User, record_number: str, because: str) -> LegalHold:
    """Keep a record from being erased until the hold is lifted.

    Raises
    ------
    NotAllowed
    Refused
        If there is no such record, it is held already, or no reason is given.
    """
    permitting.check(by, Ability.HOLD_RECORDS)
    because = _checked(because)
    patient = numbered_here(by=by, record_number=record_number)
    with transaction.atomic():
        wait_for_turn("patient", patient.id)
        if LegalHold.objects.filter(patient=patient, lifted_at=None).exists():
            raise Refused({"record_number": HELD_ALREADY})
        made = LegalHold.objects.create(patient=patient, because=because, by=by)
        auditing.record(by=by, action="hold.put", target=patient.id, patient=patient.id)
    return made


def lift(*, by: User, id: int | str, because: str) -> LegalHold:
    """Let a record be erased again.

    Raises
    ------
    NotAllowed, NotFound
    Refused
        If it was lifted already, or no reason is given.
    """
    found = hold(by=by, id=id)
    because = _checked(because)
    now: datetime = timezone.now()
    told = {"lifted_at": now, "lifted_by": by, "lifted_because": because}
    with transaction.atomic():
        if not LegalHold.objects.filter(pk=found.pk, lifted_at=None).update(**told):
            raise Refused({"because": LIFTED})
        patient: UUID = found.patient_id
        auditing.record(by=by, action="hold.lift", target=patient, patient=patient)
    return LegalHold.objects.get(pk=found.pk)


def _checked(because: str) -> str:
    because = because.strip()
    least, most = BECAUSE_LETTERS
    if not least <= len(because) <= most or not because.isprintable():
        raise Refused({"because": SAY_WHY})
    return because
