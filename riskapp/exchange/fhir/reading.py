"""A hospital's record, FHIR R4, as answers to the contract's questions.

Every door that is given a record calls ``read_record``. Nothing is guessed: what a record does
not say stays unknown, what it denies is no, and each resource ends either among what was chosen
or among what was passed over, with the reason.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from riskapp.exchange.clinical_codes import CodeTable, standard_codes
from riskapp.exchange.fhir.bundle import Entries, Entry
from riskapp.exchange.fhir.conditions import read_condition, read_procedure
from riskapp.exchange.fhir.courses import choose_courses
from riskapp.exchange.fhir.density import choose_densities
from riskapp.exchange.fhir.family import read_family_member
from riskapp.exchange.fhir.fractures import choose_fractures
from riskapp.exchange.fhir.gathering import Gathering
from riskapp.exchange.fhir.medicines import KINDS, read_medicine
from riskapp.exchange.fhir.observations import read_observation
from riskapp.exchange.fhir.people import Whose, read_person, the_patient
from riskapp.exchange.fhir.questionnaire import read_answers
from riskapp.exchange.fhir.record import FhirRecord, UnreadableRecord
from riskapp.exchange.fhir.settling import settle
from riskapp.exchange.fhir.shapes import mappings, text, words_of
from riskapp.exchange.fhir.understood import why_not_to_be_read

READERS: dict[str, Callable[[Gathering, Entry], None]] = {
    "Observation": read_observation,
    "Condition": read_condition,
    "Procedure": read_procedure,
    **dict.fromkeys(KINDS, read_medicine),
    "FamilyMemberHistory": read_family_member,
    "QuestionnaireResponse": read_answers,
}
# Resources that others lean on.
BESIDE = {
    "Medication": "it is read together with what refers to it",
    "Device": "it is read together with what refers to it",
    "Practitioner": "it is about a person who gives care",
    "PractitionerRole": "it is about a person who gives care",
    "Organization": "it is about an organisation",
    "Location": "it is about a place",
    "Encounter": "a visit by itself answers no question",
    "RiskAssessment": "an estimate is made anew from what is known, and never from another one",
    "AllergyIntolerance": "allergies answer no question that is asked here",
}


def read_record(
    resources: Iterable[Mapping[str, Any]],
    *,
    today: date,
    patient: str | None = None,
    codes: CodeTable | None = None,
) -> FhirRecord:
    """Read one person's record.

    Parameters
    ----------
    resources : iterable of mapping
        FHIR R4 resources as JSON has them, entries of a Bundle (with their fullUrl), or Bundles.
    today : date
        Ages and times are counted to this day, and what lies after it is passed over.
    patient : str, optional
        Whose record it is: an id, ``Patient/id`` or a fullUrl. Needed where there are several.
    codes : CodeTable, optional
        What codes mean; the shipped table unless given.

    Raises
    ------
    UnreadableRecord
        If it holds too much, it is not told whose it is, or the person has died.
    """
    if isinstance(resources, Mapping):
        resources = [resources]
    if isinstance(resources, str | bytes) or not isinstance(resources, Iterable):
        raise UnreadableRecord("A record is a list of FHIR resources, or a Bundle of them.")
    entries = Entries(resources)
    person = the_patient(entries, patient)
    gathering = Gathering(entries, codes or standard_codes(), today)
    gathering.passed_over += entries.passed_over
    who = read_person(gathering, person) if person is not None else None
    whose = Whose(entries, person, patient)
    for entry in entries.all:
        if entry is not person:
            _read(gathering, whose, entry)
    choose_densities(gathering)
    choose_fractures(gathering)
    choose_courses(gathering)
    settle(gathering)
    _say_of_the_rest(gathering)
    return FhirRecord(
        person=who,
        answers={one.field: one.value for one in gathering.chosen},
        chosen=tuple(gathering.chosen),
        passed_over=tuple(gathering.passed_over),
    )


def _read(gathering: Gathering, whose: Whose, entry: Entry) -> None:
    kind = entry.kind
    if kind == "Patient":
        gathering.pass_over(entry, "it is another patient")
        return
    if kind not in READERS:
        if kind not in BESIDE or kind == "RiskAssessment":
            gathering.pass_over(entry, _not_read(entry))
        return
    why = whose.why_not(entry) or why_not_to_be_read(entry.resource)
    if why:
        gathering.pass_over(entry, why)
        return
    READERS[kind](gathering, entry)


def _not_read(entry: Entry) -> str:
    kind, resource = entry.kind, entry.resource
    if kind == "DiagnosticReport":
        if text(resource.get("conclusion")) or resource.get("presentedForm"):
            return (
                "the results that it refers to are read by themselves; its conclusion is free "
                "text, which is not read"
            )
        return "the results that it refers to are read by themselves"
    if kind == "ImagingStudy":
        told = text(resource.get("description")) or words_of(resource.get("procedureCode"))
        return f"the images ({told or 'no description'}) are read where scans are sent, not here"
    if kind == "OperationOutcome":
        said = [
            text(each.get("diagnostics")) or words_of(each.get("details"))
            for each in mappings(resource.get("issue"))
        ]
        return (
            f"the server says instead of a resource: {'; '.join(filter(None, said)) or 'nothing'}"
        )
    return BESIDE.get(kind, f"{kind} is not read here")


def _say_of_the_rest(gathering: Gathering) -> None:
    """Nothing is dropped silently."""
    said = {one.resource for one in gathering.chosen}
    said |= {one.resource for one in gathering.passed_over}
    for entry in gathering.entries.all:
        if entry.label not in said:
            gathering.pass_over(entry, BESIDE.get(entry.kind, "it answers no question here"))
