"""`$assess` that is to be kept: under whom, once, or not at all."""

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User

from riskapp.actions.registering import register_patient
from riskapp.models import Assessment, AuditEvent, ImportedRecord, KeptAnswer, Patient
from tests.fhir.calls import (
    ERIKA,
    assessed,
    born,
    bundle,
    percentages,
    person,
    refusal,
    sent,
    t_score,
)
from tests.fhir.rules import unresolved
from tests.fhir.validating import check


def test_a_stored_one_is_found_again_under_its_address(as_owner: Any) -> None:
    reply = sent(as_owner, ERIKA, "?persist=true")
    assert reply.status_code == 201, reply.content
    check(reply.json())
    again = as_owner.get(reply["Location"])
    assert again.json() == reply.json()
    assert again["ETag"] == reply["ETag"]
    patient = Patient.objects.get()
    assert (patient.record_number, patient.name) == ("H-77", "Erika Muster")
    assert reply.json()["subject"]["reference"] == f"Patient/{patient.id}"
    assert percentages(reply.json()) == percentages(assessed(as_owner, ERIKA))
    stored = Assessment.objects.get()
    assert stored.provenance["femoral_neck_t_score"].startswith("imported ")
    observed = as_owner.get(f"/fhir/Observation/{stored.id.hex}.femoral-neck-t-score").json()
    check(observed)
    assert observed["derivedFrom"][0]["identifier"]["value"] == "Observation/o1"
    assert AuditEvent.objects.filter(action="assessment.create").count() == 1


def test_the_same_person_is_not_registered_twice(as_owner: Any, as_stranger: Any) -> None:
    for _ in range(2):
        assert sent(as_owner, ERIKA, "?persist=true").status_code == 201
    assert Patient.objects.count() == 1
    assert Assessment.objects.count() == 2
    assert sent(as_stranger, ERIKA, "?persist=true").status_code == 201
    assert Patient.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"identifier": None}, "record number"),
        ({"identifier": [{"system": "urn:x", "value": "9"}]}, "record number"),
        ({"birthDate": born(71)}, "somebody else"),
        ({"gender": "male"}, "somebody else"),
        ({"address": None}, "never guessed"),
    ],
)
def test_nobody_is_mistaken_for_another(
    as_owner: Any, owner: User, changes: dict[str, Any], words: str
) -> None:
    register_patient(
        by=owner,
        name="Erika Muster",
        record_number="H-77",
        date_of_birth=date.fromisoformat(born(70)),
        sex="female",
    )
    reply = sent(as_owner, bundle(person(**changes), t_score()), "?persist=true")
    assert words in refusal(reply, 422)["diagnostics"]
    assert not Assessment.objects.exists()
    assert not ImportedRecord.objects.exists()


def test_who_cannot_be_registered_is_refused_and_nothing_is_kept(as_owner: Any, db: None) -> None:
    reply = sent(as_owner, bundle(person(name=None)), "?persist=true")
    assert "Name is missing" in refusal(reply, 422)["diagnostics"]
    reply = sent(as_owner, bundle(person(birthDate=born(35))), "?persist=true")
    assert "expected 40 to 90" in refusal(reply, 422)["diagnostics"]
    assert not Patient.objects.exists()
    assert not ImportedRecord.objects.exists()


def test_how_much_comes_back_is_the_callers_choice(as_owner: Any) -> None:
    minimal = sent(as_owner, ERIKA, "?persist=true", Prefer="return=minimal")
    assert (minimal.status_code, minimal.content) == (201, b"")
    assert as_owner.get(minimal["Location"]).status_code == 200
    outcome = sent(as_owner, ERIKA, Prefer="return=OperationOutcome").json()
    check(outcome)
    assert "Observation/o0" in outcome["issue"][0]["diagnostics"]
    whole = sent(as_owner, ERIKA, "?persist=true&include=all")
    assert whole.status_code == 201
    made = whole.json()
    check(made)
    assert unresolved(made) == set()
    for one in made["entry"]:
        assert as_owner.get(one["fullUrl"]).json() == one["resource"]


def test_what_is_sent_again_under_its_key_is_stored_once(as_owner: Any) -> None:
    key = {"Idempotency-Key": "one-and-the-same"}
    first, again = (sent(as_owner, ERIKA, "?persist=true", **key) for _ in range(2))
    assert (again.status_code, again.json()) == (201, first.json())
    assert again["Location"] == first["Location"]
    assert Assessment.objects.count() == 1
    refusal(sent(as_owner, ERIKA, "?persist=true&population=us-white", **key), 422)
    assert Assessment.objects.count() == 1


def test_of_what_is_not_stored_no_answer_is_kept(as_owner: Any) -> None:
    sent(as_owner, ERIKA, **{"Idempotency-Key": "x"})
    assert not KeptAnswer.objects.exists()
