"""A full disk, a database that is gone, a clock that is set, two workers on one job."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.kept import ROOT
from tests.soak.clients import Clients
from tests.soak.killing import compared
from tests.soak.postgres import Postgres, programs
from tests.soak.report import Figures, progress
from tests.soak.site import Site

CLIENTS, LOAD_S = 3, 20.0
# More than a site needs to begin with, and more than workers must find free.
DISK_MIB = 600
TAKEN_AGAIN_WITHIN_S = 180.0
LOCKED_S = 45.0  # more than twice what a statement waits
JUMPS = ("+26h", "-26h")
MANY_SCANS = 12
UPLOADS = f"""
import uuid
from datetime import date
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from riskapp.actions.importing_scan import import_scan
from riskapp.actions.registering import register_patient
by = User.objects.get(username="soak")
patient = register_patient(
    by=by, name="Two", record_number="two", date_of_birth=date(1950, 1, 1), sex="female"
)
for _ in range({MANY_SCANS}):
    import_scan(by=by, patient=patient, files=[ContentFile(uuid.uuid4().bytes * 64)])
"""


def disk_full(folder: Path, make: Callable[..., Site]) -> Figures:
    """Fill the disk that a loaded site lies on, and make room again."""
    if os.geteuid() != 0:
        return Figures("disk full", {"left out": "only root may mount a small disk"})
    with _small_disk(folder / "disk") as disk:
        site, ballast = make(disk / "site"), disk / "ballast"
        with site.started(), Clients(site, CLIENTS) as clients:
            time.sleep(LOAD_S)
            _fill(ballast)
            before = _put_off(clients)
            time.sleep(LOAD_S)
            refused = _put_off(clients) - before
            ballast.unlink()
            again = _acknowledged_from_now_on(clients)
            problems = _settled(site, clients)
    if not refused:
        problems.append("Nothing was refused while the disk was full.")
    return _figures("disk full", {"refused while full": refused, **again}, clients, problems)


def database_gone(folder: Path, make: Callable[..., Site], server: Postgres | None) -> Figures:
    """Stop the server, or hold the file, for longer than it is waited for; then let it be."""
    site = make(folder / f"gone-{'postgresql' if server else 'sqlite'}", server)
    with site.started(), Clients(site, CLIENTS) as clients:
        time.sleep(LOAD_S)
        if server is not None:
            server.stop("fast")
            time.sleep(LOAD_S)
            server.start()
        else:
            with closing(sqlite3.connect(site.folder / "trabecula.sqlite3")) as held:
                held.execute("BEGIN IMMEDIATE")
                time.sleep(LOCKED_S)
                held.rollback()
        refused = _put_off(clients)
        again = _acknowledged_from_now_on(clients)
        problems = _settled(site, clients)
    if not refused:
        problems.append("Nothing was refused while the database was gone.")
    name = "PostgreSQL stopped" if server else "SQLite held by another"
    return _figures(name, {"refused meanwhile": refused, **again}, clients, problems)


def clock_set(folder: Path, make: Callable[..., Site]) -> Figures:
    """Load a site, and start it again by a clock that was set: leases, keys and order survive."""
    site = make(folder / "clock")
    if shutil.which("faketime") is None:
        return Figures("clock set", {"left out": "faketime is not here"})
    counted: dict[str, object] = {}
    with site.started(), Clients(site, CLIENTS) as clients:
        time.sleep(LOAD_S)
    for number, jump in enumerate(JUMPS):
        ledger = clients.ledger
        with site.started(("faketime", "-f", jump)):
            with Clients(site, CLIENTS, seed=number + 2, ledger=ledger) as clients:
                counted |= _acknowledged_from_now_on(clients, f"acknowledged at {jump}")
    with site.started():
        problems = _settled(site, clients)
    return _figures("clock set forwards and backwards", counted, clients, problems)


def two_workers(folder: Path, make: Callable[..., Site], server: Postgres | None) -> Figures:
    """Four workers at the same jobs at once: each is done once."""
    site = make(folder / f"workers-{'postgresql' if server else 'sqlite'}", server)
    site.shell(UPLOADS)
    command = [sys.executable, "manage.py", "work", "--until-idle"]
    started = [
        subprocess.Popen(command, cwd=ROOT, env=site.environment, stderr=subprocess.DEVNULL)
        for _ in range(4)
    ]
    codes = [one.wait() for one in started]
    counted = (
        "from riskapp.models import Job, MeasurementVersion as V;"
        "print(Job.objects.filter(status='done').count(), V.objects.count())"
    )
    done, results = map(int, site.shell(counted).split())
    problems = [] if (done, results) == (MANY_SCANS, MANY_SCANS) else ["A job was done otherwise."]
    problems += [f"A worker ended with {code}." for code in codes if code]
    name = "PostgreSQL" if server else "SQLite"
    figures = {"scans": MANY_SCANS, "done": done, "results": results}
    return Figures(f"four workers on the same scans, {name}", figures, problems)


def on_each_database(
    part: Callable[..., Figures], folder: Path, make: Callable[..., Site]
) -> Iterator[Figures]:
    """A part without PostgreSQL, then with a server of its own."""
    yield tried(part, folder, make, None)
    if programs() is None:
        yield Figures(f"{part.__name__}, PostgreSQL", {"left out": "its programs are not here"})
        return
    server = Postgres(folder / f"postgres-{part.__name__}")
    try:
        yield tried(part, folder, make, server)
    finally:
        server.stop()


def tried(part: Callable[..., Figures], *given: object) -> Figures:
    """One part; what ends it early does not end the others."""
    progress(f"{part.__name__} begins")
    try:
        return part(*given)
    except (SystemExit, OSError, subprocess.CalledProcessError) as broken:
        said = f"{broken} {getattr(broken, 'stderr', '')[-500:]}"
        return Figures(part.__name__, {"ended early": said}, [said])


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    """A file system of its own in memory, which only root may mount."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", str(folder)]
    subprocess.run(mount, check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _fill(ballast: Path) -> None:
    """Write until nothing fits any more."""
    with ballast.open("wb", buffering=0) as file:
        size = 2**20
        while size:
            try:
                file.write(bytes(size))
            except OSError:
                size //= 2


def _put_off(clients: Clients) -> int:
    """How often it was said that this cannot be done now."""
    return clients.ledger.answers["503"] + clients.ledger.answers["507"]


def _acknowledged_from_now_on(
    clients: Clients, name: str = "acknowledged after"
) -> dict[str, object]:
    """For so long as the load lasts, and until anything was at all.

    Raises
    ------
    SystemExit
        If nothing is taken for far too long.
    """
    before, begun = len(clients.ledger.acknowledged), time.monotonic()
    time.sleep(LOAD_S)
    while not (since := len(clients.ledger.acknowledged) - before):
        if time.monotonic() > begun + TAKEN_AGAIN_WITHIN_S:
            raise SystemExit(f"Nothing was taken ({name}).")
        time.sleep(0.5)
    return {name: since}


def _settled(site: Site, clients: Clients) -> list[str]:
    """Let clients and workers finish, and compare."""
    clients.stop()
    return compared(site, clients.ledger)


def _figures(
    name: str, counted: dict[str, object], clients: Clients, problems: list[str]
) -> Figures:
    told = {"acknowledged": len(clients.ledger.acknowledged), **counted}
    return Figures(name, told | {"lost, doubled or broken": len(problems)}, problems)
