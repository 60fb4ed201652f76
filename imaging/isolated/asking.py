"""Measuring in a child process, so that a hostile file can only harm a process made for it."""

import json
import logging
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from imaging.errors import MeasuringBroke
from imaging.isolated.answers import HEADER, STAGE, decode, decode_stage
from imaging.isolated.process import PROCESSES, end
from imaging.isolated.protocol import LOADED, OUR_FAULT
from imaging.result import Measured, Region, ScanMeasurement, Status
from imaging.stages import Stage

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """What the child may use; a CT of 300 slices takes about 1 GiB and 8 s of a core."""

    memory_bytes: int = 6 * 2**30
    cpu_seconds: int = 120
    wall_seconds: float = 180.0


CHILD_LIMITS = ChildLimits()
MOST_STAGES = 40
BROKE_THE_READER = (
    "Opening the scan needed more memory or time than is allowed, or broke the reader: the file is "
    "damaged or was made to do harm."
)


def measure_isolated(
    paths: Sequence[str | Path],
    regions: Sequence[Region] | None = None,
    limits: ChildLimits = CHILD_LIMITS,
    tell: Callable[[Stage], None] = lambda _: None,
) -> Measured:
    """Measure as ``imaging.measure.measure`` does, in an interpreter of its own with limits.

    The child answers over a pipe with JSON and PNG, never with objects. Whatever goes wrong in
    it because of the file becomes an ``unreadable`` answer. ``tell`` hears of each stage as it
    begins.

    Raises
    ------
    MeasuringBroke
        If our own code failed, so that the file is not blamed for it.
    """
    request = {
        "task": "measure",
        "paths": absolute(paths),
        "regions": None if regions is None else [asdict(region) for region in regions],
    }
    with asked(request, limits) as child:
        answer = _after_stages(child, tell)
    problem = child.problem(answer)
    if problem is not None:
        return unreadable(problem)
    try:
        return decode(answer)
    except (ValueError, KeyError, TypeError, struct.error):
        return unreadable(BROKE_THE_READER)


def _after_stages(child: "Child", tell: Callable[[Stage], None]) -> bytes:
    """Pass stages on and give what follows; a process that tells without end is not believed."""
    for _ in range(MOST_STAGES):
        head = child.read(HEADER.size)
        if head != STAGE:
            return head + child.read()
        stage = decode_stage(child.read(HEADER.size))
        if stage is not None:
            tell(stage)
    return child.read()


def absolute(paths: Sequence[str | Path]) -> list[str]:
    """Name files so that a process started elsewhere finds them."""
    return [str(Path(path).absolute()) for path in paths]


class Child:
    """A process that reads files, and the pipe on which it answers."""

    def __init__(self, process: "subprocess.Popen[bytes]", limits: ChildLimits) -> None:
        self._process = process
        self._limits = limits
        self.too_slow = False
        self._first = b""

    def wait_until_loaded(self) -> None:
        """Wait for the first byte; the file is not to blame for what ends without it."""
        self._first = self.read(len(LOADED))

    def read(self, size: int = -1) -> bytes:
        """Read what it answers; less than asked for means that it has ended."""
        assert self._process.stdout is not None
        return self._process.stdout.read(size)

    def stop(self) -> None:
        self.too_slow = True
        self._process.kill()

    def problem(self, answer: bytes) -> str | None:
        """Say in a sentence why there is no answer, once it has ended; None if there is one.

        Raises
        ------
        MeasuringBroke
            If our own code failed.
        """
        if self.too_slow:
            return (
                f"Opening the scan took longer than {self._limits.wall_seconds:.0f} seconds and "
                "was stopped: the file is damaged or far too large."
            )
        if self._process.returncode == OUR_FAULT or self._first != LOADED:
            told = (self._first.removeprefix(LOADED) + answer).decode(errors="replace")
            status = self._process.returncode
            log.error("Measuring broke: %s", told or f"exit status {status} before it had loaded")
            raise MeasuringBroke(
                "This scan could not be measured; the fault is ours and not the file’s. Keep the "
                "file, and tell whoever runs this server."
            )
        if self._process.returncode:
            log.warning("The measuring process ended with exit status %s", self._process.returncode)
            return BROKE_THE_READER
        return None


@contextmanager
def asked(request: Mapping[str, Any], limits: ChildLimits) -> Iterator[Child]:
    """Put one request to a child, and end it when its time is up or nobody waits any more."""
    process = PROCESSES.take()
    child = Child(process, limits)
    clock = threading.Timer(limits.wall_seconds, child.stop)
    clock.daemon = True  # it must not keep alive who is told to stop
    bounds = {"memory_bytes": limits.memory_bytes, "cpu_seconds": limits.cpu_seconds}
    try:
        clock.start()
        assert process.stdin is not None
        with suppress(BrokenPipeError), process.stdin:  # one that is dead already answers nothing
            process.stdin.write(json.dumps({**request, **bounds}).encode())
        child.wait_until_loaded()
        yield child
        process.wait()
    finally:
        clock.cancel()
        end(process)  # also when the caller is told to stop
        PROCESSES.refill()


def unreadable(reason: str) -> Measured:
    """Answer that a file cannot be read."""
    return Measured(measurement=ScanMeasurement(status=Status.UNREADABLE, reason=reason))
