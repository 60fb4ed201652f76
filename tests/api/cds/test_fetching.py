"""What was not prefetched is read from the record system's own server, and from no other."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from riskapp.actions import cds_fetching
from tests.api.cds import people
from tests.api.cds.record_system import RecordSystem, lent
from tests.api.cds.stub_record import TOKEN, StubRecord, served

pytestmark = pytest.mark.django_db
SERVICE = "fracture-risk-patient-view"
Named = Callable[[str], None]


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine's own stub takes longer than a clinician waits."""
    monkeypatch.setattr(cds_fetching, "DEADLINE_S", 60.0)
    monkeypatch.setattr(cds_fetching, "CONNECT_S", 60.0)


@pytest.fixture
def system(owner: User) -> RecordSystem:
    return RecordSystem()


def asked(system: RecordSystem, **sent: Any) -> Any:
    return system.post(SERVICE, system.request("patient-view", **sent))


def test_everything_is_read_where_nothing_was_sent(named: Named, system: RecordSystem) -> None:
    stub = StubRecord(people.high_risk())
    with served(stub) as base:
        named(system.entry(fhir_servers=[base]))
        (card,) = asked(system, **lent(base)).json()["cards"]
    sent = system.call("patient-view", people.high_risk())[0]
    assert card["detail"] == sent["detail"]
    assert len(stub.asked) == len(system.services()["patient-view"]["prefetch"])
    assert {one.token for one in stub.asked} == {TOKEN}


def test_only_what_is_missing_is_read(named: Named, system: RecordSystem) -> None:
    stub = StubRecord(people.high_risk())
    with served(stub) as base:
        named(system.entry(fhir_servers=[base]))
        prefetch = dict.fromkeys(system.services()["patient-view"]["prefetch"])
        outcome = {"resourceType": "OperationOutcome", "issue": []}
        prefetch |= {"patient": people.patient(), "conditions": outcome}
        del prefetch["observations"]
        reply = asked(system, prefetch=prefetch, **lent(base))
    assert reply.status_code == 200
    # Null is nothing, and an error is not asked for once more.
    (question,) = stub.asked
    assert question.path.startswith("/fhir/Observation?")


def test_further_pages_are_read(named: Named, system: RecordSystem) -> None:
    stub = StubRecord(people.high_risk(), page=1)
    with served(stub) as base:
        named(system.entry(fhir_servers=[base]))
        (card,) = asked(system, **lent(base)).json()["cards"]
    assert card["source"]["topic"]["code"] == "high-risk"
    assert len([one for one in stub.asked if "/Observation?" in one.path]) == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"scope": "patient/Observation.rs"},
        {"scope": "nonsense"},
        {"expires_in": 0},
        {"access_token": "another"},
    ],
)
def test_without_a_right_to_the_patient_the_answer_is_412(
    named: Named, system: RecordSystem, changes: dict[str, Any]
) -> None:
    stub = StubRecord(people.high_risk())
    with served(stub) as base:
        named(system.entry(fhir_servers=[base]))
        reply = asked(system, **lent(base, **changes))
    assert reply.status_code == 412
    assert reply.json()["type"].endswith("record-not-sent/")
    assert not [one for one in stub.asked if "Patient/" in one.path and one.token == TOKEN]


def test_what_may_not_be_read_is_not_known(named: Named, system: RecordSystem) -> None:
    stub = StubRecord(people.high_risk())
    with served(stub) as base:
        named(system.entry(fhir_servers=[base]))
        reply = asked(system, **lent(base, scope="launch patient/Patient.read"))
    (card,) = reply.json()["cards"]
    assert card["source"]["topic"]["code"] == "missing-input"
    assert len(stub.asked) == 1


def test_a_server_that_the_site_has_not_named_is_never_asked(
    named: Named, system: RecordSystem
) -> None:
    stub = StubRecord(people.high_risk())
    with served(stub) as base:
        named(system.entry(fhir_servers=["https://ehr.example.com/fhir"]))
        for server in (base, base + "/..", "file:///etc/passwd", "https://ehr.example.com@x/"):
            assert asked(system, **lent(server)).status_code == 412
    assert stub.asked == []


def test_nobody_is_led_elsewhere(named: Named, system: RecordSystem) -> None:
    elsewhere, stub = StubRecord(people.high_risk()), StubRecord(people.high_risk())
    with served(elsewhere) as other, served(stub) as base:
        named(system.entry(fhir_servers=[base]))
        stub.redirect_to = f"{other}/Patient/{people.ID}"
        assert asked(system, **lent(base)).status_code == 412
        stub.redirect_to, stub.page = "", 1
        stub.next_elsewhere = f"{other}/Observation?from=1"
        assert asked(system, **lent(base)).status_code == 200
    assert elsewhere.asked == []


def test_a_server_that_is_slow_is_not_waited_for(
    named: Named, system: RecordSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cds_fetching, "DEADLINE_S", 0.1)
    stub = StubRecord(people.high_risk(), slow_s=0.4)
    with served(stub) as base:
        named(system.entry(fhir_servers=[base]))
        assert asked(system, **lent(base)).status_code == 412


def test_an_answer_that_is_too_large_is_not_read(
    named: Named, system: RecordSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub = StubRecord(people.high_risk())
    with served(stub) as base:
        named(system.entry(fhir_servers=[base]))
        assert asked(system, **lent(base)).status_code == 200
        monkeypatch.setattr(cds_fetching, "LARGEST_BYTES", 50)
        assert asked(system, **lent(base)).status_code == 412


def test_an_answer_that_is_no_json_is_not_read(named: Named, system: RecordSystem) -> None:
    stub = StubRecord(people.high_risk(), padding="}")
    with served(stub) as base:
        named(system.entry(fhir_servers=[base]))
        assert asked(system, **lent(base)).status_code == 412


@pytest.mark.parametrize(
    ("scope", "reads", "searches"),
    [
        ("patient/*.rs", True, True),
        ("user/Observation.read", True, True),
        ("system/Observation.*", True, True),
        ("patient/Observation.r", True, False),
        ("patient/Observation.s?category=laboratory", False, True),
        ("patient/Observation.cud", False, False),
        ("patient/Condition.rs", False, False),
        ("Observation.rs", False, False),
    ],
)
def test_scopes_as_both_versions_write_them(scope: str, reads: bool, searches: bool) -> None:
    access = cds_fetching.Access("https://ehr.example.com", "t", 60, (scope,))
    assert access.grants("Observation", "r") is reads
    assert access.grants("Observation", "s") is searches
