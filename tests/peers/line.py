"""A line between us and a peer that is slow or breaks, as a test tells it to."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

PIECE_BYTES = 4096


@dataclass
class Line:
    """A port here that leads to one there.

    Attributes
    ----------
    cuts_after : int
        Bytes of the peer's answers after which each new connection is cut; 0 cuts none.
    cuts : int
        How often it has been cut.
    is_slow : bool
        Bytes come one small piece after the other.
    """

    to: int
    port: int = 0
    cuts_after: int = 0
    cuts: int = 0
    is_slow: bool = False
    _open: list[socket.socket] = field(default_factory=list)

    def carry(self, here: socket.socket) -> None:
        there = socket.create_connection(("127.0.0.1", self.to), 10)
        self._open += [here, there]
        threading.Thread(target=self._pass_on, args=(here, there, 0), daemon=True).start()
        self._pass_on(there, here, self.cuts_after)

    def _pass_on(self, source: socket.socket, sink: socket.socket, cuts_after: int) -> None:
        came = 0
        with suppress(OSError):
            while piece := source.recv(512 if self.is_slow else PIECE_BYTES):
                came += len(piece)
                if cuts_after and came > cuts_after:
                    self.cuts += 1
                    break
                if self.is_slow:
                    threading.Event().wait(0.002)
                sink.sendall(piece)
        for one in (source, sink):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        for one in self._open:
            one.close()


@contextmanager
def line_to(port: int) -> Iterator[Line]:
    line = Line(to=port)
    server = socket.create_server(("127.0.0.1", 0))
    line.port = server.getsockname()[1]

    def serve() -> None:
        while True:
            try:
                here, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=line.carry, args=(here,), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield line
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()
        line.close()
