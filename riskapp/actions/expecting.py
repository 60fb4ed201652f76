"""Examinations that were ordered: told by other systems, ticked off as their scans arrive."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from riskapp.actions import auditing
from riskapp.actions.confining import check_unconfined
from riskapp.actions.errors import Refused
from riskapp.actions.finding import one_of, organisation_of, within_bounds
from riskapp.actions.finding import patient as find_patient
from riskapp.actions.permitting import Ability, needs
from riskapp.actions.whose_arrival import look_again_at
from riskapp.exchange.receiving import RECEIVING
from riskapp.models import ExpectedScan, Patient
from riskapp.models.keyed_hash import hashed

NUMBER_LETTERS, PROCEDURE_LETTERS, MODALITY_LETTERS = 64, 200, 16
OF_ANOTHER = "This accession number was told for another patient; one of the two is a slip."
ARRIVED = "The scan of this examination has arrived; nothing is left to cancel."


@dataclass(frozen=True, slots=True)
class Order:
    """One examination as another system tells of it.

    Attributes
    ----------
    modality : str
        As DICOM codes it, such as ``CT``; blank where it is not told.
    source : str
        Who tells of it, such as ``worklist:ris``; blank where a program of the site does.
    """

    accession_number: str
    planned_on: date
    procedure: str = ""
    modality: str = ""
    source: str = ""


@needs(Ability.WORK_ON_SCANS)
def expect(*, by: User, patient: Patient, order: Order) -> ExpectedScan:
    """Write down that a scan is to come; told again, it is the same one, perhaps moved.

    Raises
    ------
    NotFound
        If the patient is another organisation's.
    Refused
        If something does not fit, or the accession number is another patient's.
    """
    find_patient(by=by, id=patient.id)
    number = order.accession_number.strip()
    _check(number, order)
    told = {
        "procedure": order.procedure.strip(),
        "modality": order.modality.strip().upper(),
        "planned_on": order.planned_on,
        "cancelled_at": None,
    }
    with transaction.atomic():
        organisation = organisation_of(by)
        known = ExpectedScan.objects.select_for_update().filter(
            hashed(ExpectedScan, "accession_hash", number), organisation=organisation
        )
        expected, is_new = known.get_or_create(
            defaults={
                "organisation": organisation,
                "accession_number": number,
                "patient": patient,
                "told_by": by,
                "source": order.source,
                **told,
            }
        )
        if expected.patient_id != patient.id:
            raise Refused({"accession_number": OF_ANOTHER})
        moved = {name for name, value in told.items() if getattr(expected, name) != value}
        if not is_new and not moved:
            return expected
        for name in moved:
            setattr(expected, name, told[name])
        expected.save()
        auditing.record(
            by=by, action="expected.tell", target=expected.id, patient=expected.patient_id
        )
        look_again_at(expected.organisation, accession_hash=number)
    return expected


@needs(Ability.WORK_ON_SCANS)
def cancel(*, by: User, id: UUID | str) -> ExpectedScan:
    """Expect a scan no longer.

    Raises
    ------
    NotFound
        If it is another organisation's.
    Refused
        If it has arrived.
    """
    with transaction.atomic():
        expected = expected_scan(by=by, id=id)
        if expected.arrived_at is not None:
            raise Refused({"expected": ARRIVED})
        expected.cancelled_at = expected.cancelled_at or timezone.now()
        expected.save(update_fields=["cancelled_at"])
        auditing.record(
            by=by, action="expected.cancel", target=expected.id, patient=expected.patient_id
        )
    return expected


@needs(Ability.READ_SCANS)
def expected_scans(*, by: User) -> QuerySet[ExpectedScan]:
    """Every examination that the user's organisation was told of, by its day."""
    check_unconfined(by)
    found = ExpectedScan.objects.filter(organisation=organisation_of(by))
    return within_bounds(by, found, "patient").select_related("patient")


def expected_scan(*, by: User, id: UUID | str) -> ExpectedScan:
    return one_of(expected_scans(by=by), id, "There is no such expected scan.")


def in_state(state: str) -> Q:
    """The condition that an examination is in one of ``exchange.receiving.EXPECTED_STATES``."""
    open_ = Q(arrived_at=None, cancelled_at=None)
    return {
        "to_come": open_,
        "missing": open_ & Q(planned_on__lt=_late_before()),
        "arrived": Q(arrived_at__isnull=False),
        "cancelled": Q(cancelled_at__isnull=False),
    }[state]


def to_come(*, by: User) -> QuerySet[ExpectedScan]:
    """Those whose scans have not arrived."""
    return expected_scans(by=by).filter(in_state("to_come"))


def missing(*, by: User) -> QuerySet[ExpectedScan]:
    """Those whose day was so long ago that their scans should be here."""
    return expected_scans(by=by).filter(in_state("missing"))


def state_of(expected: ExpectedScan) -> str:
    """In which state one is; where it was cancelled and has arrived all the same, cancelled."""
    if expected.cancelled_at:
        return "cancelled"
    if expected.arrived_at:
        return "arrived"
    return "missing" if expected.planned_on < _late_before() else "to_come"


def _late_before() -> date:
    return timezone.localdate() - timedelta(days=RECEIVING.expected_days)


def _check(number: str, order: Order) -> None:
    given = (
        ("accession_number", "The accession number", number, NUMBER_LETTERS),
        ("procedure", "The procedure", order.procedure, PROCEDURE_LETTERS),
        ("modality", "The modality", order.modality, MODALITY_LETTERS),
    )
    wrong = {
        field: f"{what} is one line of at most {most} characters."
        for field, what, text, most in given
        if len(text) > most or not text.isprintable()
    }
    if not number:
        wrong["accession_number"] = "The accession number is missing."
    if wrong:
        raise Refused(wrong)
