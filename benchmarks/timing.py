"""Medians of repeated runs, and the machine that they were taken on."""

import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was timed, in seconds; ``note`` says what the peer is and how far they agree.

    ``peer`` is None where the peer is not installed.
    """

    what: str
    ours: float
    peer_name: str
    peer: float | None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return None if self.peer is None else self.peer / self.ours


def medians(
    *runs: Callable[[], object], rounds: int, clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """Median time of each, in seconds; in turns, so that load falls on all alike.

    Parameters
    ----------
    clock : callable
        Wall-clock time; ``time.process_time`` is fairer to work of one thread on a busy machine.
    """
    times: list[list[float]] = [[] for _ in runs]
    for run in runs:
        run()  # fills caches
    for _ in range(rounds):
        for run, taken in zip(runs, times, strict=True):
            begun = clock()
            run()
            taken.append(clock() - begun)
    return [statistics.median(taken) for taken in times]


def machine() -> str:
    """Processor, cores, Python and numpy, in one sentence."""
    return (
        f"{_processor()}, {os.cpu_count()} cores, {platform.system()}; "
        f"Python {platform.python_version()}, numpy {np.__version__}, one thread."
    )


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    if told.is_file():
        for line in told.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
