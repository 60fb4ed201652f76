"""The product as it is really run: one with its workers, one filled with stories and still."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

from tests.migrated import lay_database_in
from tests.web.story_archive import archive_of_stories

ROOT = Path(__file__).parents[2]
START_WITHIN_S = 180
QUICK_SETTINGS, REAL_SETTINGS = "tests.browser.settings", "riskapp.settings"
FILL = "from tests.browser.filling import fill; fill()"
# The statisticians of the filled site; who is signed in as one sees every page.
USERNAME, SECOND, PASSWORD = "stella", "tom", "a-long-walk-in-the-park"
WEB = ["-m", "gunicorn", "riskapp.wsgi:application", "--worker-class", "gthread"]


@dataclass(frozen=True, slots=True)
class Site:
    """A served product with a database of its own; ``pages`` are addresses by their names."""

    address: str
    folder: Path
    pages: dict[str, str] = field(default_factory=dict)

    def do(self, command: str) -> None:
        """Run Python inside the site."""
        _manage(_environment(self.folder, QUICK_SETTINGS), "shell", "--command", command)


@contextmanager
def working_site(folder: Path, make_people: str) -> Iterator[Site]:
    """Server and workers; nobody is there but those whom ``make_people`` makes."""
    env = _prepared(folder, QUICK_SETTINGS, make_people)
    with _served(["manage.py", "serve", "--port"], env) as address:
        yield Site(address, folder)


@contextmanager
def filled_site(folder: Path, settings: str = QUICK_SETTINGS) -> Iterator[Site]:
    """Pages alone, of a clinic in which everything has happened; no worker changes it."""
    with archive_of_stories() as archive:
        env = _prepared(folder, settings, FILL, STORY_ARCHIVE=archive.url)
        pages: dict[str, str] = json.loads((folder / "pages.json").read_text(encoding="utf-8"))
        with _served([*WEB, "--threads", "4", "--log-level", "warning", "--bind"], env) as address:
            pages["consent"] += f"&aud={address}/fhir"  # an app names the record that it will ask
            yield Site(address, folder, pages)


def _prepared(folder: Path, settings: str, command: str, **more: str) -> dict[str, str]:
    env = _environment(folder, settings) | more
    lay_database_in(folder)
    _manage(env, "collectstatic", "--noinput")
    _manage(env, "shell", "--command", command)
    return env


def _environment(folder: Path, settings: str) -> dict[str, str]:
    return os.environ | {
        "TRABECULA_DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": settings,
        "OMP_NUM_THREADS": "1",
    }


def _manage(env: dict[str, str], *arguments: str) -> None:
    quietly = [sys.executable, "manage.py", *arguments, "--verbosity", "0"]
    subprocess.run(quietly, cwd=ROOT, env=env, check=True)


@contextmanager
def _served(command: Sequence[str], env: dict[str, str]) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    where = f"127.0.0.1:{port}" if "--bind" in command else str(port)
    env = env | {"TRABECULA_PASSKEY_ORIGINS": f"http://localhost:{port}"}
    server = subprocess.Popen(
        [sys.executable, *command, where], cwd=ROOT, env=env, stdout=subprocess.DEVNULL
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address, server)
        yield address
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)


def _wait_for(address: str, server: "subprocess.Popen[bytes]") -> None:
    give_up_at = time.monotonic() + START_WITHIN_S
    while time.monotonic() < give_up_at:
        assert server.poll() is None, "the server ended before it answered"
        try:
            with urlopen(f"{address}/health/live", timeout=5):
                return
        except OSError:  # not there yet, or slow to answer
            time.sleep(0.2)
    raise TimeoutError("the server did not start")
