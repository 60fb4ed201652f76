"""The processes that open files: one for each request, and some that are ready before it."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from imaging.isolated.protocol import READY

# A new scan takes two: one takes apart who it is of, the other measures. Each holds about 100 MB.
KEPT = 2


class Processes:
    """Starts them. Each answers one request and ends, also the one that was ready."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept = 0
        self._ready: list[subprocess.Popen[bytes]] = []

    @contextmanager
    def some_ready(self) -> Iterator[None]:
        """Keep some that have loaded our code, so that the next scan does not wait for that."""
        self._kept = KEPT
        self.refill()
        try:
            yield
        finally:
            self._kept = 0
            self._end_ready()

    @contextmanager
    def one_ahead(self) -> Iterator[None]:
        """Let the first that is asked to measure load our code while the caller loads its own."""
        with self._lock:
            self._ready.append(_start(READY, "measure"))
        try:
            yield
        finally:
            self._end_ready()

    def refill(self) -> None:
        """Start as many as are to be ready and are not."""
        with self._lock:
            while len(self._ready) < self._kept:
                self._ready.append(_start(READY, "split", "measure"))

    def take(self) -> "subprocess.Popen[bytes]":
        """Give one that is ready, or a new one."""
        while (process := self._taken()) is not None:
            if process.poll() is None:
                return process
            end(process)  # it was killed while it waited
        return _start()

    def _end_ready(self) -> None:
        while (process := self._taken()) is not None:
            end(process)

    def _taken(self) -> "subprocess.Popen[bytes] | None":
        with self._lock:
            return self._ready.pop(0) if self._ready else None


PROCESSES = Processes()


def _start(*arguments: str) -> "subprocess.Popen[bytes]":
    # One thread per numerical library: their pools would eat the memory allowance.
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    # Fixed arguments without a shell: nothing of the request reaches the command line.
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "imaging.isolated.child", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    )


def end(process: "subprocess.Popen[bytes]") -> None:
    """Stop a process for which nobody waits any more, and close its pipes."""
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        assert pipe is not None
        pipe.close()
