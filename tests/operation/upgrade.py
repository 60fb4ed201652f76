"""An upgrade under load, tried: an old and a new version behind nginx, a migration in between.

    git worktree add ../old COMMIT_BEFORE && python -m tests.operation.upgrade ../old

The steps are those of docs/operation.md. Needs nginx. Prints how many requests were sent, how many
failed (no answer, or 5xx), and the slowest; status 1 if one failed.
"""

import argparse
import http.client
import json
import os
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from tests.kept import ROOT
from tests.operation.nginx import NAME, proxy

FRONT, OLD, NEW = 8970, 8972, 8973
SCORE = {"profile": {"population": "gb", "age_years": 70, "sex": "female"}}
CALLERS = 4
# Without the files of the API's own page, which take the longest and are not asked for.
COLLECT = ("--noinput", "--ignore", "drf_*", "--verbosity", "0")
RATES = "scores=off,searches=off,requests=off"
MAKE_TOKEN = """
from riskapp.actions.registering import issue_token, register_clinician
who = register_clinician(username="load", password=None, organisation="Load")
print(issue_token(by=who, label="load"))
"""


class Load:
    """Callers who never wait, each on a connection of its own, who read and write."""

    def __init__(self, token: str, certificate: Path) -> None:
        self._headers = {
            "Authorization": f"Token {token}",
            "Content-Type": "application/json",
            "Host": NAME,
        }
        self._trusted = ssl.create_default_context(cafile=str(certificate))
        self._stop = threading.Event()
        self.ended: Counter[str] = Counter()
        self.slowest_s = 0.0
        self._threads = [threading.Thread(target=self._call) for _ in range(CALLERS)]

    @contextmanager
    def running(self) -> Iterator[None]:
        for one in self._threads:
            one.start()
        try:
            yield
        finally:
            self._stop.set()
            for one in self._threads:
                one.join()

    def _call(self) -> None:
        while not self._stop.is_set():
            person = {
                "name": "Load Example", "record_number": uuid4().hex,
                "date_of_birth": "1950-01-01", "sex": "female",
            }  # fmt: skip
            for method, address, body in (
                ("POST", "/api/v1/scores/", SCORE),
                ("POST", "/api/v1/patients/", person),
                ("GET", "/api/v1/patients/?page_size=5", None),
                ("GET", "/sign-in/", None),
            ):
                began = time.monotonic()
                told = self._ask(method, address, json.dumps(body) if body else None)
                self.slowest_s = max(self.slowest_s, time.monotonic() - began)
                self.ended[f"{method} {address} {told}"] += 1

    def _ask(self, method: str, address: str, body: str | None) -> str:
        connection = http.client.HTTPSConnection(
            "localhost", FRONT, timeout=120, context=self._trusted
        )
        try:
            connection.request(method, address, body, self._headers)
            reply = connection.getresponse()
            reply.read()
            return str(reply.status)
        except (OSError, http.client.HTTPException) as trouble:
            return type(trouble).__name__
        finally:
            connection.close()

    def told(self) -> int:
        """Write down what came of it; status 1 if a request failed."""
        failed = 0
        for what, count in sorted(self.ended.items()):
            sys.stdout.write(f"{count:6} {what}\n")
            status = what.rpartition(" ")[2]
            if not status.isdigit() or int(status) >= http.HTTPStatus.BAD_REQUEST:
                failed += count
        sys.stdout.write(
            f"{sum(self.ended.values())} requests, {failed} failed, the slowest took "
            f"{self.slowest_s:.1f} s\n"
        )
        return 1 if failed else 0


class Version:
    """One version of the product on the data folder of the trial."""

    def __init__(self, tree: Path, folder: Path, rates: str = RATES) -> None:
        self._tree = tree
        self._env = os.environ | {
            "TRABECULA_DATA_DIR": str(folder), "OMP_NUM_THREADS": "1", "PYTHONPATH": str(tree),
            "TRABECULA_HOSTS": f"{NAME},127.0.0.1", "TRABECULA_HTTPS": "1",
            "TRABECULA_RATES": rates,
        }  # fmt: skip

    def manage(self, *arguments: str) -> str:
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=self._tree, env=self._env, check=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        sys.stdout.write(f"{time.monotonic() - began:5.1f} s {arguments[0]}\n")
        return done.stdout

    def serve(self, port: int) -> "subprocess.Popen[bytes]":
        """Start the web server and return when it can work."""
        began = time.monotonic()
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "python:riskapp.gunicorn_settings"]
            + ["--bind", f"127.0.0.1:{port}"],
            cwd=self._tree, env=self._env,
        )  # fmt: skip
        while not _is_ready(port):
            if server.poll() is not None:
                raise SystemExit("The web server ended.")
            time.sleep(0.2)
        sys.stdout.write(f"{time.monotonic() - began:5.1f} s until {port} answers\n")
        return server


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("old", type=Path, help="folder with the version before")
    with TemporaryDirectory() as name:
        folder = Path(name)
        old = Version(parser.parse_args().old.resolve(), folder)
        new = Version(ROOT, folder)
        old.manage("migrate", "--verbosity", "0")
        old.manage("collectstatic", *COLLECT)
        token = old.manage("shell", "-v", "0", "-c", MAKE_TOKEN).split()[-1]
        before = old.serve(OLD)
        after = None
        try:
            with proxy(folder, FRONT, (OLD, NEW)) as certificate:
                load = Load(token, certificate)
                time.sleep(1)  # nginx listens
                with load.running():
                    time.sleep(3)
                    sys.stdout.write(new.manage("migrate", "--plan"))
                    new.manage("migrate", "--verbosity", "0")
                    new.manage("collectstatic", *COLLECT)
                    time.sleep(3)  # the old version on the new tables
                    after = new.serve(NEW)
                    time.sleep(3)
                    before.send_signal(signal.SIGTERM)
                    before.wait(90)
                    time.sleep(5)
        finally:
            for one in filter(None, (before, after)):
                one.terminate()
                one.wait(90)
        return load.told()


if __name__ == "__main__":
    sys.exit(main())
