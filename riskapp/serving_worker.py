"""Gunicorn's threaded worker, which knows how many requests wait and does not wait for the slow.

A client that sends its request a byte at a time (slowloris) would hold a thread for as long as it
likes: gunicorn waits for a first byte, then without end. Here a request has to be there in time,
headers and body, or the connection is cut. The proxy in front should still read requests whole
before it passes them on: it can hold thousands of slow ones, these threads cannot.
"""

import socket
import threading
import time
from contextlib import suppress
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from riskapp.roomy_threads import RoomyThreads

# For request line and headers; then for a body, and more for what of it has come, at the slowest
# line that is served.
HEADERS_S, BODY_S, SLOWEST_BYTES_S = 15.0, 30.0, 20_000
_worker: "ServingWorker | None" = None


def waiting() -> int:
    """Requests that no thread of this process has taken yet; 0 under another server."""
    return _worker.waiting if _worker else 0


class ServingWorker(ThreadWorker):
    """``waiting`` counts connections with data for which there is no thread."""

    def init_process(self) -> None:
        global _worker
        _worker = self
        self.waiting = 0
        self._lock = threading.Lock()
        self._must_be_read_by: dict[Any, float] = {}
        super().init_process()

    def get_thread_pool(self) -> RoomyThreads:
        return RoomyThreads(self.cfg.threads)

    def set_accept_enabled(self, enabled: bool) -> None:
        super().set_accept_enabled(enabled)
        if not enabled and not self.alive:
            self._close_the_door()

    def _close_the_door(self) -> None:
        """Take in whoever waits before it, and let nobody else come: called when told to stop.

        Left open until the last answer is sent, it would let others come, who are never answered.
        Whoever is refused was not heard yet: a proxy asks another server, also for what writes.
        """
        for listener in self.sockets:
            listener.setblocking(False)
            before = -1
            while before != self.nr_conns:
                before = self.nr_conns
                self.accept(listener)
            listener.close()
        self.sockets = []

    def enqueue_req(self, conn: Any) -> None:
        with self._lock:
            self.waiting += 1
        super().enqueue_req(conn)

    def handle(self, conn: Any) -> Any:
        with self._lock:
            self.waiting -= 1
        self._must_be_read_by[conn] = time.monotonic() + HEADERS_S
        try:
            return super().handle(conn)
        finally:
            self._must_be_read_by.pop(conn, None)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Called when the headers are there."""
        length = next((value for name, value in req.headers if name == "CONTENT-LENGTH"), "0")
        left = int(length) if length.isdecimal() else 0
        read = req.unreader.chunk
        self._must_be_read_by[conn] = time.monotonic() + BODY_S

        def counted(size_hint: int | None = None) -> bytes:
            """Give time for what has come: what is only announced may never come."""
            nonlocal left
            piece: bytes = read(size_hint)
            self._must_be_read_by[conn] += min(len(piece), left) / SLOWEST_BYTES_S
            left -= min(len(piece), left)
            return piece

        req.unreader.chunk = counted
        try:
            return super().handle_request(req, conn)
        finally:
            req.unreader.chunk = read

    def murder_pending(self) -> None:
        """Called by gunicorn about once a second: cut what was not read in time as well."""
        super().murder_pending()
        now = time.monotonic()
        for conn, until in list(self._must_be_read_by.items()):
            if until < now:
                # Reading ends; an answer that is being made can still be sent.
                with suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RD)
