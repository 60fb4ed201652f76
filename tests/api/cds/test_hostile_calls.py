"""Whatever is sent to a hook, it is answered with cards, or refused with a sentence."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskapp.models import CdsCard
from tests.api.cds import people, schemas
from tests.api.cds.record_system import RecordSystem

pytestmark = pytest.mark.django_db
VIEW, SELECT = "fracture-risk-patient-view", "fracture-risk-order-select"
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
SAME_CLINIC = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def refused(reply: Any, status: int, words: str = "") -> None:
    assert reply.status_code == status, reply.content
    assert reply["Content-Type"] == "application/problem+json"
    assert words in json.dumps(reply.json())


def sound(reply: Any) -> None:
    assert reply.status_code in (200, 400, 412), reply.content
    if reply.status_code == 200:
        schemas.holds(schemas.RESPONSE, reply.json())
    else:
        assert reply.json()["detail"]


def test_there_is_no_such_service(ward: RecordSystem) -> None:
    refused(ward.post("other", ward.request("patient-view")), 404)
    refused(ward.post("other/feedback", {"feedback": []}), 404)


def test_a_service_listens_to_its_own_hook(ward: RecordSystem) -> None:
    refused(ward.post(VIEW, ward.request("order-sign")), 400, "patient-view")


def test_orders_need_their_drafts(ward: RecordSystem) -> None:
    refused(ward.post(SELECT, ward.request("order-select")), 400, "context.draftOrders")
    drafts = {"draftOrders": {"resourceType": "Bundle"}}
    refused(ward.post(SELECT, ward.request("order-select", context=drafts)), 400, "selections")
    for name in ("", "an order", "u" * 501, ["urn:uuid:1"]):
        told = ward.request("order-select", context=drafts | {"selections": [name]})
        refused(ward.post(SELECT, told), 400, "selections")
    told = ward.request("order-select", context=drafts | {"selections": ["u" * 500]})
    sound(ward.post(SELECT, told))


def test_the_patient_is_the_one_of_the_context(ward: RecordSystem) -> None:
    prefetch = {"patient": people.patient(id="somebody-else")}
    refused(ward.post(VIEW, ward.request("patient-view", prefetch=prefetch)), 400, "context")


def test_what_is_another_patients_does_not_count(ward: RecordSystem) -> None:
    held = [
        {**one, "subject": {"reference": "Patient/other"}} if "subject" in one else one
        for one in people.high_risk()
    ]
    (card,) = ward.call("patient-view", held)
    assert card["source"]["topic"]["code"] == "missing-input"


@pytest.mark.parametrize(
    "prefetch",
    [
        {},
        {"patient": None},
        {"patient": {"resourceType": "OperationOutcome"}},
        {"patient": {"resourceType": "Bundle"}},
        {"patient": {"resourceType": "Patient", "id": people.ID}},
        {"patient": people.patient(gender="unknown")},
        {"patient": people.patient(birthDate="yesterday")},
    ],
)
def test_without_a_whole_patient_the_answer_is_412(ward: RecordSystem, prefetch: Any) -> None:
    refused(ward.post(VIEW, ward.request("patient-view", prefetch=prefetch)), 412, "Patient")
    assert not CdsCard.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"hookInstance": "7"},
        {"hookInstance": None},
        {"hookInstance": 7},
        {"hookInstance": False},
        {"hook": None},
        {"context": None},
        {"context": {"patientId": "../Patient/1"}},
        {"context": {"patientId": "1?x=y"}},
        {"context": {"patientId": ""}},
        {"prefetch": []},
        {"prefetch": {"patient": "x"}},
        {"prefetch": {"patient": {}}},
        {"fhirAuthorization": {"access_token": "x"}, "fhirServer": "https://x"},
        {"fhirAuthorization": {"access_token": "x", "token_type": "Bearer", "expires_in": 1,
                               "scope": "x", "subject": "x"}},
    ],
)  # fmt: skip
def test_what_is_not_as_the_specification_has_it_is_refused(
    ward: RecordSystem, changes: dict[str, Any]
) -> None:
    refused(ward.post(VIEW, ward.request("patient-view") | changes), 400)


def test_names_that_are_not_known_are_left_alone(ward: RecordSystem) -> None:
    sent = ward.request("patient-view", prefetch={"patient": people.patient(), "mine": None})
    sent["context"]["ward"] = {"bed": 7}
    sent |= {"extension": {"com.example": 1}, "more": []}
    assert ward.post(VIEW, sent).status_code == 200


def test_a_prefetch_that_is_too_large_is_refused(ward: RecordSystem, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2_000
    held = {"patient": people.patient(name=[{"family": "x" * 3_000}])}
    refused(ward.post(VIEW, ward.request("patient-view", prefetch=held)), 413)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"\xff", b'{"a": NaN}', b'{"a":' * 2_000 + b"1" + b"}" * 2_000]
)
def test_what_is_no_json_object_is_refused(ward: RecordSystem, body: bytes) -> None:
    refused(ward.post(VIEW, body), 400)


@given(sent=st.dictionaries(st.sampled_from(
    ["hook", "hookInstance", "context", "prefetch", "fhirServer", "fhirAuthorization", "x"]
), ANYTHING))  # fmt: skip
@SAME_CLINIC
def test_any_body(ward: RecordSystem, sent: dict[str, Any]) -> None:
    sound(ward.post(VIEW, ward.request("patient-view") | sent))


@given(data=st.data())
@SAME_CLINIC
def test_any_value_anywhere_in_a_record(ward: RecordSystem, data: st.DataObject) -> None:
    held = json.loads(json.dumps(people.high_risk()))
    one = data.draw(st.sampled_from(held))
    if one["resourceType"] != "Patient":
        one[data.draw(st.sampled_from(sorted(one)))] = data.draw(ANYTHING)
    bundle = {"resourceType": "Bundle", "entry": [{"resource": each} for each in held[1:]]}
    prefetch = {"patient": held[0], "observations": bundle, "conditions": data.draw(ANYTHING)}
    sound(ward.post(VIEW, ward.request("patient-view", prefetch=prefetch)))


@given(draft=st.dictionaries(st.sampled_from(
    ["resourceType", "id", "code", "medicationCodeableConcept", "subject"]
), ANYTHING | st.sampled_from(["ServiceRequest", "MedicationRequest"])))  # fmt: skip
@SAME_CLINIC
def test_any_draft_of_an_order(ward: RecordSystem, draft: dict[str, Any]) -> None:
    bundle = {"resourceType": "Bundle", "entry": [{"resource": draft}, draft, None]}
    context = {"draftOrders": bundle, "selections": ["ServiceRequest/1"]}
    sent = ward.request("order-select", context=context, prefetch={"patient": people.patient()})
    sound(ward.post(SELECT, sent))
    sign = sent | {"hook": "order-sign"}
    sound(ward.post("fracture-risk-order-sign", sign))
