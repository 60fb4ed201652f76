"""The processes that open files: a fresh one for each request, and one that is ready before it."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from imaging.isolated_child import READY


class Processes:
    """Starts them. Each answers one request and ends, also the one that was ready."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keeps = False
        self._ready: subprocess.Popen[bytes] | None = None

    @contextmanager
    def one_ready(self) -> Iterator[None]:
        """Keep one that has loaded our code, so that the next scan does not wait for that."""
        self._keeps = True
        self.refill()
        try:
            yield
        finally:
            self._keeps = False
            if (process := self._taken()) is not None:
                end(process)

    def refill(self) -> None:
        """Start the next one, if one is to be ready and none is."""
        with self._lock:
            if self._keeps and self._ready is None:
                self._ready = _start(READY)

    def take(self) -> "subprocess.Popen[bytes]":
        """Give the one that is ready, or a new one."""
        process = self._taken()
        if process is None or process.poll() is None:
            return process or _start()
        end(process)  # it was killed while it waited
        return _start()

    def _taken(self) -> "subprocess.Popen[bytes] | None":
        with self._lock:
            process, self._ready = self._ready, None
        return process


PROCESSES = Processes()


def _start(*arguments: str) -> "subprocess.Popen[bytes]":
    # One thread per numerical library: their pools would eat the memory allowance.
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(Path(__file__).resolve().parents[1]),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    # Fixed arguments without a shell: nothing of the request reaches the command line.
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "imaging.isolated_child", *arguments],
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
