"""Serving: refused with a sentence where it cannot work, else up, watched and stopped together."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from riskapp.management.commands import serve
from tests.migrated import lay_database_in

ROOT = Path(__file__).parents[2]
# For a machine that is busy with other things too.
PATIENCE_S = 180


@pytest.fixture
def collected(tmp_path: Path, settings: Settings) -> None:
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "staticfiles.json").touch()


@pytest.mark.django_db
@pytest.mark.usefixtures("collected")
@pytest.mark.enable_socket
def test_a_port_that_is_taken_is_refused_in_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        with pytest.raises(CommandError, match="choose another with --port"):
            call_command("serve", port=taken.getsockname()[1])
    with pytest.raises(CommandError, match="choose another with --port"):
        call_command("serve", port=70_000)


@pytest.mark.django_db
def test_missing_static_files_are_named(tmp_path: Path, settings: Settings) -> None:
    settings.STATIC_ROOT = tmp_path
    with pytest.raises(CommandError, match="collectstatic"):
        call_command("serve")


@pytest.mark.django_db
def test_a_data_folder_that_is_gone_is_named(tmp_path: Path, settings: Settings) -> None:
    settings.DATA_DIR = tmp_path / "gone"
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("serve")


def _serve(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "serve", *arguments],
        cwd=ROOT,
        env=os.environ
        | {"TRABECULA_DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "riskapp.settings"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_missing_migrations_are_refused_in_one_sentence(tmp_path: Path) -> None:
    refused = _serve(tmp_path)
    said, _ = refused.communicate(timeout=PATIENCE_S)
    assert refused.returncode == 1
    assert said.strip() == (
        "CommandError: The database lacks migrations; run: python manage.py migrate."
    )


def test_a_data_folder_that_cannot_be_made_is_named_before_anything_starts() -> None:
    refused = _serve(Path("/dev/null/nowhere"))
    said, _ = refused.communicate(timeout=PATIENCE_S)
    assert refused.returncode == 1
    assert said.startswith("The data folder /dev/null/nowhere cannot be written;")
    assert said.count("\n") == 1


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A started site with the demo, on a free port."""
    environment = os.environ | {
        "TRABECULA_DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "riskapp.settings",
    }
    lay_database_in(tmp_path)
    collect = ["collectstatic", "--noinput", "--ignore", "drf_*", "--verbosity", "0"]
    subprocess.run([sys.executable, "manage.py", *collect], cwd=ROOT, env=environment, check=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    serving = _serve(tmp_path, "--demo", "--port", str(port))
    try:
        yield serving, port
    finally:
        serving.terminate()
        serving.communicate(timeout=PATIENCE_S)


@pytest.mark.enable_socket
def test_a_started_site_answers_restarts_what_died_and_stops_when_told(
    site: tuple[subprocess.Popen[str], int],
) -> None:
    serving, port = site
    assert serving.stdout is not None
    said = ""
    while "Ctrl-C" not in said:
        line = serving.stdout.readline()
        assert line, f"The site ended and said: {said}"
        said += line
    assert re.search(r"Sign in as demo, password \S+", said)
    assert re.search(r"sign in as demo-statistician, password \S+\n", said)
    (token,) = re.findall(r"Token (\S+?)'", said)
    (hospital,) = re.findall(r"made-up patient at\s+(\S+)", said)

    def ask(address: str) -> dict[str, object]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}{address}", headers={"Authorization": f"Token {token}"}
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as reply:
            return dict(json.load(reply))

    assert ask("/health/ready")["status"] in ("ready", "degraded")
    with urllib.request.urlopen(hospital, timeout=PATIENCE_S) as people:
        assert b"Patients" in people.read()
    # Passkeys are bound to where it really is.
    with urllib.request.urlopen(f"http://localhost:{port}/sign-in/", timeout=PATIENCE_S) as page:
        assert f'data-origins="http://localhost:{port}"' in page.read().decode()
    for command in ("work", "gunicorn"):
        (child,) = _children_named(serving.pid, command)
        os.kill(child, signal.SIGKILL)
        give_up_at = time.monotonic() + PATIENCE_S
        while not (_children_named(serving.pid, command) - {child}):
            assert time.monotonic() < give_up_at, f"{command} died and was not started again."
            time.sleep(0.1)
    # The new web server waits for the dead one's port, so look for a moment.
    time.sleep(3)
    assert serving.poll() is None
    assert ask("/health/ready")["status"] in ("ready", "degraded")

    serving.terminate()
    serving.communicate(timeout=PATIENCE_S)
    assert serving.returncode == 0
    with pytest.raises(OSError, match="refused"):
        ask("/health/live")


def test_a_web_server_that_keeps_ending_is_given_up_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def ended(*arguments: object) -> subprocess.Popen[bytes]:
        child = subprocess.Popen([sys.executable, "-c", ""])
        child.wait()
        return child

    monkeypatch.setattr(serve, "_child", ended)
    monkeypatch.setattr(serve, "_answers", lambda host, port: True)
    monkeypatch.setattr(serve, "RESTART_PAUSE_S", 0)
    monkeypatch.setattr(serve, "WEB_RESTARTS", 2)
    site = serve._Site("127.0.0.1", 1)
    site.start()
    with pytest.raises(CommandError, match="ended 3 times within 10 minutes"):
        site.watch()


def _children_named(parent: int, command: str) -> set[int]:
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="utf-8").split()
    return {
        int(child)
        for child in children
        if command in Path(f"/proc/{child}/cmdline").read_bytes().decode().split("\0")
    }
