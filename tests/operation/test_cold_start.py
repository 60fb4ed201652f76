"""What a process loads before it has anything to do, and how often a server loads the product."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.kept import ROOT
from tests.migrated import lay_database_in

# Each takes a second or more to import, and is for work that few processes ever do.
HEAVY = (
    "captum", "dask", "lifelines", "lightgbm", "matplotlib", "pandas", "pyarrow", "scipy.optimize",
    "shap", "sklearn", "torch", "xgboost",
)  # fmt: skip
WEB = ("-m", "gunicorn", "-c", "python:riskapp.gunicorn_settings")
# A page, a score with its reasons, and what the registry of models says, as whoever comes first.
FIRST_ANSWERS = """
import json
from importlib import import_module
application = import_module("riskapp.wsgi").application
from django.conf import settings
from django.test import Client, override_settings
from riskapp.actions.registering import issue_token, register_clinician
key = issue_token(by=register_clinician(username="a", password=None, organisation="b"), label="c")
client = Client(headers={"Authorization": f"Token {key}"})
files = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
with override_settings(STORAGES=settings.STORAGES | {"staticfiles": files}):
    assert client.get("/sign-in/").status_code == 200
person = {"population": "gb", "age_years": 70, "sex": "female"}
asked = {"profile": person, "engines": ["evidence", "cox", "xgboost", "ensemble"]}
for _ in range(2):
    answer = client.post("/api/v1/scores/", asked, content_type="application/json")
    assert answer.json()["results"][0]["refused"] is None, answer.content
assert client.get("/api/v1/models/").status_code == 200
"""
COUNTED = """
import os

with open("loaded", "a") as told:
    told.write(f"{os.getpid()} ")

def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]
"""
BROKEN = "words = 'hidden' + ' words'\nraise ValueError(words)"


def loaded_by(text: str, folder: Path) -> set[str]:
    """Names of the packages and modules that a fresh process holds when it has run a text."""
    done = subprocess.run(
        [sys.executable, "-c", f"{text}\nimport json, sys\nprint(json.dumps(list(sys.modules)))"],
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "riskapp.settings",
            "TRABECULA_DATA_DIR": str(folder),
            "TRABECULA_HOSTS": "testserver",
        },
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    modules = json.loads(done.stdout.splitlines()[-1])
    return {*modules, *(name.partition(".")[0] for name in modules)}


@pytest.mark.parametrize(
    "name",
    sorted(
        f"riskapp.risk.{path.stem}"
        for path in (ROOT / "riskapp" / "risk").glob("*.py")
        if path.stem in ("evidence", "predicting", "learned", "ensemble", "explanation", "boosting")
    ),
)
def test_a_program_that_imports_the_risk_package_loads_arrays_and_little_else(
    name: str, tmp_path: Path
) -> None:
    assert not loaded_by(f"import {name}", tmp_path) & {*HEAVY, "django", "rest_framework", "PIL"}


def test_a_program_that_measures_scans_loads_no_networks_before_it_has_one(tmp_path: Path) -> None:
    assert not loaded_by("import imaging.measure", tmp_path) & {*HEAVY, "django"}


def test_django_starts_without_what_only_learns(tmp_path: Path) -> None:
    assert not loaded_by("import django; django.setup()", tmp_path) & {*HEAVY}


def test_pages_and_scores_are_answered_without_what_only_learns(tmp_path: Path) -> None:
    lay_database_in(tmp_path)
    assert not loaded_by(FIRST_ANSWERS, tmp_path) & {*HEAVY}


@contextmanager
def served(folder: Path, *arguments: str) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """A small site in our web server, with its port."""
    (folder / "counted_app.py").write_text(COUNTED, encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    started = subprocess.Popen(
        [sys.executable, *WEB, "--bind", f"127.0.0.1:{port}", "--chdir", str(folder)]
        + [*arguments, "counted_app:app"],
        env={"PYTHONPATH": str(ROOT), "TRABECULA_DATA_DIR": str(folder), "PATH": "/usr/bin"},
        cwd=ROOT,
    )
    try:
        yield port, started
    finally:
        started.terminate()
        started.wait()


def answered_by(port: int) -> int:
    """The process that answers, as soon as one does."""
    give_up_at = time.monotonic() + 60
    while time.monotonic() < give_up_at:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
                connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
                told = b"".join(iter(lambda: connection.recv(1000), b""))
        except OSError:
            told = b""
        if found := re.search(rb"\r\n\r\n(\d+)$", told):
            return int(found[1])
        time.sleep(0.05)
    raise AssertionError("Nobody answers.")


def test_the_product_is_loaded_once_for_all_workers_and_those_that_come_later(
    tmp_path: Path,
) -> None:
    with served(tmp_path, "--workers", "2") as (port, started):
        seen = set()
        for _ in range(3):
            worker = answered_by(port)
            assert worker not in seen | {started.pid}
            os.kill(worker, signal.SIGKILL)
            seen.add(worker)
        assert (tmp_path / "loaded").read_text() == f"{started.pid} "


def test_what_cannot_be_loaded_ends_the_server_and_quotes_nothing(tmp_path: Path) -> None:
    (tmp_path / "broken_app.py").write_text(BROKEN, encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, *WEB, "--bind", "127.0.0.1:0", "--chdir", str(tmp_path), "broken_app:app"],
        env={"PYTHONPATH": str(ROOT), "TRABECULA_DATA_DIR": str(tmp_path), "PATH": "/usr/bin"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 1
    assert "The product could not be loaded" in ended.stderr
    assert "ValueError" in ended.stderr
    assert "hidden words" not in ended.stderr
