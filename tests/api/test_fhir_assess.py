"""`$assess`: a record in, a RiskAssessment out; the same number as at every other door."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from riskapp.models import Assessment, AuditEvent, ImportedRecord, Patient
from tests.fhir.calls import (
    ERIKA,
    OUR_EXTENSIONS,
    assessed,
    born,
    bundle,
    parameters,
    percentages,
    person,
    refusal,
    sent,
    t_score,
)
from tests.fhir.rules import references, unresolved
from tests.fhir.validating import by_definitions, has_definitions


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
    assert inputs["population"]["value"]["valueCode"] == "gb"
    over = [
        {one["url"]: one.get("valueString") for one in extra["extension"]}
        for extra in made["extension"]
        if extra["url"] == f"{OUR_EXTENSIONS}passed-over"
    ]
    assert any(one["resource"] == "Observation/o0" for one in over)
    notes = "\n".join(one["text"] for one in made["note"])
    assert "Observation/o1" in notes
    assert "Not used:\nObservation/o0" in notes


def test_nothing_is_stored_unless_it_is_asked(as_owner: Any, db: None) -> None:
    assessed(as_owner, ERIKA, "?include=all")
    assert not Assessment.objects.exists()
    assert not Patient.objects.exists()
    assert not ImportedRecord.objects.exists()
    told = AuditEvent.objects.exclude(action__startswith="account").exclude(action="token.issue")
    assert [one.action for one in told] == ["score.compute"]


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
    issue = refusal(sent(as_owner, ERIKA, "?population=atlantis"), 422)
    assert issue["expression"] == ["population"]
    nobody = sent(as_owner, bundle(person(gender="other")), "?population=gb").json()
    _, why = nobody["issue"]
    assert why["expression"] == ["Bundle.entry.resource.ofType(Patient).where(id='p1')"]
    assert "its gender is 'other'" in why["diagnostics"].lower()


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
