"""No list asks more of the database where there is more of it, and each is found by its index.

The sites are small ones of those that `python -m benchmarks.large_site` makes.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from random import Random

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.large_site_copies import copied_people
from benchmarks.large_site_models import STORIES, Models, told_people
from benchmarks.large_site_rest import everything_else
from benchmarks.large_site_rows import quickly
from benchmarks.large_site_trail import chained
from benchmarks.list_addresses import PAGES, PROGRAMS
from benchmarks.lists import indexes_of, places, plan_of
from riskapp.actions import sessions
from riskapp.actions.confirming import confirm
from riskapp.actions.registering import issue_token
from riskapp.models import AuditEvent, Scan, TrailHead
from tests.people import add_version, textured

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scan_folder")]
WITHOUT_SCANS = {
    name: STORIES[name] for name in ("never assessed", "to discuss", "settled", "treated")
}
FEW, MANY = 60, 180
ADDRESSES = [("page", *one) for one in PAGES.items()] + [
    ("program", *one) for one in PROGRAMS.items()
]
# What a page is cut by; tables that nothing goes through row by row.
INDEXES = {
    "worklist": "worklist_by_wait",
    "worklist, latest first": "worklist_by_activity",
    "worklist, highest first": "worklist_by_risk",
    "worklist, everyone": "worklist_counted",
    "worklist, search of a common name": "patients_of_a_word",
    "recall": "recall_counted",
    "recall, all": "recall_by_day",
    "trail": "trail_of_an_organisation",
    "trail, refusals": "trail_by_action",
    "trail of a patient": "trail_of_a_patient",
    "trail since a day": "trail_by_day",
    "connections": "deliveries_by_state",
    "one assessment": "deliveries_of_a_target",
    "trail of a person": "trail_of_an_organisation",
    "advice": "feedback_counted",
    "advice of programs": "cards_counted",
    "arrived studies": "arrivals_by_state",
    "expected scans": "expected_scans_by_day",
    "patients": "patients_by_day",
    "scans": "scans_by_day",
    "assessments": "assessments_by_day",
    "assessments, last page": "assessments_counted",
    "assessments of a patient": "assessments_of_a_patient",
    "FHIR patients": "patients_by_day",
    "FHIR assessments": "assessments_by_day",
    "FHIR assessments, since a day": "assessments_by_day",
    "FHIR provenance": "assessments_by_day",
    "FHIR patients, by name": "patients_of_a_word",
    "FHIR devices": "assessments_by_answerer",
}
# Where there are few, these find nothing and ask nothing of what they found.
EMPTY_WHERE_FEW = (
    "far down",
    "last page",
    "second page",
    "common name",
    "erasures",
    "trainings",
    "treatments",
)
LARGE = (
    "riskapp_assessment",
    "riskapp_auditevent",
    "riskapp_cdscard",
    "riskapp_delivery",
    "riskapp_expectedscan",
    "riskapp_searchword",
)
Asked = Mapping[str, list[str]]


@pytest.fixture
def models() -> Models:
    """Four people whom the actions made; one has a scan."""
    made = told_people(WITHOUT_SCANS)
    patient = made.told[1].patient
    scan = Scan.objects.create(patient=patient, uploaded_by=made.reader, sha256="0" * 64)
    add_version(scan, made.reader, textured(0.5))
    confirm(by=made.reader, scan=scan, number=1)
    return made


@pytest.fixture(autouse=True)
def nobody_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every half minute a session is written as seen: on a busy machine while one is counted."""
    monkeypatch.setattr(sessions, "SEEN_EVERY", timedelta(days=1))
    monkeypatch.setattr(sessions, "idle", lambda: timedelta(days=30))


@contextmanager
def site_of(people: int, models: Models) -> Iterator[None]:
    """A site of so many people, which is gone again at the end."""
    chance = Random(1)  # noqa: S311
    with transaction.atomic():
        with quickly():
            copied_people(models, people, 5 * people, chance)
            everything_else(people, chance)
            chained()
        yield
        transaction.set_rollback(True)


def asked_of(reader: User) -> Asked:
    """The statements that each address asks, by its name."""
    page = Client()
    page.force_login(reader)
    program = Client(headers={"authorization": f"Token {issue_token(by=reader, label='-')}"})
    clients, where, found = {"page": page, "program": program}, places(reader), {}
    for door, name, address in ADDRESSES:
        clients[door].get(address.format(**where))  # fills caches
        with CaptureQueriesContext(connection) as asked:
            answer = clients[door].get(address.format(**where))
        assert answer.status_code == 200, (name, answer.status_code)
        found[name] = [one["sql"] for one in asked.captured_queries]
    return found


def test_a_trail_is_written_where_the_table_once_held_more(models: Models) -> None:
    last = AuditEvent.objects.latest("pk")
    last.pk, last.number = last.pk + 40, last.number + 1
    last.save(force_insert=True)
    TrailHead.objects.update(number=last.number)
    before = AuditEvent.objects.count()
    with site_of(FEW, models):
        assert AuditEvent.objects.count() > before + 40


def test_no_list_asks_more_where_there_is_more(models: Models) -> None:
    counts = []
    for people in (FEW, MANY):
        with site_of(people, models):
            asked = asked_of(models.reader)
            counts.append({name: len(statements) for name, statements in asked.items()})
    few, many = counts
    more = {
        name: (few[name], many[name])
        for name in few
        if many[name] > few[name] and not name.endswith(EMPTY_WHERE_FEW)
    }
    assert more == {}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by how much there is")
def test_each_list_is_found_by_its_index(models: Models) -> None:
    with site_of(FEW, models):
        asked = asked_of(models.reader)
        for name, index in INDEXES.items():
            assert index in indexes_of(asked[name]), name
        through = {
            (name, line)
            for name in INDEXES
            for statement in asked[name]
            for line in plan_of(statement)
            if line.startswith(tuple(f"SCAN {table}" for table in LARGE)) and "INDEX" not in line
        }
    assert through == set()
