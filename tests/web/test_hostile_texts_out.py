"""What somebody typed leaves as text: on paper, in tables, messages, resources and files."""

import csv
import io
import json
import zipfile
from datetime import date
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

from riskapp.actions.assessing import assess
from riskapp.actions.exporting import export_patient
from riskapp.actions.recording_events import record_fracture
from riskapp.actions.registering import register_patient
from riskapp.exchange.hl7v2.message import read_message
from riskapp.exchange.hl7v2.results import Receiver, Result, oru
from riskapp.models import Assessment, Patient

pytestmark = pytest.mark.django_db
# Each is a name that may be registered: there are people called O'Brien & Sons {of "Ulm"}.
NAMES = {
    "a formula": "=cmd|'/c calc'!A1",
    "a formula behind a space": " @SUM(1+9)*cmd|' /C calc'!A0",
    "a script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "out of an attribute": "\"' autofocus onfocus=alert(1) x='",
    "a template": "{{ 7*7 }}{% load static %}${7*7}%(name)s{0.__class__}",
    "another segment": "x\\X0D0A\\OBX|1|NM|hip_10y^x~y&z",
    "the end of a string of a PDF": "x) Tj (\\",
    "a link": "[x](javascript:alert(1)) ![y](https://there.example/p.png)",
    "an entity": "<!ENTITY y SYSTEM 'file:///etc/passwd'>&y;&amp;]]>",
}
ACTIVE = {"/JS", "/JavaScript", "/Launch", "/SubmitForm", "/OpenAction", "/AA", "/GoToR"}
RUN = ("=", "+", "-", "@", "\t", "\r", "\n")


@pytest.fixture(params=NAMES.values(), ids=NAMES)
def assessment(owner: User, request: pytest.FixtureRequest) -> Assessment:
    patient = register_patient(
        by=owner,
        record_number=request.param[:30],
        name=request.param,
        date_of_birth=date(1950, 2, 3),
        sex="female",
    )
    record_fracture(
        by=owner, patient=patient, site="hip", happened_on="2026-01-05", is_fragility=True
    )
    return assess(by=owner, patient=patient, answers={"population": "gb"})


class Tags(HTMLParser):
    """What a browser would take for an element, and for its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    @property
    def active(self) -> list[str]:
        return [
            tag
            for tag, told in self.found
            if tag in ("script", "img", "iframe", "object")
            or any(name.startswith("on") for name in told)
            or any((value or "").startswith("javascript:") for value in told.values())
        ]


def words(text: str) -> str:
    """Without spaces, as lines are broken anywhere on paper."""
    return "".join(text.split())


def _keys(value: Any, seen: set[int]) -> set[str]:
    """Every key that a PDF has anywhere, and what its actions do."""
    if isinstance(value, IndirectObject):
        if value.idnum in seen:
            return set()
        seen.add(value.idnum)
        value = value.get_object()
    if isinstance(value, DictionaryObject | StreamObject):
        found = {str(key) for key in value} | {str(value.get("/S", ""))}
        return found.union(*(_keys(one, seen) for one in value.values()))
    if isinstance(value, ArrayObject):
        return set().union(*(_keys(one, seen) for one in value))
    return set()


def test_the_report_prints_it_and_does_nothing(pages: Client, assessment: Assessment) -> None:
    reply = pages.get(f"/assessments/{assessment.pk}/report.pdf")
    assert reply.status_code == 200
    read = PdfReader(io.BytesIO(reply.getvalue()))
    assert words(assessment.patient.name) in words(
        "".join(one.extract_text() for one in read.pages)
    )
    assert not _keys(read.trailer, set()) & ACTIVE


def test_a_spreadsheet_shows_it(pages: Client, assessment: Assessment) -> None:
    reply = pages.get("/recall/recall.csv", {"within": "all"})
    assert reply.status_code == 200
    rows = list(csv.reader(io.StringIO(reply.content.decode("utf-8-sig"))))
    assert any(assessment.patient.record_number in cell for row in rows for cell in row)
    assert {len(row) for row in rows} == {len(rows[0])}
    assert not [cell for row in rows for cell in row if cell.lstrip(" ").startswith(RUN)]


def test_a_message_has_the_same_segments_and_the_same_name(assessment: Assessment) -> None:
    patient = assessment.patient
    made = oru(
        Result(
            id=str(assessment.pk), at=assessment.created_at, record_number=patient.record_number,
            name=patient.name, date_of_birth=patient.date_of_birth, sex="female",
            outcomes=assessment.estimates[0]["outcomes"], method=patient.name,
            words=[patient.name, patient.name],
        ),
        Receiver(patient.name[:20], "F", "A"),
        "1",
    )  # fmt: skip
    segments = made.decode().split("\r")
    assert [one[:3] for one in segments] == ["MSH", "PID", "OBR", *["OBX"] * 7, ""]
    read = read_message(made)
    person = read.only("PID")
    assert person.text(5) == patient.name
    assert person.text(3) == patient.record_number


def test_a_resource_holds_it_as_it_was_typed(pages: Client, assessment: Assessment) -> None:
    patient = assessment.patient
    for address in (f"Patient/{patient.pk}", f"RiskAssessment/{assessment.pk}"):
        reply = pages.get(f"/fhir/{address}", headers={"Accept": "application/fhir+json"})
        told = json.loads(reply.content)
        if address.startswith("Patient"):
            assert told["name"][0]["text"] == patient.name
            assert patient.record_number in [one["value"] for one in told["identifier"]]
        if narrative := told.get("text", {}).get("div"):
            ElementTree.fromstring(narrative)  # noqa: S314 (ours)
            assert not Tags(narrative).active


def test_what_is_given_to_the_person_opens_as_text(owner: User, assessment: Assessment) -> None:
    target = io.BytesIO()
    export_patient(by=owner, id=assessment.patient_id, target=target)
    with zipfile.ZipFile(target) as archive:
        index = Tags(archive.read("index.html").decode())
        kept = json.loads(archive.read("record.json"))
        names = archive.namelist()
    assert assessment.patient.name in index.text
    assert not index.active
    assert kept[Patient._meta.label][0]["name"] == assessment.patient.name
    assert not [name for name in names if ".." in name or name.startswith("/") or "\\" in name]


def test_no_page_takes_it_for_its_own(pages: Client, assessment: Assessment) -> None:
    addresses = (
        "/", f"/patients/{assessment.patient_id}/", f"/assessments/{assessment.pk}/", "/recall/",
        f"/assessments/{assessment.pk}/decide/",
    )  # fmt: skip
    for address in addresses:
        reply = pages.get(address)
        assert reply.status_code == 200, address
        page = Tags(reply.content.decode())
        for tag, told in page.found:
            assert not [name for name in told if name.startswith("on")], address
            if tag in ("script", "img"):
                assert (told.get("src") or "").startswith("/"), address
