"""Examinations that a modality worklist plans become expected scans of the patients known here."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from imaging.identity.whose import Identity, same_identifier, same_name
from riskapp.actions.connecting import service_account
from riskapp.actions.errors import Refused
from riskapp.actions.expecting import Order, expect
from riskapp.actions.finding import patients
from riskapp.exchange.archive.worklist import PlannedExamination, planned
from riskapp.exchange.connection_archive import Archive
from riskapp.models import Patient
from riskapp.models.keyed_hash import hashed


@dataclass(frozen=True, slots=True)
class FetchedWorklist:
    """How many planned examinations were told, and what became of them.

    Attributes
    ----------
    unknown : int
        Of people who are not registered here; nothing of them is kept.
    contradicting : int
        Whose name, birth date or sex is not the registered patient's, or whose accession number
        is another patient's.
    """

    told: int
    expected: int
    unknown: int
    contradicting: int


def fetch_worklist(archive: Archive, days: int) -> FetchedWorklist:
    """Ask the worklist of an archive for yesterday and the days to come.

    Raises
    ------
    ArchiveError
        If it does not answer.
    """
    today = timezone.localdate()
    found = planned(archive, today - timedelta(days=1), today + timedelta(days=days))
    by = service_account("archive", archive.name, archive.organisation)
    became = [_expected(by, archive, one) for one in found]
    return FetchedWorklist(
        told=len(found),
        expected=became.count("expected"),
        unknown=became.count("unknown"),
        contradicting=became.count("contradicting"),
    )


def _expected(by: User, archive: Archive, one: PlannedExamination) -> str:
    patient = _patient_of(by, archive, one.identity)
    if patient is None:
        return "unknown"
    if _contradicts(one.identity, patient):
        return "contradicting"
    order = Order(
        accession_number=one.accession_number,
        planned_on=one.planned_on,
        procedure=one.procedure,
        modality=one.modality,
        source=f"worklist:{archive.name}"[:100],
    )
    try:
        expect(by=by, patient=patient, order=order)
    except Refused:
        return "contradicting"
    return "expected"


def _patient_of(by: User, archive: Archive, told: Identity) -> Patient | None:
    issuers = (archive.issuer, told.issuer)
    if not told.identifier or (all(issuers) and not same_identifier(*issuers)):
        return None
    found = patients(by=by).filter(hashed(Patient, "number_folded", told.identifier))
    return found.first() if found.count() == 1 else None


def _contradicts(told: Identity, patient: Patient) -> bool:
    return (
        (bool(told.name) and not same_name(told.name, patient.name))
        or told.birth_date not in (None, patient.date_of_birth)
        or told.sex not in ("", patient.sex)
    )
