"""Whose a study is that another system sent: one patient, or the reason why a person decides.

A study is filed by itself only where one patient is meant and nothing that it says contradicts:
by the record number, or by the accession number of an examination that was ordered.
"""

from dataclasses import dataclass

from django.utils import timezone

from imaging.identity.whose import names_somebody, same_identifier, same_name
from riskapp.models import Arrival, ExpectedScan, Organisation, Patient
from riskapp.models.keyed_hash import hashed

MIXED = "Its files name more than one person."
REMOVED = "Names were taken out of its files before they came."
NAMES_NOBODY = "Its files do not say whose it is."
ONLY_A_NUMBER = "Its files tell a number and neither a name nor a date of birth to check it by."
UNKNOWN = "No patient here has its record number."
NO_NUMBER = "Its files tell no record number, and no ordered examination has its accession number."
OTHER_ISSUER = "Its record number was issued by somebody else."
SEVERAL = "Several patients have record numbers that differ in capitals only."
DIFFERS = "Its record number is that of a patient of another {}."
ORDER_DIFFERS = "The examination was ordered for a patient of another {}."
ORDER_OF_ANOTHER = "The examination was ordered for another patient than its record number says."
WORDS = {"name": "name", "birth_date": "date of birth", "sex": "sex"}


@dataclass(frozen=True, slots=True)
class Whose:
    """The one patient that a study is of, or ``why`` nobody can tell; the order it answers."""

    patient: Patient | None
    why: str = ""
    expected: ExpectedScan | None = None


def whose(arrival: Arrival) -> Whose:
    """Find the patient of a study; record numbers of another issuer are not taken for ours."""
    expected = expected_of(arrival)
    if arrival.is_mixed:
        return Whose(None, MIXED, expected)
    if arrival.removed and not names_somebody(arrival.name, arrival.identifier):
        return Whose(None, REMOVED, expected)
    if not (arrival.identifier or arrival.name or arrival.birth_date or expected):
        return Whose(None, NAMES_NOBODY)
    issuers = (arrival.our_issuer, arrival.issuer)
    is_others = all(issuers) and not same_identifier(*issuers)
    numbered = [] if is_others else patients_numbered(arrival)
    if len(numbered) > 1:
        return Whose(None, SEVERAL, expected)
    if numbered:
        return _by_number(arrival, numbered[0], expected)
    if expected is not None:
        return _by_order(arrival, expected)
    if is_others:
        return Whose(None, OTHER_ISSUER)
    return Whose(None, UNKNOWN if arrival.identifier else NO_NUMBER)


def patients_numbered(arrival: Arrival) -> list[Patient]:
    """Patients of the organisation whose record number the files tell."""
    if not arrival.identifier:
        return []
    found = Patient.objects.filter(
        hashed(Patient, "number_folded", arrival.identifier), organisation=arrival.organisation
    )
    return [one for one in found if same_identifier(one.record_number, arrival.identifier)]


def expected_of(arrival: Arrival) -> ExpectedScan | None:
    """The order whose accession number the files tell, also one that was answered before."""
    if not arrival.accession_number:
        return None
    return (
        ExpectedScan.objects.filter(
            hashed(ExpectedScan, "accession_hash", arrival.accession_number),
            organisation=arrival.organisation,
            cancelled_at=None,
        )
        .select_related("patient")
        .first()
    )


def _by_number(arrival: Arrival, patient: Patient, expected: ExpectedScan | None) -> Whose:
    if expected is not None and expected.patient_id != patient.id:
        return Whose(None, ORDER_OF_ANOTHER, expected)
    return _checked(arrival, patient, expected, DIFFERS)


def _by_order(arrival: Arrival, expected: ExpectedScan) -> Whose:
    return _checked(arrival, expected.patient, expected, ORDER_DIFFERS)


def _checked(
    arrival: Arrival, patient: Patient, expected: ExpectedScan | None, sentence: str
) -> Whose:
    """Hold what else the files say against the record; nothing to hold is not enough."""
    different = differences(arrival, patient)
    if different:
        return Whose(None, sentence.format(" and ".join(different)), expected)
    if not (arrival.name or arrival.birth_date):
        return Whose(None, ONLY_A_NUMBER, expected)
    return Whose(patient, "", expected)


def differences(arrival: Arrival, patient: Patient) -> list[str]:
    """What the files say otherwise than the record, in words; the number apart."""
    told = {
        "name": bool(arrival.name) and not same_name(arrival.name, patient.name),
        "birth_date": arrival.birth_date not in (None, patient.date_of_birth),
        "sex": arrival.sex not in ("", patient.sex),
    }
    return [WORDS[field] for field, differs in told.items() if differs]


def look_again_at(organisation: Organisation, **told: str) -> None:
    """Settle anew what waits under a number that has become known; call it inside that deed.

    Parameters
    ----------
    told : str
        ``identifier_folded`` or ``accession_hash``, as text.
    """
    waiting = Arrival.objects.filter(organisation=organisation, status=Arrival.Status.WAITING)
    for name, text in told.items():
        waiting = waiting.filter(hashed(Arrival, name, text))
    waiting.update(status=Arrival.Status.RECEIVING, due_at=timezone.now())
