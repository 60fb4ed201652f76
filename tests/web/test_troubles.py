"""A full disk and a database that is away: refused in a sentence, nothing half-written, then on."""

import errno
import logging
import resource
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg.errors
import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, InterfaceError, OperationalError
from django.test import Client

from riskapp.actions import importing_scan
from riskapp.actions.importing_scan import import_scan
from riskapp.actions.troubles import AWAY, NO_ROOM, trouble_of
from riskapp.management import patience
from riskapp.management.patience import patiently
from riskapp.models import AuditEvent, Patient, Scan

LARGE = 300_000


def raised_by(work: Any) -> BaseException:
    with pytest.raises(sqlite3.Error) as caught:
        work()
    return caught.value


def as_django(error: BaseException, kind: type[Exception] = OperationalError) -> BaseException:
    """An error of a driver as Django hands it on."""
    try:
        raise kind(*error.args) from error
    except kind as wrapped:
        return wrapped


def test_what_sqlite_says_is_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "one.sqlite3"
    with (
        closing(sqlite3.connect(path)) as first,
        closing(sqlite3.connect(path, timeout=0)) as other,
    ):
        first.execute("CREATE TABLE one (text)")
        first.execute("BEGIN IMMEDIATE")
        locked = raised_by(lambda: other.execute("INSERT INTO one VALUES ('x')"))
        first.rollback()
        missing = raised_by(lambda: other.execute("SELECT * FROM two"))
        other.execute("PRAGMA max_page_count = 3")
        full = raised_by(lambda: other.execute("INSERT INTO one VALUES (zeroblob(100000))"))
    gone = raised_by(lambda: sqlite3.connect(tmp_path / "no" / "where").execute("SELECT 1"))
    assert trouble_of(as_django(locked)) is AWAY
    assert trouble_of(as_django(gone)) is AWAY
    assert trouble_of(as_django(full)) is NO_ROOM
    assert trouble_of(as_django(missing)) is None


def test_what_postgresql_says_is_told_apart() -> None:
    assert trouble_of(as_django(psycopg.errors.DiskFull())) is NO_ROOM
    assert trouble_of(as_django(psycopg.errors.AdminShutdown())) is AWAY
    assert trouble_of(as_django(psycopg.OperationalError("connection failed"))) is AWAY
    assert trouble_of(InterfaceError("connection already closed")) is AWAY
    assert trouble_of(IntegrityError()) is None


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_known_by_its_number_and_nothing_else_is(number: int) -> None:
    assert trouble_of(OSError(number, "full")) is NO_ROOM
    assert trouble_of(OSError(errno.EACCES, "denied")) is None


DOORS = {
    "/": "text/html",
    "/api/v1/patients/": "application/problem+json",
    "/fhir/Patient": "application/fhir+json",
}


@pytest.mark.django_db
@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("error", "status", "wait"),
    [
        (OperationalError("the connection is lost"), 503, "10"),
        (OSError(errno.ENOSPC, "No space left on device"), 507, "300"),
        (RuntimeError("a mistake"), 500, None),
    ],
)
def test_every_door_says_when_to_come_again(
    door: str, error: Exception, status: int, wait: str | None, owner: User, client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    client.force_login(owner)
    client.raise_request_exception = False

    def fail(*_: Any, **__: Any) -> Any:
        raise error

    # Every door asks whose the user is, some of them before their view is reached.
    monkeypatch.setattr("riskapp.models.Organisation.objects.filter", fail)
    reply = client.get(door)
    assert reply.status_code == status
    assert reply["Content-Type"].split(";")[0] == DOORS[door]
    assert reply.headers.get("Retry-After") == wait
    assert "connection is lost" not in reply.content.decode()


@pytest.mark.django_db
def test_a_session_that_cannot_be_read_is_answered_too(
    owner: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(owner)
    client.raise_request_exception = False

    def fail(*_: Any) -> Any:
        raise OperationalError

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", fail)
    reply = client.get("/")
    assert (reply.status_code, reply["Retry-After"]) == (503, "10")
    assert "Nothing was changed" in reply.content.decode()


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """A disk that is full after so many bytes of a file (EFBIG); Python ignores the signal."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.django_db
@pytest.mark.parametrize("where", ["page", "api"])
def test_an_upload_onto_a_full_disk_leaves_nothing_and_works_once_there_is_room(
    where: str, owner: User, patient: Patient, client: Client, tmp_path: Path
) -> None:
    client.force_login(owner)
    client.raise_request_exception = False

    def upload() -> Any:
        file = SimpleUploadedFile("scan", bytes(LARGE))
        if where == "page":
            return client.post(f"/patients/{patient.id}/scans/", {"files": file})
        return client.post("/api/v1/scans/", {"files": file, "patient": str(patient.id)})

    events = AuditEvent.objects.count()
    with no_file_beyond(LARGE // 2):
        reply = upload()
    assert reply.status_code == 507
    assert "made room" in reply.content.decode() or "No room" in reply.content.decode()
    assert not Scan.objects.exists()
    assert AuditEvent.objects.count() == events
    assert not [path for path in (tmp_path / "received").rglob("*") if path.is_file()]
    assert upload().status_code in (202, 302)
    assert Scan.objects.count() == 1


@pytest.mark.django_db
def test_bytes_stay_where_nobody_knows_whether_their_row_was_written(
    owner: User, patient: Patient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    received = tmp_path / "received"
    # What the second one leaves is the first one's.
    for error, left in ((OperationalError("lost while committing"), 1), (RuntimeError(), 1)):

        def fail(*_: Any, error: Exception = error, **__: Any) -> Any:
            raise error

        with monkeypatch.context() as patched:
            patched.setattr(importing_scan, "_stored", fail)
            with pytest.raises(type(error)):
                import_scan(by=owner, patient=patient, files=[SimpleUploadedFile("scan", b"any")])
        assert len(list(received.iterdir())) == left


def test_a_worker_waits_for_its_database_and_for_room_and_spends_no_try(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    waited: list[float | None] = []
    pause = threading.Event()
    monkeypatch.setattr(pause, "wait", waited.append)
    monkeypatch.setattr(patience.connection, "close", lambda: None)

    def away() -> bool:
        raise OperationalError("no connection")

    with caplog.at_level(logging.WARNING):
        assert not patiently(away, pause, until_idle=False)
        monkeypatch.setattr(patience, "has_room", lambda: False)
        assert not patiently(lambda: pytest.fail("was taken"), pause, until_idle=False)
    assert len(waited) == 2
    assert all(one is not None and 4 < one <= 8 for one in waited)
    assert "does not answer" in caplog.text
    assert "disk is full" in caplog.text
    monkeypatch.setattr(patience, "has_room", lambda: True)
    assert patiently(lambda: True, pause, until_idle=False)
    with pytest.raises(OperationalError):
        patiently(away, pause, until_idle=True)
    with pytest.raises(ZeroDivisionError):
        patiently(lambda: bool(1 / 0), pause, until_idle=False)
