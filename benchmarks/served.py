"""Sites in the product's own web server, each in processes of its own."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

WEB = ("-m", "gunicorn", "-c", "python:riskapp.gunicorn_settings")
READY_WITHIN_S = 180
SOMEBODY = b'{"profile": {"population": "gb", "age_years": 70, "sex": "female"}}'
MAKE_KEY = """
from riskapp.actions.registering import issue_token, register_clinician
by = register_clinician(username="caller", password=None, organisation="Clinic")
print(issue_token(by=by, label="bench"))
"""


@dataclass(frozen=True, slots=True)
class Served:
    """``ready_s`` is how long it took from its start to the first answer, on the wall."""

    port: int
    ready_s: float


def environment(folder: Path) -> dict[str, str]:
    """Of a site in a folder of its own that counts callers and stops none."""
    own = {
        "DJANGO_SETTINGS_MODULE": "benchmarks.score_site",
        "TRABECULA_DATA_DIR": str(folder),
        "TRABECULA_RATES": "scores=9999999/60,requests=9999999/60",
        "OMP_NUM_THREADS": "1",
    }
    return os.environ | own


def new_site(folder: Path) -> str:
    """Make the database, an account and its key."""
    _manage(folder, "migrate", "--verbosity", "0")
    told = _manage(folder, "shell", "--no-imports", "--command", MAKE_KEY)
    return told.split()[-1]


@contextmanager
def served(app: str, env: Mapping[str, str], path: str, key: str = "") -> Iterator[Served]:
    """A site that answers; ``path`` is asked until it does."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    began = time.perf_counter()
    command = [sys.executable, *WEB, "--bind", f"127.0.0.1:{port}", app]
    started = subprocess.Popen(command, env=dict(env))  # noqa: S603
    try:
        while not _answers(port, path, key):
            if started.poll() is not None or time.perf_counter() - began > READY_WITHIN_S:
                raise RuntimeError(f"{app} does not answer.")
            time.sleep(0.01)
        yield Served(port, time.perf_counter() - began)
    finally:
        started.terminate()
        started.wait()


def post(connection: http.client.HTTPConnection, path: str, key: str, body: bytes) -> bytes:
    """One request over a connection that stays open.

    Raises
    ------
    RuntimeError
        If it is refused.
    """
    headers = {"Content-Type": "application/json"} | (
        {"Authorization": f"Token {key}"} if key else {}
    )
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    told = answer.read()
    if answer.status != http.HTTPStatus.OK:
        raise RuntimeError(f"{path} answered {answer.status}: {told[:200]!r}")
    return told


def _answers(port: int, path: str, key: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=READY_WITHIN_S)
    try:
        post(connection, path, key, SOMEBODY)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def _manage(folder: Path, *arguments: str) -> str:
    return subprocess.run(  # noqa: S603
        [sys.executable, "manage.py", *arguments],
        cwd=Path(__file__).parents[1],
        env=environment(folder),
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    ).stdout
