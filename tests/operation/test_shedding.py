"""A full site puts off what can wait, and answers whoever watches."""

import threading
import time
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from riskapp import serving_worker, shedding
from riskapp.actions import readiness
from riskapp.models import Job, Patient
from tests.web.scans import stored_scan

pytestmark = pytest.mark.django_db
SCORE = {"profile": {"population": "gb", "age_years": 70, "sex": "female"}}


@pytest.fixture
def asker(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


def statuses(asker: Client) -> list[int]:
    score = asker.post("/api/v1/scores/", SCORE, content_type="application/json")
    return [
        score.status_code,
        asker.get("/models/").status_code,
        asker.get("/health/live").status_code,
    ]


@pytest.mark.parametrize(
    ("waiting", "expected"),
    [
        (shedding.MOST_WAITING_BULK - 1, [200, 200, 200]),
        (shedding.MOST_WAITING_BULK, [503, 200, 200]),
        (shedding.MOST_WAITING - 1, [503, 200, 200]),
        (shedding.MOST_WAITING, [503, 503, 200]),
    ],
)
def test_programs_are_put_off_before_people_and_health_never(
    asker: Client, waiting: int, expected: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving_worker, "waiting", lambda: waiting)
    assert statuses(asker) == expected


def test_bulk_work_leaves_a_thread_to_people(
    asker: Client, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr(shedding, "WAIT_FOR_THREAD_S", 0)
    settings.BULK_THREADS = 1
    client = Client(raise_request_exception=False)
    client.handler.load_middleware()
    seen: list[list[int]] = []

    def slow(*_: object, **__: object) -> list[object]:
        # Another request meanwhile, through the same middleware.
        other = Client()
        other.handler, other.cookies = client.handler, asker.cookies
        seen.append(statuses(other))
        return []

    monkeypatch.setattr("riskapp.api.scores.score_many", slow)
    client.cookies = asker.cookies
    client.post("/api/v1/scores/", SCORE, content_type="application/json")
    assert seen == [[503, 200, 200]]


def test_a_place_goes_to_whoever_has_waited_longest() -> None:
    places = shedding.InTurn(1)
    assert places.acquire(timeout=0)
    assert not places.acquire(timeout=0)
    got: list[str] = []

    def wait(name: str) -> None:
        assert places.acquire(timeout=10)
        got.append(name)
        if name == "first":
            places.release()

    waiting = [threading.Thread(target=wait, args=(name,)) for name in ("first", "second")]
    for number, thread in enumerate(waiting, 1):
        thread.start()
        while len(places._waiting) < number:
            time.sleep(0.001)
    places.release()
    # Whoever had it does not get it again before those who wait.
    assert not places.acquire(timeout=0)
    for thread in waiting:
        thread.join()
    assert got == ["first", "second"]
    places.release()
    assert places.acquire(timeout=0)


def test_what_was_put_off_says_when_to_come_again(
    asker: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving_worker, "waiting", lambda: shedding.MOST_WAITING)
    told = asker.post("/api/v1/scores/", SCORE, content_type="application/json")
    assert told["Retry-After"] == str(shedding.RETRY_S)
    assert told.json()["type"] == "/api/problems/not-now/"
    page = asker.get("/models/")
    assert page["Retry-After"] == str(shedding.RETRY_S)
    assert "send the same again in 5 seconds" in page.content.decode()


def test_uploads_are_put_off_while_there_is_no_room(
    asker: Client, patient: Patient, owner: User, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    scan = stored_scan(patient, owner, "measured")
    assert asker.post("/api/v1/scans/").status_code == 400  # taken, and found to hold nothing
    Job.objects.create(scan=scan, asked_by=owner, run_after=timezone.now())
    monkeypatch.setattr(readiness, "MOST_QUEUED_SCANS", 1)
    told = asker.post("/api/v1/scans/")
    assert (told.status_code, told["Retry-After"]) == (503, "300")
    assert asker.get("/models/").status_code == 200
    monkeypatch.undo()
    monkeypatch.setattr(readiness, "LEAST_FREE_BYTES", 2**60)
    assert asker.post("/api/v1/scans/").status_code == 503
