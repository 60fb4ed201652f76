"""A receiver of messages written with raw sockets: what it answers is told to it."""

import socket
import threading
from collections.abc import Callable
from types import TracebackType

Answer = Callable[[bytes], bytes | None]


def field(message: bytes, segment: bytes, number: int) -> bytes:
    """A field by the number of the standard, split by hand."""
    line = next(one for one in message.split(b"\r") if one.startswith(segment + b"|"))
    parts = line.split(b"|")
    return parts[number - 1] if segment == b"MSH" else parts[number]


def acknowledged(message: bytes, code: bytes = b"AA") -> bytes:
    control_id = field(message, b"MSH", 10)
    text = b"MSH|^~\\&|KIS||||2026||ACK|1|P|2.5.1\rMSA|" + code + b"|" + control_id + b"\r"
    return b"\x0b" + text + b"\x1c\x0d"


class Peer:
    """Takes one message for each connection; None ends the connection without a word."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.got: list[bytes] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "Peer":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(10)

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._server.accept()
            except OSError:
                return
            with line:
                got = b""
                while not got.endswith(b"\x1c\x0d"):
                    part = line.recv(65536)
                    if not part:
                        break
                    got += part
                else:
                    self._told(line, got)

    def _told(self, line: socket.socket, got: bytes) -> None:
        self.got.append(got[1:-2])
        answer = self._answer(got[1:-2])
        if answer is not None:
            line.sendall(answer)
