"""A whole site of the product, started as an operator does, whose processes can be found."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.soak.report import progress

ROOT = Path(__file__).parents[2]
READY_WITHIN_S = 300
# Role -> what stands in the command line of such a process.
WEB, WORKERS = "gunicorn", ("work", "deliver", "bulk", "fetch_scans", "tend_laboratory")
PREPARE = """
import json
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("collectstatic", interactive=False, ignore_patterns=["drf_*"], verbosity=0)
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from riskapp.actions.registering import issue_token, register_clinician
by = register_clinician(username="soak", password=None, organisation="Clinic")
session = import_module(settings.SESSION_ENGINE).SessionStore()
session[SESSION_KEY] = str(by.pk)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = by.get_session_auth_hash()
session.save()
print(json.dumps({"token": issue_token(by=by, label="soak"), "session": session.session_key}))
"""
CONNECTIONS = """
[[cds_client]]
name = "ward"
organisation = "Clinic"
population = "gb"
unsigned = true
"""


@dataclass(frozen=True, slots=True)
class Process:
    pid: int
    parent: int
    command: str


def processes() -> dict[int, Process]:
    """Every process of this machine that can be read, from proc(5)."""
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            stat = (folder / "stat").read_text(encoding="utf-8", errors="replace")
            told = (folder / "cmdline").read_bytes()
        except OSError:
            continue  # ended meanwhile
        pid, state, parent = int(folder.name), *stat.rpartition(")")[2].split()[:2]
        if state != "Z":
            command = told.replace(b"\0", b" ").decode(errors="replace")
            found[pid] = Process(pid, int(parent), command)
    return found


def below(pid: int) -> list[Process]:
    """A process's children, their children and so on."""
    known = processes()
    found, looked_at = [], [pid]
    while looked_at:
        parent = looked_at.pop()
        children = [one for one in known.values() if one.parent == parent]
        found += children
        looked_at += [one.pid for one in children]
    return found


class Site:
    """One data folder, its database, and ``serve`` with all that it starts."""

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.port = _free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.environment = os.environ | {
            "TRABECULA_DATA_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "riskapp.settings",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONPATH": str(ROOT),
            **(environment or {}),
        }
        self.serving: subprocess.Popen[bytes] | None = None
        self.ended_by_itself = 0
        self._before: tuple[str, ...] = ()
        self.token = self.session = ""

    def manage(self, *arguments: str) -> str:
        """Run a command of the site to its end, and give what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout

    def shell(self, text: str) -> str:
        return self.manage("shell", "--no-imports", "--command", text)

    def prepare(self) -> None:
        """Make the database, the static files and one clinician with a key and a session."""
        (self.folder / "connections.toml").write_text(CONNECTIONS, encoding="utf-8")
        made = json.loads(self.shell(PREPARE).strip().splitlines()[-1])
        self.token, self.session = made["token"], made["session"]

    def start(self, before: tuple[str, ...] = ()) -> None:
        """Start ``serve``, under another program such as ``faketime`` where one is named."""
        self._before = before
        self._spawn()
        self.wait_until_it_answers()

    def _spawn(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.serving = subprocess.Popen(
                [*self._before, sys.executable, "manage.py", "serve", "--port", str(self.port)],
                cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    @contextmanager
    def started(self, before: tuple[str, ...] = ()) -> Iterator[None]:
        """Started, and stopped whatever happens meanwhile."""
        try:
            self.start(before)
            yield
        finally:
            self.stop()

    def wait_until_it_answers(self, path: str = "/health/live") -> None:
        give_up_at = time.monotonic() + READY_WITHIN_S
        while not self.answers(path):
            if time.monotonic() > give_up_at:
                raise SystemExit(f"The site does not answer; see {self.folder / 'log'}.")
            if self.serving is not None and self.serving.poll() is not None:
                progress("The site ended by itself and is started again, as by a supervisor.")
                self.ended_by_itself += 1
                self.end_what_is_left()
                self._spawn()
            time.sleep(0.1)

    def answers(self, path: str) -> bool:
        try:
            with urllib.request.urlopen(self.address + path, timeout=5) as reply:
                return bool(reply.status == 200)
        except OSError:
            return False

    def said_wrong(self) -> list[str]:
        """What the log says of errors, and of processes that ended by themselves."""
        told = (self.folder / "log").read_text(encoding="utf-8", errors="replace").splitlines()
        return [one for one in told if " ERROR " in one or "is started again" in one]

    def processes(self) -> list[Process]:
        """Everything that ``serve`` started, and ``serve`` itself first."""
        if self.serving is None or self.serving.poll() is not None:
            return []
        return [Process(self.serving.pid, 0, "serve"), *below(self.serving.pid)]

    def left(self) -> list[Process]:
        """Whatever of the site lives, also without ``serve``: each knows its data folder."""
        mark = f"TRABECULA_DATA_DIR={self.folder}".encode()
        return [one for one in processes().values() if mark in _environment(one.pid)]

    def end_what_is_left(self, within_s: float = 0.0) -> int:
        """Kill what does not end by itself, as a supervisor does; how many that were."""
        give_up_at, killed = time.monotonic() + within_s, 0
        while there := self.left():
            if time.monotonic() >= give_up_at:
                self.kill(*there)
                killed += len(there)
            time.sleep(0.05)
        return killed

    def of(self, role: str) -> Iterator[Process]:
        """Processes of a role: ``web``, ``master``, ``worker``, ``child``, ``serve``."""
        known = self.processes()
        by_pid = {one.pid: one for one in known}
        for one in known:
            if role == _role(one, by_pid):
                yield one

    def kill(self, *some: Process) -> None:
        for one in some:
            try:
                os.kill(one.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # ended by itself

    def stop(self) -> None:
        """End ``serve`` as an operator does, and whatever is left of it."""
        if self.serving is None:
            return
        self.serving.terminate()
        try:
            self.serving.wait(60)
        except subprocess.TimeoutExpired:
            self.serving.kill()
            self.serving.wait()
        self.serving = None
        self.end_what_is_left()


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _free_port() -> int:
    """A port that no outgoing connection is given, not even one to itself while nobody listens."""
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text("utf-8").split()[0])
    while True:
        port = random.randrange(10_000, first)
        try:
            with socket.create_server(("127.0.0.1", port)):
                return port
        except OSError:
            continue


def _role(one: Process, known: Mapping[int, Process]) -> str:
    if one.command == "serve":
        return "serve"
    parent = known.get(one.parent)
    if WEB in one.command:
        return "web" if parent is not None and WEB in parent.command else "master"
    if any(f"manage.py {name}" in one.command for name in WORKERS):
        return "worker" if parent is None or parent.command == "serve" else "child"
    return "child"
