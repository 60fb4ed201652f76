"""Any record at all: an answer or a sentence, as FHIR, and never a server error."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fhir.calls import ASSESS, ERIKA, assessed, born, bundle, percentages, person, sent
from tests.fhir.validating import check

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "fhir"


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
    reply = sent(as_owner, body, asked)
    assert reply.status_code in (200, 201, 400, 422), reply.content
    check(reply.json())


def test_the_reader_reads_what_the_writer_wrote(as_owner: Any) -> None:
    made = assessed(as_owner, ERIKA, "?include=all")
    again = bundle(person(), *(one["resource"] for one in made["entry"]))
    assert percentages(assessed(as_owner, again)) == percentages(
        made["entry"][0]["resource"]  # what was estimated is never read, what was observed is
    )


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        ({"resource": person()}, {"reference": "Patient/p1"}),
        (
            {
                "fullUrl": "urn:uuid:8c3b2d18-4b5e-4c59-8a0f-9d7f4f7a2b10",
                "resource": person(id=None),
            },
            {"reference": "urn:uuid:8c3b2d18-4b5e-4c59-8a0f-9d7f4f7a2b10"},
        ),
        ({"resource": person(id=None)}, None),
    ],
)
def test_the_person_is_named_as_the_caller_does(
    as_owner: Any, entry: dict[str, Any], named: dict[str, str] | None
) -> None:
    made = assessed(as_owner, {"resourceType": "Bundle", "type": "batch", "entry": [entry]})
    assert named in (None, made["subject"])
    assert "reference" in made["subject"] or made["subject"]["identifier"]["value"]
