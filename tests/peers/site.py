"""The product as processes of its own, for programs of others to call on the loopback address."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from tests.migrated import lay_database_in

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120
WEB = ["-m", "gunicorn", "riskapp.wsgi:application", "--worker-class", "gthread", "--threads", "4"]
# The people whom peers send scans of, and the account that acts for a program.
MAKE = """
from datetime import date
from riskapp.actions.registering import register_clinician, register_patient, issue_token
user = register_clinician(username="robot", password=None, organisation="Clinic A")
register_patient(by=user, name="Ada Example", record_number="A-1",
                 date_of_birth=date(1955, 6, 1), sex="female")
print(issue_token(by=user, label="peer"))
"""
TABLES = ("arrivedfile", "arrival", "scan")


@dataclass(frozen=True, slots=True)
class Site:
    """A data folder with one clinic in it, and a key for a program that acts there."""

    folder: Path
    token: str

    @property
    def env(self) -> dict[str, str]:
        return environment(self.folder)

    def counts(self) -> tuple[int, int, int]:
        """How many objects, arrived studies and scans there are."""
        with closing(sqlite3.connect(self.folder / "trabecula.sqlite3", timeout=20)) as database:
            objects, arrivals, scans = (
                database.execute(f"SELECT count(*) FROM riskapp_{name}").fetchone()[0]  # noqa: S608
                for name in TABLES
            )
        return objects, arrivals, scans

    @contextmanager
    def web(self, workers: int = 1) -> Iterator[str]:
        """The web server alone; gives its address."""
        address = f"127.0.0.1:{free_port()}"
        # The code is read once for all workers.
        command = [sys.executable, *WEB, "--bind", address, "--preload", "--workers", str(workers)]
        with process(command, self.env) as server:
            wait_until(lambda: _answers(f"http://{address}/health/live"), server)
            yield f"http://{address}"

    @contextmanager
    def listener(self) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
        """The worker that receives scans; gives its port."""
        port = free_port()
        command = [sys.executable, "manage.py", "listen_dicom", "--port", str(port)]
        with process(command, self.env) as server:
            wait_until(lambda: opens(port), server)
            yield port, server


def new_site(folder: Path, connections: str) -> Site:
    (folder / "connections.toml").write_text(connections, encoding="utf-8")
    env = environment(folder)
    lay_database_in(folder)
    return Site(folder, _told(env, "shell", "-v", "0", "-c", MAKE).strip())


def environment(folder: Path) -> dict[str, str]:
    return os.environ | {
        "TRABECULA_DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def process(
    command: Sequence[str], env: dict[str, str] | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """A program that runs until the end of the block."""
    running = subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield running
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(PATIENCE_S)


def wait_until(
    is_so: Callable[[], object], running: "subprocess.Popen[bytes] | None" = None
) -> None:
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert running is None or running.poll() is None, "the program has ended"
        assert time.monotonic() < end
        time.sleep(0.1)


def _told(env: dict[str, str], *arguments: str) -> str:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env=env, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip


def _answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=5):  # noqa: S310
            return True
    except OSError:
        return False


def opens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
    except OSError:
        return False
    return True
