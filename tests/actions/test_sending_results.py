"""Stored assessments reach the hospital's systems by HL7 v2, until they say AA."""

import base64
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django.fixtures import Settings

from riskapp.actions.assessing import assess
from riskapp.actions.delivering import deliver_next
from riskapp.exchange.hl7v2.message import read_message
from riskapp.exchange.hl7v2.sending import MOST_ANSWER_BYTES, NoAnswer, send_mllp
from riskapp.models import Assessment, Delivery, Patient
from tests.exchange.hl7v2.peer import Answer, Peer, acknowledged, field
from tests.people import owner, patient

__all__ = ["owner", "patient"]
WORKER = "host-a:1:1"
FILE = """
[[message_destination]]
name = "record"
organisation = "{organisation}"
host = "127.0.0.1"
port = {port}
application = "KIS"
facility = "HOSP"
authority = "MCM"
report = {report}
wait_s = 1
"""


@pytest.fixture
def connect(settings: Settings, tmp_path: Path) -> Any:
    def written(port: int, *, report: bool = False, organisation: str = "Clinic A") -> None:
        settings.CONNECTIONS_FILE = tmp_path / "connections.toml"
        text = FILE.format(port=port, report=str(report).lower(), organisation=organisation)
        settings.CONNECTIONS_FILE.write_text(text)

    return written


def assessed(owner: User, patient: Patient) -> Assessment:
    return assess(by=owner, patient=patient, answers={"population": "gb"})


def test_an_assessment_is_sent_with_its_numbers_and_confirmed(
    owner: User, patient: Patient, connect: Any
) -> None:
    with Peer(acknowledged) as peer:
        connect(peer.port)
        made = assessed(owner, patient)
        assert deliver_next(WORKER)
    (message,) = peer.got
    assert Delivery.objects.get().state == "confirmed"
    assert field(message, b"MSH", 9) == b"ORU^R01^ORU_R01"
    assert (field(message, b"MSH", 5), field(message, b"MSH", 6)) == (b"KIS", b"HOSP")
    assert field(message, b"PID", 3) == b"A-1^^^MCM^MR"
    assert (field(message, b"PID", 7), field(message, b"PID", 8)) == (b"19550601", b"F")
    lines = [one.split(b"|") for one in message.split(b"\r") if one.startswith(b"OBX")]
    told = {one[3].split(b"^")[0]: one for one in lines}
    for outcome, code in (("hip", b"hip_10y"), ("major_osteoporotic", b"major_osteoporotic_10y")):
        shown = made.estimates[0]["outcomes"][outcome]
        assert float(told[code][5]) == round(100 * shown["probability_10y"], 1)
        assert told[code][6] == b"%^percent^UCUM"
        assert told[code][11] == b"F"
        low, high = (float(one) for one in told[code + b"_interval_95"][5].split(b"-"))
        assert [low, high] == [round(100 * one, 1) for one in shown["interval_95"]]
    assert b"research use" in message
    read_message(message)


def test_the_report_goes_along_as_pdf(owner: User, patient: Patient, connect: Any) -> None:
    with Peer(acknowledged) as peer:
        connect(peer.port, report=True)
        assessed(owner, patient)
        assert deliver_next(WORKER)
    line = next(one for one in peer.got[0].split(b"\r") if b"^Base64^" in one)
    assert base64.b64decode(line.split(b"|")[5].split(b"^")[4]).startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("answer", "state", "says"),
    [
        (lambda got: None, "waiting", "without an answer"),
        (lambda got: acknowledged(got, b"AE"), "waiting", "It answered AE"),
        (lambda got: acknowledged(got, b"AR"), "given up", "never"),
        (lambda got: acknowledged(got.replace(b"|P|2.5.1", b"X|P|2.5.1")), "waiting", "not AA"),
        (lambda got: b"\x0bnonsense\x1c\x0d", "waiting", "no acknowledgement"),
        (lambda got: b"HTTP/1.1 200\r\n\x1c\x0d", "waiting", "no acknowledgement"),
    ],
)
def test_only_aa_to_this_very_message_confirms(
    owner: User, patient: Patient, connect: Any, answer: Answer, state: str, says: str
) -> None:
    with Peer(answer) as peer:
        connect(peer.port)
        assessed(owner, patient)
        deliver_next(WORKER)
        found = Delivery.objects.get()
        assert found.state == state
        assert says in found.problem
        Delivery.objects.update(run_after=timezone.now())
        deliver_next(WORKER)
    # Sent again it is the same message, so that the receiver knows it.
    assert len({field(one, b"MSH", 10) for one in peer.got}) == 1
    assert len(set(peer.got)) == 1


def test_another_organisation_and_a_slip_in_the_file_keep_nobody_from_assessing(
    owner: User, patient: Patient, connect: Any, settings: Settings
) -> None:
    connect(2575, organisation="Clinic B")
    assessed(owner, patient)
    settings.CONNECTIONS_FILE.write_text("nonsense")
    assessed(owner, patient)
    assert not Delivery.objects.exists()


def test_a_peer_that_is_not_there_or_floods_is_told_in_a_sentence() -> None:
    with Peer(lambda got: b"\x0b" + b"x" * (2 * MOST_ANSWER_BYTES)) as peer:
        with pytest.raises(NoAnswer, match="no acknowledgement"):
            send_mllp(b"MSH|", host="127.0.0.1", port=peer.port, wait_s=5)
        with pytest.raises(NoAnswer, match="certificate|reached|in time"):
            send_mllp(b"MSH|", host="127.0.0.1", port=peer.port, wait_s=0.3, tls=True)
    with pytest.raises(NoAnswer, match="reached"):
        send_mllp(b"MSH|", host="127.0.0.1", port=peer.port, wait_s=5)
