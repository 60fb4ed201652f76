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
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.kept import ROOT

NGINX, OLD, NEW = 8970, 8971, 8972
SCORE = json.dumps({"profile": {"population": "gb", "age_years": 70, "sex": "female"}})
CALLERS = 6
# The file that is shipped, at the ports of this trial and without what only root and TLS need.
PLAIN = {
    "server 127.0.0.1:8000": f"server 127.0.0.1:{OLD}",
    "server 127.0.0.1:8001": f"server 127.0.0.1:{NEW}",
    "listen 443 ssl http2": f"listen 127.0.0.1:{NGINX}",
    "listen 80": "listen 127.0.0.1:8979",
    "server_name trabecula.example": "server_name 127.0.0.1",
    "proxy_set_header X-Forwarded-Proto $scheme": "proxy_set_header X-Forwarded-Proto http",
}


class Load:
    """Callers who never wait, each on a connection of its own."""

    def __init__(self, token: str) -> None:
        self._token, self._stop = token, threading.Event()
        self.ended: Counter[str] = Counter()
        self.slowest_s = 0.0
        self._threads = [threading.Thread(target=self._call, args=(n,)) for n in range(CALLERS)]

    def start(self) -> None:
        for one in self._threads:
            one.start()

    def stop(self) -> None:
        self._stop.set()
        for one in self._threads:
            one.join()

    def _call(self, number: int) -> None:
        headers = {"Authorization": f"Token {self._token}", "Content-Type": "application/json"}
        asked = [
            ("POST", "/api/v1/scores/", SCORE),
            ("GET", "/api/v1/patients/", None),
            ("GET", "/sign-in/", None),
        ]
        while not self._stop.is_set():
            for method, address, body in asked:
                began = time.monotonic()
                told = self._ask(method, address, body, headers)
                self.slowest_s = max(self.slowest_s, time.monotonic() - began)
                self.ended[f"{method} {address} {told}"] += 1

    @staticmethod
    def _ask(method: str, address: str, body: str | None, headers: dict[str, str]) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", NGINX, timeout=60)
        try:
            connection.request(method, address, body, headers)
            reply = connection.getresponse()
            reply.read()
            return str(reply.status)
        except (OSError, http.client.HTTPException) as trouble:
            return type(trouble).__name__
        finally:
            connection.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("old", type=Path, help="folder with the version before")
    old: Path = parser.parse_args().old
    with TemporaryDirectory() as folder:
        env = os.environ | {"TRABECULA_DATA_DIR": folder, "OMP_NUM_THREADS": "1"}

        def manage(tree: Path, *arguments: str) -> str:
            done = subprocess.run(
                [sys.executable, "manage.py", *arguments],
                cwd=tree, env=env | {"PYTHONPATH": str(tree)},
                check=True, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            return done.stdout

        def serve(tree: Path, port: int) -> subprocess.Popen[bytes]:
            return subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-c", "python:riskapp.gunicorn_settings"]
                + ["--bind", f"127.0.0.1:{port}"],
                cwd=tree, env=env | {"PYTHONPATH": str(tree)},
            )  # fmt: skip

        manage(old, "migrate", "--verbosity", "0")
        manage(old, "collectstatic", "--noinput", "--verbosity", "0")
        token = manage(old, "shell", "-c", MAKE_TOKEN).split()[-1]
        before = serve(old, OLD)
        nginx = subprocess.Popen(["nginx", "-p", folder, "-c", _conf(Path(folder))])
        try:
            _wait_until_ready(OLD)
            load = Load(token)
            load.start()
            time.sleep(3)
            sys.stdout.write(manage(ROOT, "migrate", "--plan"))
            manage(ROOT, "migrate", "--verbosity", "0")
            manage(ROOT, "collectstatic", "--noinput", "--verbosity", "0")
            after = serve(ROOT, NEW)
            _wait_until_ready(NEW)
            time.sleep(2)
            before.send_signal(signal.SIGTERM)
            before.wait(90)
            time.sleep(5)
            load.stop()
            after.terminate()
            after.wait(90)
        finally:
            nginx.terminate()
            nginx.wait()
        return _told(load)


MAKE_TOKEN = """
from riskapp.actions.registering import issue_token, register_clinician
who = register_clinician(username="load", password=None, organisation="Load")
print(issue_token(by=who, label="load"))
"""


def _conf(folder: Path) -> str:
    text, site = (
        (ROOT / "deploy" / name).read_text(encoding="utf-8")
        for name in ("nginx.conf", "nginx-site.conf")
    )
    text = text.replace("include /etc/nginx/trabecula/site.conf;", site)
    for shipped, here in PLAIN.items():
        text = text.replace(shipped, here)
    kept = [line for line in text.splitlines() if "ssl_" not in line and "access_log" not in line]
    path = folder / "nginx.conf"
    paths = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    path.write_text(
        f"daemon off;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\n"
        "events { worker_connections 256; }\n"
        f"http {{\naccess_log off;\n{paths}" + "\n".join(kept) + "\n}\n",
        encoding="utf-8",
    )
    return str(path)


def _wait_until_ready(port: int) -> None:
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", "/health/ready")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.2)


def _told(load: Load) -> int:
    failed = {
        what: count
        for what, count in load.ended.items()
        if not what.rpartition(" ")[2].isdigit() or int(what.rpartition(" ")[2]) >= 500
    }
    for what, count in sorted(load.ended.items()):
        sys.stdout.write(f"{count:6} {what}\n")
    sys.stdout.write(f"{sum(load.ended.values())} requests, {sum(failed.values())} failed,"
          f" the slowest took {load.slowest_s:.1f} s\n")  # fmt: skip
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
