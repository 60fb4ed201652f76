"""More than the web server can do, sent through the shipped proxy and without it.

    python -m tests.operation.overload

Needs nginx. Tries sizes, slow senders, request ids and made-up headers through TLS, then sends more
than is answered for some seconds, through the proxy and straight to gunicorn. Prints what was
answered; status 1 if anything was not as docs/operation.md says.
"""

import http.client
import json
import signal
import socket
import ssl
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.kept import ROOT
from tests.migrated import lay_database_in
from tests.operation.nginx import NAME, proxy
from tests.operation.upgrade import COLLECT, MAKE_TOKEN, Version

FRONT, WEB = 8975, 8977
CALLERS, SECONDS, SLOW = 120, 15.0, 300
MADE_UP_ID = "ad9727e2c76b4a70ae776f1468a081f9"
# An answer with reasons and intervals for several people: some tenths of a second of one core.
PEOPLE = [{"population": "gb", "age_years": age, "sex": "female"} for age in range(60, 70)]
SCORE = json.dumps({"profiles": PEOPLE, "explain": True}).encode()
HURRIED_S = 60.0  # half as long as the proxy waits
REFUSED, TOO_MANY = 503, 429


class Site:
    def __init__(self, token: str, certificate: Path) -> None:
        self._key = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
        self._trusted = ssl.create_default_context(cafile=str(certificate))
        self.problems: list[str] = []

    def connection(self, port: int) -> http.client.HTTPConnection:
        if port == WEB:
            return http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        return http.client.HTTPSConnection("localhost", port, timeout=120, context=self._trusted)

    def ask(
        self, method: str, path: str, body: bytes | None = None, port: int = FRONT, **headers: str
    ) -> http.client.HTTPResponse:
        connection = self.connection(port)
        # Straight to the web server the caller is who says that TLS was used: a proxy's place.
        told = {"Host": NAME} | ({"X-Forwarded-Proto": "https"} if port == WEB else {})
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, self._key | told | given)
        reply = connection.getresponse()
        reply.read()
        connection.close()
        return reply

    def expect(self, what: str, found: object, expected: object) -> None:
        sys.stdout.write(f"{what}: {found}\n")
        if found != expected:
            self.problems.append(f"{what}: {found}, not {expected}")

    def tell_what_passes(self, folder: Path) -> None:
        """What the proxy takes, refuses and writes anew."""
        self.expect("a page over TLS", self.ask("GET", "/sign-in/").status, 200)
        self.expect("sums", self.ask("GET", "/metrics").status, 404)
        five = b"x" * (5 * 2**20 + 1)
        self.expect("JSON over 5 MiB", self.ask("POST", "/api/v1/scores/", five).status, 413)
        self.expect("an upload over 1,540 MiB", self._announced(1541 * 2**20), 413)
        given = self.ask("GET", "/sign-in/", X_Request_ID=MADE_UP_ID).headers["X-Request-ID"]
        self.expect("an id that a caller made up is taken", given == MADE_UP_ID, False)
        until = time.monotonic() + 5  # it is written after the answer
        while not (found := given in (folder / "trabecula.log").read_text(encoding="utf-8")):
            if time.monotonic() > until:
                break
            time.sleep(0.1)
        self.expect("the proxy's log has the id that was answered", found, True)
        # Wrong keys are counted for the address that they come from: believed, each had its own.
        for number in range(120):
            made_up = {
                "Authorization": f"Token {number:040}",
                "X-Forwarded-For": f"192.0.2.{number}",
            }
            if (status := self.ask("GET", "/api/v1/models/", **made_up).status) == TOO_MANY:
                break
        self.expect("keys tried from made-up addresses", status, TOO_MANY)

    def _announced(self, size: int) -> int:
        connection = self.connection(FRONT)
        connection.putrequest("POST", "/api/v1/scans/", skip_host=True)
        for name, value in (self._key | {"Host": NAME, "Content-Length": str(size)}).items():
            connection.putheader(name, value)
        connection.endheaders()
        status = connection.getresponse().status
        connection.close()
        return status

    def wait_for_slow_ones(self) -> None:
        """Callers that drip bodies hold the proxy's memory, and no thread of ours."""
        head = f"POST /api/v1/scores/ HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 1000\r\n\r\nx"
        with ExitStack() as held:
            for _ in range(SLOW):
                plain = held.enter_context(socket.create_connection(("127.0.0.1", FRONT), 60))
                line = self._trusted.wrap_socket(plain, server_hostname="localhost")
                held.enter_context(line).sendall(head.encode())
            began = time.monotonic()
            status = self.ask("POST", "/api/v1/scores/", SCORE).status
            took = time.monotonic() - began
            self.expect(f"an answer beside {SLOW} that drip", status, 200)
            sys.stdout.write(f"  it took {took:.2f} s\n")

    def overload(self, port: int) -> None:
        """Callers who never wait, for some seconds."""
        ended: Counter[str] = Counter()
        slowest: Counter[str] = Counter()
        until = time.monotonic() + SECONDS

        def call() -> None:
            while time.monotonic() < until:
                began = time.monotonic()
                try:
                    reply = self.ask("POST", "/api/v1/scores/", SCORE, port)
                    told = str(reply.status)
                    if reply.status == REFUSED and "Retry-After" not in reply.headers:
                        told += " without Retry-After"
                except (OSError, http.client.HTTPException) as trouble:
                    told = type(trouble).__name__
                ended[told] += 1
                slowest[told] = max(slowest[told], int(1000 * (time.monotonic() - began)))

        threads = [threading.Thread(target=call) for _ in range(CALLERS)]
        for one in threads:
            one.start()
        health: list[int] = []
        while time.monotonic() < until:
            health.append(self.ask("GET", "/health/live", port=port).status)
            time.sleep(0.5)
        for one in threads:
            one.join()
        way = "straight to gunicorn" if port == WEB else "through the proxy"
        for told, count in sorted(ended.items()):
            sys.stdout.write(f"{way}: {count} x {told}, the slowest {slowest[told] / 1000:.1f} s\n")
        self.expect(f"{way}, all that was answered", sorted(ended), ["200", "503"])
        self.expect(f"{way}, whoever watches", set(health), {200})
        late = slowest["200"] / 1000 > HURRIED_S
        self.expect(f"{way}, somebody who was let in waited for too long", late, False)


def main() -> int:
    with TemporaryDirectory() as name:
        folder = Path(name)
        lay_database_in(folder)
        version = Version(ROOT, folder, rates="scores=off,requests=off")
        version.manage("collectstatic", *COLLECT)
        token = version.manage("shell", "-v", "0", "-c", MAKE_TOKEN).split()[-1]
        server = version.serve(WEB)
        try:
            with proxy(folder, FRONT, (WEB,)) as certificate:
                time.sleep(1)  # nginx listens
                site = Site(token, certificate)
                site.tell_what_passes(folder)
                site.wait_for_slow_ones()
                for port in (FRONT, WEB):
                    site.overload(port)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(90)
    sys.stdout.write("\n".join(site.problems or ["All as it should be."]) + "\n")
    return 1 if site.problems else 0


if __name__ == "__main__":
    sys.exit(main())
