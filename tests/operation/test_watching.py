"""What whoever watches a site is told: alive, ready, and sums without names."""

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django.fixtures import Settings

from riskapp.actions import alive, readiness, site_figures
from riskapp.actions.assessing import assess
from riskapp.models import Job, Patient
from tests.web.scans import stored_scan

pytestmark = pytest.mark.django_db
TOKEN = "a-token-of-the-site-that-is-long"
# What a label may hold: a word of the code.
WORD = re.compile(r"[A-Za-z0-9_().+-]{1,50}")
LABELS = {
    "view",
    "method",
    "status",
    "le",
    "ended",
    "engine",
    "rate",
    "why",
    "queue",
    "worker",
    "kind",
    "task",
}


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, settings: Settings) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


def samples(client: Client) -> list[Any]:
    reply = client.get("/metrics")
    assert reply.status_code == 200
    families = text_string_to_metric_families(reply.content.decode())
    return [sample for family in families for sample in family.samples]


def value_of(client: Client, name: str, **labels: str) -> float:
    found = [
        one.value
        for one in samples(client)
        if one.name == name and labels.items() <= one.labels.items()
    ]
    return sum(found)


def test_a_site_that_can_work_is_ready_and_says_what_it_looked_at(client: Client) -> None:
    alive.touch("work")
    told = client.get("/health/ready")
    assert told.status_code == 200
    assert told.json()["status"] == "ready"
    assert set(told.json()["checks"].values()) == {"ok"}


def test_a_site_without_a_worker_is_degraded_and_still_serves(client: Client) -> None:
    told = client.get("/health/ready")
    assert (told.status_code, told.json()["status"]) == (200, "degraded")
    assert told.json()["reason"] == "No worker measures scans."


def test_a_worker_is_gone_when_its_touches_stay_away(data_folder: Path) -> None:
    alive.touch("work")
    assert alive.is_alive("work")
    past = timezone.now().timestamp() - alive.GONE_AFTER_S - 1
    os.utime(data_folder / "alive" / "work", (past, past))
    assert not alive.is_alive("work")


def test_a_scan_that_waits_too_long_is_told(client: Client, owner: User, patient: Patient) -> None:
    alive.touch("work")
    scan = stored_scan(patient, owner, "measured")
    since = timezone.now() - timedelta(seconds=readiness.OLDEST_SCAN_S + 60)
    Job.objects.create(scan=scan, asked_by=owner, run_after=since)
    told = client.get("/health/ready").json()
    assert told["checks"]["queue"] == "A scan has waited for 16 minutes to be measured."
    assert value_of(client, "trabecula_queue_waiting", queue="scans") == 1
    assert value_of(client, "trabecula_queue_oldest_seconds", queue="scans") >= 960


def test_a_full_disk_is_told(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "LEAST_FREE_BYTES", 2**60)
    assert (
        client.get("/health/ready").json()["checks"]["disk"]
        == "There is too little room on the disk."
    )


def test_without_a_database_the_sums_are_still_told(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(name: str) -> None:
        raise DatabaseError

    monkeypatch.setattr(site_figures, "figures_of", gone)
    assert value_of(client, "trabecula_database_up") == 0
    monkeypatch.undo()
    assert value_of(client, "trabecula_database_up") == 1


def test_requests_scores_estimates_and_failed_sign_ins_are_counted(
    client: Client, owner: User, patient: Patient
) -> None:
    names = {
        "trabecula_request_seconds_count": {"view": "sign_in", "method": "POST", "status": "200"},
        "trabecula_people_scored_total": {"ended": "estimated"},
        "trabecula_estimates_total": {"engine": "evidence"},
        "trabecula_failed_sign_ins_total": {},
    }
    before = {name: value_of(client, name, **labels) for name, labels in names.items()}
    client.post("/sign-in/", {"username": "owner", "password": "wrong"})
    assess(by=owner, patient=patient, answers={"population": "gb"})
    for name, labels in names.items():
        assert value_of(client, name, **labels) == before[name] + 1, name


def test_no_label_holds_an_identifier(client: Client, owner: User, patient: Patient) -> None:
    client.force_login(owner)
    for address in (f"/patients/{patient.id}/", "/patients/Grace%20Example/", "/shared/a.b/"):
        client.get(address)
    client.generic("GRACE", "/")
    client.logout()
    ours = [one for one in samples(client) if one.name.startswith("trabecula_")]
    for sample in ours:
        assert sample.labels.keys() <= LABELS, sample
        for value in sample.labels.values():
            assert WORD.fullmatch(value), sample
            assert str(patient.id) not in value
            assert "grace" not in value.lower()


def test_sums_are_there_for_this_machine_and_for_the_token(
    client: Client, settings: Settings
) -> None:
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    with_token = {"headers": {"Authorization": f"Bearer {TOKEN}"}}
    assert client.get("/metrics", **elsewhere).status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 404
    assert client.get("/metrics", **elsewhere, **with_token).status_code == 404
    settings.METRICS_TOKEN = TOKEN
    assert client.get("/metrics", **elsewhere, **with_token).status_code == 200
    assert (
        client.get("/metrics", **elsewhere, headers={"Authorization": "Bearer x"}).status_code
        == 404
    )
    assert client.get("/metrics").status_code == 200
