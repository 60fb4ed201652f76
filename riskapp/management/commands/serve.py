"""The whole product on one machine: web server and workers, started and stopped together."""

import ctypes
import http
import http.client
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from riskapp.actions.alive import WORKERS
from riskapp.actions.clock import impossible_time
from riskapp.actions.connecting import connections
from riskapp.actions.database_health import problem_with_the_database
from riskapp.actions.keys_at_hand import problem_with_the_keys
from riskapp.actions.readiness import problem_with_the_site
from riskapp.exchange.connection import Connection, UnusableConnection
from riskapp.exchange.connection_messages import MessageSource
from riskapp.exchange.connection_sender import Sender
from riskapp.management import demo
from riskapp.management.mock_ehr.beside import MockBeside, mock_beside

LISTENERS: dict[str, type[Connection]] = {"listen_hl7": MessageSource, "listen_dicom": Sender}
# To be started again and again on a busy machine would never end.
START_WITHIN_S = 180
STOP_WITHIN_S = 25
# A child that dies at once is not started again in a tight loop.
RESTART_PAUSE_S = 1.0
# A web server that keeps ending is nothing that starting it again will mend.
WEB_RESTARTS, WEB_RESTARTS_WITHIN_S = 5, 600
PR_SET_PDEATHSIG = 1  # prctl(2)
logger = logging.getLogger(__name__)

THINGS_TO_TRY = """  Things to try
    1. Open one of the demo people: the scan, its regions, the probability and why.
    2. Register a new patient and upload a DXA or CT scan (DICOM, several files or a zip).
    3. Open the laboratory: train a model on a simulated cohort; the other person approves it.
    4. Ask as another program would:
       curl -H 'Authorization: Token {token}' -H 'Content-Type: application/json' \\
            -d '{{"profile": {{"population": "gb", "age_years": 70, "sex": "female"}}}}' \\
            {address}/api/v1/scores/
"""
TO_INTEGRATE = """    5. See it in a hospital’s record, in one minute: open a made-up patient at
       {address}/
"""


class Command(BaseCommand):
    help = "Serve Trabecula: the web server, the worker that measures scans and the laboratory's."
    # Made while the web server loads, which takes as long.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--demo", action="store_true", help="load demo people and scans")

    def handle(self, *, host: str, port: int, **options: Any) -> None:
        self._refuse_what_cannot_work(host, port)
        sign_in = None
        if options["demo"]:
            sign_in = demo.load()
        address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        mock = mock_beside(port, demo.ORGANISATION) if options["demo"] else None
        site = _Site(host, port, mock)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, site.stop)
        try:
            site.start(meanwhile=self.check)
            self.stdout.write(f"\n  Trabecula is at {address}/\n")
            if sign_in:
                for sentence in sign_in.sentences:
                    self.stdout.write(f"  {sentence}\n")
                self.stdout.write(THINGS_TO_TRY.format(token=sign_in.token, address=address))
            if mock:
                self.stdout.write(TO_INTEGRATE.format(address=mock.address))
            self.stdout.write("  Ctrl-C stops it.\n")
            self.stdout.flush()
            site.watch()
        finally:
            site.end()

    def _refuse_what_cannot_work(self, host: str, port: int) -> None:
        problem = (
            impossible_time()
            or problem_with_the_database()
            or problem_with_the_site()
            or problem_with_the_keys()
        )
        if problem:
            raise CommandError(problem)
        if not (settings.STATIC_ROOT / "staticfiles.json").exists():
            raise CommandError("Static files are missing; run: python manage.py collectstatic.")
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except (OSError, OverflowError):
                raise CommandError(
                    f"Port {port} on {host} cannot be used, perhaps it is taken; "
                    "choose another with --port."
                ) from None


class _Site:
    """The child processes and what keeps them running."""

    def __init__(self, host: str, port: int, mock: MockBeside | None = None) -> None:
        self._host, self._port, self._mock = host, port, mock
        self._bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._stopping = threading.Event()
        self._web: subprocess.Popen[bytes] | None = None
        self._workers: dict[str, subprocess.Popen[bytes]] = {}
        self._web_ended_at: list[float] = []

    def start(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Start all; the workers once the web server answers, as they would slow its start.

        What ``meanwhile`` raises ends the start.
        """
        if self._mock:
            self._keep("mock_ehr", list(self._mock.arguments))
        self._start_web(meanwhile)
        self._start_workers()

    def watch(self) -> None:
        """Keep all running until told to stop."""
        while not self._stopping.wait(RESTART_PAUSE_S):
            self._start_workers()
            if self._web is None or self._web.poll() is not None:
                self._start_web_again()

    def _start_workers(self) -> None:
        for command in (*WORKERS, *_listeners()):
            self._keep(command, ["manage.py", command])
        if self._mock:
            self._keep("mock_ehr", list(self._mock.arguments))

    def _keep(self, command: str, arguments: list[str]) -> None:
        """Start one, unless it runs."""
        before = self._workers.get(command)
        if before is not None and before.poll() is None:
            return
        if before is not None:
            logger.warning("The worker %s ended and is started again.", command)
        self._workers[command] = _child(arguments)

    def _start_web(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        self._web = _child(
            ["-m", "gunicorn", "-c", "python:riskapp.gunicorn_settings", "--bind", self._bind],
            {} if settings.HTTPS else {"TRABECULA_PASSKEY_ORIGINS": _local_origin(self._port)},
        )
        meanwhile()
        give_up_at = time.monotonic() + START_WITHIN_S
        while not _answers(self._host, self._port) and not self._stopping.is_set():
            if self._web.poll() is not None or time.monotonic() > give_up_at:
                raise CommandError("The web server did not start; see the lines above.")
            self._stopping.wait(0.2)

    def _start_web_again(self) -> None:
        now = time.monotonic()
        recent = [at for at in self._web_ended_at if now - at < WEB_RESTARTS_WITHIN_S]
        self._web_ended_at = [*recent, now]
        if len(self._web_ended_at) > WEB_RESTARTS:
            raise CommandError(
                f"The web server ended {len(self._web_ended_at)} times within "
                f"{WEB_RESTARTS_WITHIN_S // 60} minutes; see the lines above."
            )
        logger.warning("The web server ended and is started again.")
        self._start_web()

    def stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping.set()

    def end(self) -> None:
        """Ask all to stop, and insist after a while."""
        children = [*self._workers.values(), *([self._web] if self._web else [])]
        for child in children:
            child.terminate()
        for child in children:
            try:
                child.wait(STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                child.kill()


def _listeners() -> Iterator[str]:
    """Commands that listen where the file of connections has them to."""
    try:
        named = connections()
    except UnusableConnection:
        return  # told by whoever needs it; a worker that runs goes on
    for command, kind in LISTENERS.items():
        if named.of(kind):
            yield command


def _local_origin(port: int) -> str:
    """Without TLS browsers let passkeys work at this name only."""
    return f"http://localhost:{port}"


def _child(
    arguments: list[str], unless_set: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C reaches this process only, which then stops both in order.
    # Every argument is ours or a checked number, and no shell reads them (S603).
    return subprocess.Popen(  # noqa: S603
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        # Requests run side by side already; more threads inside each only slow all of them.
        env={"OMP_NUM_THREADS": "1", **(unless_set or {}), **os.environ},
        start_new_session=True,
        preexec_fn=_die_with_parent if sys.platform == "linux" else None,
    )


def _die_with_parent() -> None:
    """Ask the kernel to stop this child should its parent be killed without a word."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _answers(host: str, port: int) -> bool:
    """Whether anything is said at all: which hosts are served is Django's to judge."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
