"""A record system written from the specification is answered as the specification says."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from fhir.resources.R4B.servicerequest import ServiceRequest

from riskapp.exchange.numbers import percent, percent_range
from riskapp.models import AuditEvent, CdsCard
from tests.api.cds import people
from tests.api.cds.record_system import RecordSystem
from tests.trail import done

pytestmark = pytest.mark.django_db


def kinds(cards: list[dict[str, Any]]) -> list[str]:
    return [one["source"]["topic"]["code"] for one in cards]


def ordered(*drafts: dict[str, Any], selected: bool = True) -> dict[str, Any]:
    references = [f"{one['resourceType']}/{one['id']}" for one in drafts]
    bundle = {"resourceType": "Bundle", "entry": [{"resource": one} for one in drafts]}
    return {"draftOrders": bundle} | ({"selections": references} if selected else {})


def test_discovery_is_open_to_every_origin(ward: RecordSystem) -> None:
    services = ward.services()
    assert set(services) == {"patient-view", "order-select", "order-sign"}
    reply = ward.browser.get("/cds-services", headers={"Origin": "https://anywhere.example"})
    assert reply["Access-Control-Allow-Origin"] == "*"


def test_prefetch_asks_for_no_more_than_the_specification_recommends(ward: RecordSystem) -> None:
    for template in ward.services()["patient-view"]["prefetch"].values():
        kind, _, query = template.partition("?")
        assert "{{" not in kind or kind == "Patient/{{context.patientId}}"
        names = {one.partition("=")[0] for one in query.split("&") if one}
        # _include goes beyond: many systems name a medicine by reference only.
        assert names <= {"patient", "code", "_sort", "_count", "_include"}


def test_a_woman_above_the_threshold_is_told_of(ward: RecordSystem) -> None:
    (card,) = ward.call("patient-view", people.high_risk())
    assert kinds([card]) == ["high-risk"]
    assert card["indicator"] == "critical"
    assert "NOGG 2024: very high risk" in card["summary"]
    assert card["detail"].count("not a cleared medical device") == 1
    assert "suggestions" not in card


def test_the_number_is_that_of_the_door_of_scores(ward: RecordSystem, as_owner: Any) -> None:
    (card,) = ward.call("patient-view", [people.patient()])
    profile = {"population": "gb", "age_years": 72, "sex": "female"}
    reply = as_owner.post("/api/v1/scores/", {"profile": profile, "explain": False}).json()
    outcomes = reply["results"][0]["estimates"][0]["outcomes"]
    for outcome in outcomes.values():
        assert percent(outcome["probability_10y"]) in card["summary"]
        assert str(percent_range(outcome["interval_95"])) in card["detail"]


def test_nothing_is_said_of_a_woman_who_is_well(ward: RecordSystem) -> None:
    assert ward.call("patient-view", people.well()) == []


def test_of_whom_little_is_known_bone_density_is_offered_as_an_order(ward: RecordSystem) -> None:
    (card,) = ward.call("patient-view", [people.patient()])
    assert kinds([card]) == ["missing-input"]
    assert card["selectionBehavior"] == "at-most-one"
    (suggestion,) = card["suggestions"]
    (action,) = suggestion["actions"]
    request = ServiceRequest.model_validate(action["resource"])
    assert request.subject.reference == f"Patient/{people.ID}"
    assert request.encounter.reference == "Encounter/89284"
    assert request.requester.reference == "Practitioner/abc"
    assert request.code.coding[0].code == "38268-9"


def test_a_scan_ordered_soon_after_the_last_may_be_taken_out_again(ward: RecordSystem) -> None:
    held = [people.patient(), people.femoral_neck_t_score(0.5, years=0.3)]
    (card,) = ward.call("order-select", held, ordered(people.dxa_draft()))
    assert kinds([card]) == ["early-scan"]
    assert "ISCD" in card["detail"]
    (action,) = card["suggestions"][0]["actions"]
    assert action == {
        "type": "delete",
        "description": "Remove the order of a bone density scan",
        "resourceId": "ServiceRequest/dxa-1",
    }


def test_a_draft_that_has_no_id_yet_is_selected_by_the_address_of_its_entry(
    ward: RecordSystem,
) -> None:
    held = [people.patient(), people.femoral_neck_t_score(0.5, years=0.3)]
    url = "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a"
    draft = {name: told for name, told in people.dxa_draft().items() if name != "id"}
    bundle = {"resourceType": "Bundle", "entry": [{"fullUrl": url, "resource": draft}]}
    (card,) = ward.call("order-select", held, {"draftOrders": bundle, "selections": [url]})
    assert card["suggestions"][0]["actions"][0]["resourceId"] == url


@pytest.mark.parametrize("years", [1.2, 3.0])
def test_a_scan_ordered_in_time_is_no_matter(ward: RecordSystem, years: float) -> None:
    held = [people.patient(), people.femoral_neck_t_score(0.5, years=years)]
    assert ward.call("order-select", held, ordered(people.dxa_draft())) == []


def test_after_a_new_fracture_a_scan_is_never_too_early(ward: RecordSystem) -> None:
    broken = people.condition("http://hl7.org/fhir/sid/icd-10", "S72.0", years=0.1)
    held = [people.patient(), people.femoral_neck_t_score(0.5, years=0.3), broken]
    assert ward.call("order-select", held, ordered(people.dxa_draft())) == []


def test_only_what_is_selected_counts(ward: RecordSystem) -> None:
    held = [people.patient(), people.femoral_neck_t_score(0.5, years=0.3)]
    context = ordered(people.dxa_draft()) | {"selections": ["MedicationRequest/other"]}
    assert ward.call("order-select", held, context) == []


def test_a_medicine_for_somebody_who_takes_one_is_told(ward: RecordSystem) -> None:
    held = [*people.high_risk(), people.medicine("M05BA04", years=2.0)]
    draft = people.medicine("M05BX04") | {"status": "draft"}
    (card,) = ward.call("order-sign", held, ordered(draft, selected=False))
    assert kinds([card]) == ["on-treatment"]
    assert "oral bisphosphonate" in card["summary"]


def test_a_medicine_below_the_threshold_is_told(ward: RecordSystem) -> None:
    draft = people.medicine("M05BX04") | {"status": "draft"}
    (card,) = ward.call("order-select", people.well(), ordered(draft))
    assert kinds([card]) == ["below-threshold"]
    assert card["indicator"] == "info"


def test_no_card_names_a_medicine_to_take(ward: RecordSystem) -> None:
    for card in ward.call("patient-view", people.high_risk()):
        assert "MedicationRequest" not in str(card)


def test_an_order_of_something_else_is_no_matter(ward: RecordSystem) -> None:
    draft = people.medicine("C07AB02") | {"status": "draft"}
    assert ward.call("order-select", people.high_risk(), ordered(draft)) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"birthDate": people.years_ago(30).isoformat()},
        {"birthDate": people.years_ago(95).isoformat()},
        {"deceasedBoolean": True},
        {"deceasedDateTime": "2024-01-01"},
    ],
)
def test_who_is_outside_the_published_ages_or_has_died_needs_no_card(
    ward: RecordSystem, changes: dict[str, Any]
) -> None:
    assert ward.call("patient-view", [people.patient(**changes)]) == []


def test_an_answer_that_cannot_be_is_not_known_and_told(ward: RecordSystem) -> None:
    heavy = people.observation("29463-7", 580.0, "kg")
    (card,) = ward.call("patient-view", [people.patient(), heavy])
    assert "580" in card["detail"]


def test_what_another_program_wrote_is_text_and_never_markup(ward: RecordSystem) -> None:
    evil = "<img src=x onerror=alert(1)> [click](javascript:alert(1)) **now**"
    person = people.patient(name=[{"family": evil}])
    strange = people.observation("29463-7", 580.0, evil)
    for card in ward.call("patient-view", [person, strange]):
        assert "<img" not in str(card)
        assert "](javascript" not in str(card)
        assert "**now**" not in str(card)


def test_the_card_is_counted_and_the_patient_is_not(ward: RecordSystem) -> None:
    (card,) = ward.call("patient-view", people.high_risk())
    kept = CdsCard.objects.get()
    assert str(kept.uuid) == card["uuid"]
    assert (kept.kind, kept.client) == ("high-risk", "ward")
    assert done(action="cds.call") == [("cds.call", "cds_client:ward")]
    assert AuditEvent.objects.get(action="cds.call").detail["cards"] == 1
    stored = str([*CdsCard.objects.values(), *AuditEvent.objects.values()])
    assert people.ID not in stored


def test_a_link_leads_to_the_app_within_the_record(
    ward: RecordSystem, named: Any, owner: User
) -> None:
    named(ward.entry(smart_app="https://site.example/smart/launch"))
    (card,) = ward.call("patient-view", people.high_risk())
    (link,) = card["links"]
    assert link["type"] == "smart"
    assert card["uuid"] in link["appContext"]
