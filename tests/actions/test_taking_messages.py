"""HL7 v2 messages: done once, kept before they are acknowledged, and never guessed."""

import logging
from typing import Any

import pytest
from django.contrib.auth.models import User

from riskapp.actions import taking_messages
from riskapp.actions.importing_record import imported_answers
from riskapp.actions.registering import register_clinician
from riskapp.actions.taking_messages import BY_A_PERSON, NOTHING_TO_DO, REGISTERS, take_message
from riskapp.exchange.connection_messages import MessageSource
from riskapp.exchange.hl7v2.acknowledging import code_of
from riskapp.models import AuditEvent, ExpectedScan, ImportedRecord, Patient, TakenMessage
from tests.exchange.hl7v2.messages import ADT_23, ADT_251, MERGE, ORM_23, ORU_251
from tests.trail import done

pytestmark = pytest.mark.django_db
SOURCE = MessageSource(name="adt", organisation="Clinic A", port=2575, authority="MCM")


@pytest.fixture(autouse=True)
def clinic() -> User:
    return register_clinician(username="owner", password=None, organisation="Clinic A")


def sent(text: str, source: MessageSource = SOURCE) -> tuple[str, str]:
    """MSA-1 and the whole acknowledgement."""
    answer = take_message(source, text.encode())
    return code_of(answer)[0], answer.decode()


def test_a_person_is_registered_and_corrected() -> None:
    assert sent(ADT_23)[0] == "AA"
    patient = Patient.objects.get()
    assert (patient.record_number, patient.organisation.name) == ("A-77", "Clinic A")
    assert sent(ADT_251)[0] == "AA"
    patient.refresh_from_db()
    assert patient.name == "\u00c4nne M\u00fcller&S\u00f6hne"
    assert patient.date_of_birth.isoformat() == "1954-01-16"
    assert set(done(target=patient.id)) == {
        ("patient.register", "hl7:adt"),
        ("patient.change", "hl7:adt"),
    }


def test_what_is_not_told_stays_as_it_is() -> None:
    sent(ADT_23)
    bare = ADT_23.replace("EVERYWOMAN^EVE^E^^^^L||19540115|F", '""||""|U').replace("01|P", "02|P")
    assert sent(bare)[0] == "AA"
    patient = Patient.objects.get()
    assert (patient.name, patient.sex) == ("EVE E EVERYWOMAN", "female")


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [("|F|", "|U|", "PID-8"), ("19540115", "1954", "PID-7"), ("EVERYWOMAN^EVE^E^^^^L", "", "PID-5"),
     ("A-77^^^MCM^MR~", "", "PID-3"), ("PID|", "ZID|", "PID"), ("19540115", "29990101", "")],
)  # fmt: skip
def test_a_person_who_cannot_be_registered_is_refused_with_the_place(
    old: str, new: str, place: str
) -> None:
    code, answer = sent(ADT_23.replace(old, new))
    assert code == "AE"
    assert place.partition("-")[0] in answer
    assert not Patient.objects.exists()
    assert not TakenMessage.objects.exists()


def test_the_same_message_is_done_once_and_answered_the_same() -> None:
    """As when the connection was lost before the acknowledgement, or this end was restarted."""
    first, again = (take_message(SOURCE, ADT_23.encode()) for _ in range(2))
    assert first == again
    assert AuditEvent.objects.filter(action="patient.register").count() == 1
    # A sender that counts anew means another message.
    assert sent(ADT_23.replace("EVE^E", "EVA^E"))[0] == "AA"
    assert Patient.objects.get().name == "EVA E EVERYWOMAN"


def test_what_was_refused_is_mended_under_the_same_control_id() -> None:
    assert sent(ADT_23.replace("|F|", "|U|"))[0] == "AE"
    assert sent(ADT_23)[0] == "AA"


def test_nothing_is_acknowledged_that_was_not_kept(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("EVERYWOMAN")

    monkeypatch.setattr(taking_messages, "register_patient", broken)
    code, answer = sent(ADT_23)
    assert code == "AE"
    assert "207" in answer
    assert not TakenMessage.objects.exists()


def test_logs_and_answers_hold_nothing_of_the_person(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    answers = [sent(one)[1] for one in (ADT_23, MERGE, ORU_251.replace("19540115", "19600101"))]
    answers.append(sent(ADT_23.replace("19540115", "29990101").replace("A-77", "A-78"))[1])
    for secret in ("EVERYWOMAN", "19540115", "1954", "A-77", "A-78"):
        assert secret not in caplog.text
        assert secret not in "".join(answers)
    assert "EVERYWOMAN" not in str(list(TakenMessage.objects.values()))


@pytest.mark.parametrize("event", REGISTERS)
def test_these_events_register(event: str) -> None:
    assert sent(ADT_23.replace("A04", event))[0] == "AA"
    assert Patient.objects.count() == 1


@pytest.mark.parametrize("event", NOTHING_TO_DO)
def test_visits_change_nothing(event: str) -> None:
    assert sent(ADT_23.replace("A04", event))[0] == "AA"
    assert not Patient.objects.exists()


@pytest.mark.parametrize("event", BY_A_PERSON)
def test_merging_and_deleting_wait_for_a_person(event: str) -> None:
    sent(ADT_23)
    code, answer = sent(ADT_23.replace("A04", event))
    assert code == "AE"
    assert "by a person" in answer
    assert Patient.objects.count() == 1


@pytest.mark.parametrize("kind", ["ADT^A99", "SIU^S12", "ACK", "MDM^T02"])
def test_what_is_of_no_use_is_rejected(kind: str) -> None:
    assert sent(ADT_23.replace("ADT^A04", kind))[0] == "AR"


def test_results_fill_in_the_patients_next_assessment() -> None:
    sent(ADT_23)
    assert sent(ORU_251)[0] == "AA"
    kept = ImportedRecord.objects.get()
    assert (kept.source, kept.is_whole) == ("hl7:adt", False)
    assert kept.answers["height_cm"] == 160
    assert kept.answers["current_smoker"] is True


WEIGHT = "OBX|1|NM|29463-7^Body weight^LN||{}|kg|||||{}|||{}\r"


def told(value: str, status: str = "F", day: str = "20260301", order: str = "F-1") -> None:
    """One weight of one order is sent."""
    head, _, _ = ORU_251.partition("OBR|")
    text = f"{head}OBR|1||{order}|83311-1^DXA panel^LN\r{WEIGHT.format(value, status, day)}"
    assert sent(text)[0] == "AA"


def weight() -> object:
    return imported_answers(patient=Patient.objects.get(), given={}).answers.get("weight_kg")


def test_a_corrected_result_replaces_and_a_deleted_one_is_withdrawn() -> None:
    sent(ADT_23)
    told("70")
    assert weight() == 70
    told("64", "C")
    assert weight() == 64
    told("", "D")
    assert weight() is None
    told("65", "F")
    assert weight() == 65
    told("", "X")
    assert weight() is None
    # What is not usable any more takes back what it said before, too.
    told("66")
    told("6600", "C")
    assert weight() is None


def test_what_is_withdrawn_uncovers_what_another_order_told() -> None:
    sent(ADT_23)
    told("70", day="20250301", order="F-0")
    told("75")
    assert weight() == 75
    told("", "W")
    assert weight() == 70


def test_an_old_result_that_comes_late_does_not_count() -> None:
    sent(ADT_23)
    told("70", day="20260301")
    told("90", day="20190301", order="F-0")
    assert weight() == 70


def test_results_of_two_people_in_one_message_are_nobodys() -> None:
    sent(ADT_23)
    other = "PID|1||B-9^^^MCM^MR||OTHER^ONE||19540115|F\r" + WEIGHT.format("120", "F", "20260301")
    assert sent(ORU_251 + other)[0] == "AE"
    assert not ImportedRecord.objects.exists()


def test_each_scan_of_a_message_is_expected() -> None:
    sent(ADT_23)
    assert sent(ORM_23 + "ORC|NW|101|ACC-2\rOBR|1|101|ACC-2|HIP^Hip^L\r")[0] == "AA"
    assert {one.accession_number for one in ExpectedScan.objects.all()} == {
        "ACC-1",
        "ACC-2",
    }


@pytest.mark.parametrize("wrong", [("A-77", "A-99"), ("19540115", "19540116"), ("|F", "|M")])
def test_results_of_another_person_are_refused(wrong: tuple[str, str]) -> None:
    sent(ADT_23)
    assert sent(ORU_251.replace(*wrong))[0] == "AE"
    assert not ImportedRecord.objects.exists()


def test_an_order_is_expected_moved_and_cancelled() -> None:
    sent(ADT_23)
    assert sent(ORM_23)[0] == "AA"
    expected = ExpectedScan.objects.get()
    assert (expected.accession_number, expected.modality) == ("ACC-1", "BMD")
    assert sent(ORM_23.replace("20260310", "20260311").replace("|44|", "|45|"))[0] == "AA"
    expected.refresh_from_db()
    assert expected.planned_on.isoformat() == "2026-03-11"
    assert sent(ORM_23.replace("ORC|NW", "ORC|CA").replace("|44|", "|46|"))[0] == "AA"
    expected.refresh_from_db()
    assert expected.cancelled_at


def test_each_source_works_for_its_own_organisation() -> None:
    other = MessageSource(name="theirs", organisation="Clinic B", port=2576)
    sent(ADT_23)
    assert sent(ORU_251, other)[0] == "AE"
    assert sent(ADT_23, other)[0] == "AA"
    assert Patient.objects.count() == 2


BHS = "BHS|^~\\&|KIS|HOSP|TRABECULA|CLINIC|20260302||ADT||B1\r"


def codes(answer: bytes) -> list[str]:
    """MSA-1 of each acknowledgement in a batch of them."""
    return [line.split("|")[1] for line in answer.decode().split("\r") if line[:3] == "MSA"]


def test_each_message_of_a_batch_is_taken_and_acknowledged_by_itself() -> None:
    batch = f"{BHS}{ADT_23}{MERGE}{ORU_251}BTS|3\r".encode()
    answer = take_message(SOURCE, batch)
    assert codes(answer) == ["AA", "AE", "AA"]
    assert answer.startswith(b"BHS|^~\\&|TRABECULA|CLINIC|KIS|HOSP|")
    assert answer.endswith(b"BTS|3\r")
    assert Patient.objects.get().record_number == "A-77"
    assert ImportedRecord.objects.count() == 1
    # Sent again, as after a lost connection: nothing is done twice.
    events = AuditEvent.objects.count()
    assert codes(take_message(SOURCE, batch)) == ["AA", "AE", "AA"]
    assert AuditEvent.objects.count() == events


def test_nothing_is_taken_of_a_batch_whose_count_is_wrong() -> None:
    code, answer = sent(f"{BHS}{ADT_23}BTS|2\r")
    assert (code, "BTS" in answer) == ("AR", True)
    assert not Patient.objects.exists()
