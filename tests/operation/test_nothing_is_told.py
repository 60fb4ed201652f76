"""What is typed and sent stands in no log, no sum, no row of the trail and no shown trouble.

Every address of the site is fed, as the table of addresses has it; then every other door. Forms
filled in as pages have them: tests/web/test_crawl.py; bodies as programs send them:
tests/api/test_hostile_texts.py. As processes: tests/operation/test_nothing_is_told_for_real.py.
"""

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import get_resolver

from riskapp.access import walked
from riskapp.actions import filing_arrivals, finding, measuring, queueing
from riskapp.actions.arriving import Received
from riskapp.actions.importing_scan import import_scan
from riskapp.actions.managing_people import set_roles
from riskapp.actions.registering import issue_token
from riskapp.actions.taking_messages import take_message
from riskapp.exchange.connection_messages import MessageSource
from riskapp.models import AuditEvent, DeadLetter, Patient, Role
from tests.actions.arrivals import of, peer, send
from tests.exchange.hl7v2.messages import ADT_23, ORU_251
from tests.quiet import heard, told, written_down

__all__ = ["peer", "send"]
pytestmark = pytest.mark.django_db
FED = {
    "name": "Zufriedegunde Öztürk-Mbeki",
    "family": "Zufriedegunde",
    "number": "MRN-ZQ77412",
    "born": "1931-07-19",
    "password": "Wurzelbrand-im-Mai-9",
    "token": "tok3nKirschgarten" * 4,
    "link": "0" * 10 + "OneTimeLinkRosenholz22.Abc-def" * 2,
    "file": "Rosenholz_scan.dcm",
    "accession": "ACC-ZQ990011",
    "comment": "fell on Lindwurmstrasse",
}
OTHERWISE = ("19310719", "Öztürk", "ÖZTÜRK", "%C3%96zt", "lindwurm", "T3NKIRSCH")
WORDS = (*FED.values(), *OTHERWISE)
PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>|\(\?P<(\w+)>[^)]*\)")
ID = "7d44a07e-cc3b-4f0c-a2d5-2a3c4f5b6a71"
# As clients name things in queries, forms and bodies; whatever an address does not know is passed
# over, or refused with what it was.
QUERY = {
    "q": "name", "search": "name", "name": "name", "family": "family", "identifier": "number",
    "birthdate": "born", "subject": "name", "patient": "number", "_id": "number",
    "code": "token", "state": "token", "iss": "name", "launch": "token", "next": "name",
    "error": "name", "error_description": "name", "client_id": "name", "login_hint": "name",
}  # fmt: skip
FIELDS = {
    "name": "name", "record_number": "number", "date_of_birth": "born", "sex": "name",
    "username": "name", "email": "name", "password": "password", "old_password": "password",
    "new_password1": "password", "new_password2": "password", "code": "token", "token": "token",
    "because": "comment", "words": "comment", "note": "comment", "reason": "comment",
    "accession_number": "accession", "procedure": "comment", "url": "comment", "label": "name",
    "population": "name", "weight_kg": "comment", "happened_on": "born", "agent": "comment",
    "site": "comment", "client_assertion": "token", "grant_type": "comment", "scope": "name",
    "client_secret": "password", "refresh_token": "token", "id": "number", "letter": "number",
    "authenticityToken": "token", "model_id": "name", "columns": "name",
}  # fmt: skip
HEADERS = {
    "User-Agent": FED["family"],
    "Referer": f"https://here.example/{FED['number']}?q={FED['family']}",
    "X-Request-ID": FED["number"],
    "traceparent": f"00-{FED['number']}",
    "Idempotency-Key": FED["number"],
    "If-Match": FED["token"],
    "Prefer": FED["family"],
    "Accept-Language": FED["family"],
}


def address(pattern: str) -> str:
    """An address as the table has it; a text that is asked for is one that somebody typed."""

    def filled(found: re.Match[str]) -> str:
        kind, name = found[1], found[2] or found[3]
        if kind == "uuid" or name == "id":
            return ID
        return "1" if kind == "int" else FED["link"] if name == "token" else FED["number"]

    pattern = pattern.lstrip("^").removesuffix("$").removesuffix("\\Z").replace("(/|$)", "/")
    return "/" + PARAMETER.sub(filled, pattern).replace("\\", "")


PROGRAMS = re.compile(r"/(api|fhir|cds-services|dicomweb|oauth|\.well-known|health|metrics)\b")
ADDRESSES = sorted({address(str(one.pattern)) for one in walked(get_resolver())})


def given(fields: dict[str, str]) -> dict[str, str]:
    return {name: FED[what] for name, what in fields.items()}


def asked_of(client: Client, there: str, key: str) -> Iterator[Any]:
    """One address in each way that words can come to it."""
    yield client.get(there, given(QUERY), headers=HEADERS)
    if not PROGRAMS.match(there):
        file = SimpleUploadedFile(FED["file"], f"\0broken {FED['name']}".encode())
        yield client.post(there, given(FIELDS) | {"files": file, "file": file}, headers=HEADERS)
        return
    broken, signed = f'{{"name": "{FED["name"]}", "born": ', HEADERS | {"Authorization": key}
    yield client.generic("POST", there, broken, "application/json", headers=signed)
    sound = json.dumps(given(FIELDS))
    wrong = HEADERS | {"Authorization": f"Token {FED['token']}"}
    yield client.generic("PUT", f"{there}?{FED['family']}", sound, "text/plain", headers=wrong)


@pytest.fixture
def lines() -> Iterator[list[str]]:
    found: list[str] = []
    with heard(found):
        yield found


@pytest.fixture
def caller(owner: User) -> Client:
    set_roles(by=owner, user=owner, roles=list(Role))
    client = Client(raise_request_exception=False)
    client.force_login(owner)
    return client


def test_no_address_tells_what_was_sent_to_it(
    lines: list[str], caller: Client, owner: User, capfd: pytest.CaptureFixture[str]
) -> None:
    key = f"Token {issue_token(by=owner, label='t')}"
    statuses = set()
    for there in ADDRESSES:
        for reply in asked_of(caller, there, key):
            statuses.add(reply.status_code)
            reply.close()
        if not caller.cookies.get("sessionid") or "sign-out" in there:
            caller.force_login(owner)
    there = caller.get("/", given(QUERY), headers=HEADERS | {"Host": f"{FED['family']}.example"})
    statuses.add(there.status_code)
    assert {200, 302, 400, 401, 404, 405} <= statuses
    assert len(ADDRESSES) > 200
    assert len(lines) > 4 * len(ADDRESSES)
    assert not told(WORDS, [*lines, *written_down(), *capfd.readouterr()])


def test_a_mistake_of_ours_tells_where_it_was_and_never_of_whom(
    lines: list[str], caller: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        try:
            raise LookupError(FED["name"])
        except LookupError as cause:
            error = ValueError(f"{FED['name']} has no {FED['number']}")
            error.add_note(FED["comment"])
            raise error from cause

    for asked_of_all in ("everyone", "organisation_of"):
        monkeypatch.setattr(finding, asked_of_all, broken)
    statuses = [caller.get(f"/patients/{ID}/").status_code, caller.get("/recall/").status_code]
    asked = caller.get(f"/fhir/Patient?name={FED['family']}", headers=HEADERS)
    assert [*statuses, asked.status_code] == [500] * 3
    assert "ValueError" in "".join(lines)
    assert not told(WORDS, [*lines, *written_down(), asked.content.decode()])


def of_message(message: str) -> bytes:
    """A message of the standard about the person of these tests."""
    for standard, ours in (
        ("EVERYWOMAN", FED["family"]), ("A-77", FED["number"]), ("19540115", "19310719"),
        ("1 ST", FED["comment"]),
    ):  # fmt: skip
        message = message.replace(standard, ours)
    return message.encode()


def test_messages_of_other_systems_are_not_told(lines: list[str], owner: User) -> None:
    source = MessageSource(name="adt", organisation="Clinic A", port=2575, authority="MCM")
    sound = of_message(ADT_23)
    for block in (
        sound,
        of_message(ORU_251),
        sound.replace(b"|F|", f"|{FED['family']}|".encode()),
        sound.replace(b"19310719", FED["comment"].encode()),
        sound.replace(b"ADT^A04", FED["family"].encode()),
        sound.replace(b"MSG00001", FED["number"].encode()).replace(b"|F|", b"|U|"),
        b"MSH|" + FED["name"].encode(),
        FED["name"].encode(),
        sound[:90],
    ):
        take_message(source, block)
    assert Patient.objects.exists()
    assert DeadLetter.objects.exists()
    # What a message calls itself is the sender's number, by which an operator finds it there.
    kept = [one for one in WORDS if one != FED["number"]]
    assert not told(kept, [*lines, *written_down()])
    shown = [letter.problem for letter in DeadLetter.objects.all()]
    assert not told(WORDS, [*lines, *shown])


def test_scans_are_not_told_however_they_come_and_whatever_becomes_of_them(
    lines: list[str], owner: User, patient: Patient, send: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    whose = {
        "PatientName": "Zufriedegunde^Öztürk", "PatientID": FED["number"],
        "PatientBirthDate": "19310719", "AccessionNumber": FED["accession"],
        "StudyDescription": FED["comment"], "PatientComments": FED["comment"],
        "SpecificCharacterSet": "ISO_IR 192",
    }  # fmt: skip
    whole = of(**whose)
    for data in (whole, whole[:5000], b"\0" + FED["name"].encode() * 50):
        file = ContentFile(data, name=FED["file"])
        import_scan(by=owner, patient=patient, files=[file])
        sent: Received = send(data)
        assert sent is not None
    while filing_arrivals.file_next():
        pass
    worker = queueing.this_process()
    assert measuring.measure_next(worker)  # in a process of its own

    def broken(*_: object, **__: object) -> None:
        raise OSError(2, FED["name"], FED["file"])

    monkeypatch.setattr(measuring, "take_apart", broken)
    while measuring.measure_next(worker):
        pass
    assert "OSError" in "".join(lines)
    assert not told(WORDS, [*lines, *written_down()])


def test_tables_that_are_scored_or_read_are_not_told_in_the_log(
    lines: list[str], tmp_path: Path, owner: User
) -> None:
    table = tmp_path / "people.csv"
    table.write_text(
        "id,age_years,sex,population,weight_kg\n"
        f"{FED['number']},70,female,gb,60\n{FED['name']},{FED['comment']},female,gb,60\n"
        f"{FED['number']},70,{FED['family']},gb,{FED['born']}\n",
        encoding="utf-8",
    )
    call_command("score", str(table), str(tmp_path / "out.csv"), "--no-interval")
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").count(FED["number"]) == 2
    assert not told(WORDS, [*lines, *written_down()])


def test_what_looks_for_words_finds_them(lines: list[str], owner: User) -> None:
    logging.getLogger("riskapp").warning("of %s", FED["name"])
    AuditEvent(action="x", target=FED["number"])
    assert len(told(WORDS, lines)) >= 2
