"""`$assess`: a record in, a RiskAssessment out; the same number as at every other door."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskapp.actions.registering import register_patient
from riskapp.models import Assessment, AuditEvent, ImportedRecord, Patient
from tests.fhir.rules import references, unresolved
from tests.fhir.validating import by_definitions, check, has_definitions

ASSESS = "/fhir/RiskAssessment/$assess"
TODAY = date.today()  # noqa: DTZ011
OUR_EXTENSIONS = "https://trabecula.example/fhir/StructureDefinition/"
FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "fhir"


def born(age: int) -> str:
    return (TODAY - timedelta(days=round(365.25 * age + 100))).isoformat()


def person(**changes: Any) -> dict[str, Any]:
    told = {
        "resourceType": "Patient",
        "id": "p1",
        "identifier": [
            {"type": {"coding": [{"system": "http://x", "code": "MR"}]}, "value": "H-77"}
        ],
        "name": [{"family": "Muster", "given": ["Erika"]}],
        "gender": "female",
        "birthDate": born(70),
        "address": [{"country": "GB"}],
    }
    return {name: value for name, value in (told | changes).items() if value is not None}


def t_score(value: float = -2.7, id: str = "o1", days: int = 40) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": id,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "38263-0"}]},
        "bodySite": {"coding": [{"system": "http://snomed.info/sct", "code": "29627003"}]},
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": (TODAY - timedelta(days=days)).isoformat(),
        "valueQuantity": {"value": value, "system": "http://unitsofmeasure.org", "code": "1"},
    }


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": one} for one in resources],
    }


ERIKA = bundle(person(), t_score(), t_score(-1.0, "o0", 900))


def sent(client: Any, body: Any, asked: str = "", **headers: str) -> Any:
    return client.generic(
        "POST", f"{ASSESS}{asked}", json.dumps(body), "application/fhir+json", headers=headers
    )


def assessed(client: Any, body: Any, asked: str = "", **headers: str) -> dict[str, Any]:
    reply = sent(client, body, asked, **headers)
    assert reply.status_code == 200, reply.content
    made: dict[str, Any] = reply.json()
    check(made)
    return made


def refusal(reply: Any, status: int) -> dict[str, Any]:
    assert reply.status_code == status, reply.content
    check(reply.json())
    issue: dict[str, Any] = reply.json()["issue"][0]
    return issue


def percentages(made: dict[str, Any]) -> list[float]:
    return [one["probabilityDecimal"] for one in made["prediction"][:2]]


def parameters(**given: Any) -> dict[str, Any]:
    listed = [{"name": "record", "resource": ERIKA}]
    listed += [{"name": name.replace("_", "-"), **value} for name, value in given.items()]
    return {"resourceType": "Parameters", "parameter": listed}


def test_the_number_is_that_of_the_scores(as_owner: Any) -> None:
    made = assessed(as_owner, ERIKA)
    profile = {"population": "gb", "age_years": 70, "sex": "female", "femoral_neck_t_score": -2.7}
    told = as_owner.post("/api/v1/scores/", {"profile": profile}).json()["results"][0]
    outcomes = told["estimates"][0]["outcomes"]
    for name, shown in zip(("major_osteoporotic", "hip"), percentages(made), strict=True):
        assert shown == pytest.approx(100 * outcomes[name]["probability_10y"], rel=1e-15)
    fractions = [
        extra["valueDecimal"]
        for one in made["prediction"][:2]
        for extra in one["extension"]
        if extra["url"] == f"{OUR_EXTENSIONS}fraction"
    ]
    assert fractions == [
        outcomes[name]["probability_10y"] for name in ("major_osteoporotic", "hip")
    ]


def test_it_tells_which_resource_gave_what_and_what_was_passed_over(as_owner: Any) -> None:
    made = assessed(as_owner, ERIKA)
    assert made["subject"] == {"reference": "Patient/p1"}
    assert {"Patient/p1", "Observation/o1"} <= {
        one.get("reference") for one in references(made["basis"])
    }
    (device,) = made["contained"]
    assert made["performer"]["reference"] == f"#{device['id']}"
    inputs = {
        parts["field"]["valueCode"]: parts
        for extra in made["extension"]
        if extra["url"] == f"{OUR_EXTENSIONS}input"
        for parts in [{one["url"]: one for one in extra["extension"]}]
    }
    source = inputs["femoral_neck_t_score"]["source"]["valueReference"]["reference"]
    assert source == "Observation/o1"
    assert inputs["femoral_neck_t_score"]["code"]["valueCoding"]["code"] == "38263-0"
    assert inputs["population"]["value"]["valueString"] == "gb"
    over = [
        {one["url"]: one.get("valueString") for one in extra["extension"]}
        for extra in made["extension"]
        if extra["url"] == f"{OUR_EXTENSIONS}passed-over"
    ]
    assert any(one["resource"] == "Observation/o0" for one in over)
    notes = "\n".join(one["text"] for one in made["note"])
    assert "Observation/o1" in notes
    assert "Not used: Observation/o0" in notes


def test_nothing_is_stored_unless_it_is_asked(as_owner: Any, db: None) -> None:
    assessed(as_owner, ERIKA, "?include=all")
    assert not Assessment.objects.exists()
    assert not Patient.objects.exists()
    assert not ImportedRecord.objects.exists()
    assert not AuditEvent.objects.exclude(action__startswith="account").exclude(
        action="token.issue"
    )


def test_everything_comes_in_one_bundle_where_it_is_asked(as_owner: Any) -> None:
    made = assessed(as_owner, ERIKA, "?include=all")
    kinds = [one["resource"]["resourceType"] for one in made["entry"]]
    assert kinds[0] == "RiskAssessment"
    assert set(kinds) == {
        "RiskAssessment",
        "Observation",
        "DiagnosticReport",
        "Provenance",
        "Device",
        "OperationOutcome",
    }
    assert unresolved(made) <= {"Patient/p1", "Observation/o1"}
    report = next(
        one["resource"]
        for one in made["entry"]
        if one["resource"]["resourceType"] == "DiagnosticReport"
    )
    assert report["presentedForm"][0]["data"].startswith("JVBERi0")  # %PDF-
    if has_definitions():
        assert by_definitions([made, assessed(as_owner, ERIKA)]) == []


def test_parameters_may_stand_in_the_body_or_in_the_address(as_owner: Any) -> None:
    plain = percentages(assessed(as_owner, ERIKA, "?population=us-white&evidence-set=meta-2025"))
    inside = parameters(
        population={"valueCode": "us-white"}, evidence_set={"valueString": "meta-2025"}
    )
    assert percentages(assessed(as_owner, inside)) == plain
    assert percentages(assessed(as_owner, ERIKA)) != plain
    named = parameters(
        patient={"valueReference": {"reference": "Patient/p1"}},
        guideline={"valueCode": "bhof-2022"},
        clamp_age={"valueBoolean": True},
        include={"valueCode": "all"},
    )
    assert assessed(as_owner, named)["resourceType"] == "Bundle"
    single = {
        "resourceType": "Parameters",
        "parameter": [{"name": "record", "resource": one} for one in (person(), t_score())],
    }
    assert percentages(assessed(as_owner, single)) == percentages(assessed(as_owner, ERIKA))


def test_the_category_of_the_guideline_asked_is_told(as_owner: Any) -> None:
    made = assessed(as_owner, ERIKA, "?guideline=who-1994")
    judged = made["prediction"][0]["qualitativeRisk"]
    assert "WHO" in judged["text"]


@pytest.mark.parametrize(
    ("body", "asked", "status", "words"),
    [
        (bundle(person(address=None)), "", 422, "never guessed"),
        (bundle(person(address=[{"country": "Atlantis"}])), "", 422, "never guessed"),
        (bundle(t_score()), "?population=gb", 422, "nobody is assessed"),
        (bundle(person(birthDate=None)), "", 422, "nobody is assessed"),
        (bundle(person(gender="other")), "", 422, "nobody is assessed"),
        (bundle(person(deceasedBoolean=True)), "", 422, "died"),
        (bundle(person(), person(id="p2")), "", 422, "say which one"),
        (bundle(person(birthDate=born(35))), "", 422, "expected 40 to 90"),
        (ERIKA, "?population=atlantis", 422, "opulation"),
        (ERIKA, "?guideline=nobody", 422, "uideline"),
        (ERIKA, "?evidence-set=none", 422, "vidence"),
        (ERIKA, "?shoe=43", 400, "shoe"),
        (ERIKA, "?record=x", 400, "record"),
        (ERIKA, "?persist=maybe", 400, "true or false"),
        (ERIKA, "?include=some", 400, "include"),
        (ERIKA, "?population=", 400, "population"),
        (ERIKA, "?population=gb&population=us", 400, "twice"),
        (parameters(population={"valueCode": "gb"}), "?population=us", 400, "twice"),
        (parameters(shoe={"valueCode": "43"}), "", 400, "shoe"),
        (parameters(population={"valueInteger": 4}), "", 400, "one value"),
        (parameters(population={}), "", 400, "one value"),
        ({"resourceType": "Parameters", "parameter": []}, "", 400, "Bundle"),
        ({"resourceType": "Parameters", "parameter": 7}, "", 400, "Bundle"),
        ({"resourceType": "Parameters", "parameter": [{"name": "record"}]}, "", 400, "resource"),
        ({"resourceType": "Patient"}, "", 400, "Bundle"),
        ({}, "", 400, "Bundle"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_refused_in_a_sentence(
    as_owner: Any, body: Any, asked: str, status: int, words: str
) -> None:
    issue = refusal(sent(as_owner, body, asked), status)
    assert words in issue["diagnostics"]


def test_an_age_outside_is_computed_at_the_limit_where_that_is_asked(as_owner: Any) -> None:
    made = assessed(as_owner, bundle(person(birthDate=born(93))), "?clamp-age=true")
    assert "the nearest age covered" in json.dumps(made["note"])


def test_a_refusal_says_which_resource_it_is_about(as_owner: Any) -> None:
    issue = refusal(sent(as_owner, bundle(person(birthDate=born(35)))), 422)
    assert issue["expression"] == ["Bundle.entry.resource.ofType(Patient).where(id='p1')"]


def test_the_site_may_say_whose_rates_apply(
    as_owner: Any, owner: User, tmp_path: Path, settings: Any
) -> None:
    file = tmp_path / "connections.toml"
    settings.CONNECTIONS_FILE = file
    nowhere = bundle(person(address=None), t_score())
    refusal(sent(as_owner, nowhere), 422)
    for organisation, status in (("Clinic B", 422), ("Clinic A", 200)):
        file.write_text(
            f'[[fhir_server]]\nname = "ours"\norganisation = "{organisation}"\n'
            'population = "gb"\nrecord_numbers = "urn:oid:1.2.3"\n'
        )
        assert sent(as_owner, nowhere).status_code == status
    made = assessed(as_owner, nowhere)
    assert "the site’s configuration" in json.dumps(made, ensure_ascii=False)
    file.write_text("[[fhir_server]\n")
    refusal(sent(as_owner, nowhere), 422)


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


@pytest.mark.parametrize("file", sorted(FIXTURES.glob("*.json")), ids=lambda file: file.name)
def test_every_fixture_is_answered_or_refused(as_owner: Any, file: Path) -> None:
    reply = as_owner.generic(
        "POST", f"{ASSESS}?population=gb", file.read_bytes(), "application/json"
    )
    assert reply.status_code in (200, 422), reply.content
    check(reply.json())


TEXT = st.text(max_size=20)
LEAF = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
ANYTHING = st.recursive(
    LEAF | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
)
KINDS = st.sampled_from(
    ["Bundle", "Parameters", "Patient", "Observation", "Condition", "MedicationStatement", "X"]
)
RESOURCE = st.fixed_dictionaries(
    {"resourceType": KINDS},
    optional={
        "id": st.just("p1") | ANYTHING,
        "code": ANYTHING,
        "status": ANYTHING,
        "gender": st.just("female") | ANYTHING,
        "birthDate": st.just(born(70)) | ANYTHING,
        "address": ANYTHING,
        "identifier": ANYTHING,
        "name": ANYTHING,
        "subject": st.just({"reference": "Patient/p1"}) | ANYTHING,
        "valueQuantity": ANYTHING,
        "valueBoolean": ANYTHING,
        "effectiveDateTime": ANYTHING,
        "contained": ANYTHING,
        "extension": ANYTHING,
        "parameter": ANYTHING,
        "entry": ANYTHING,
    },
)
BODY = (
    st.lists(RESOURCE | ANYTHING, max_size=4).map(
        lambda all_: bundle(person(), *all_)  # type: ignore[arg-type]
    )
    | RESOURCE
    | ANYTHING
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODY, asked=st.sampled_from(["", "?population=gb", "?persist=true&population=gb"]))
def test_any_body_is_answered_or_refused_as_fhir(as_owner: Any, body: Any, asked: str) -> None:
    reply = sent(as_owner, body, asked, Prefer="return=OperationOutcome")
    assert reply.status_code in (200, 201, 400, 422), reply.content
    check(reply.json())


def test_the_reader_reads_what_the_writer_wrote(as_owner: Any) -> None:
    made = assessed(as_owner, ERIKA, "?include=all")
    again = bundle(person(), *(one["resource"] for one in made["entry"]))
    assert percentages(assessed(as_owner, again)) == percentages(
        made["entry"][0]["resource"]  # what was estimated is never read, what was observed is
    )
