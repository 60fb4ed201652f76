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
    """What was timed, in seconds; ``note`` says what the peer is and how far they agree."""

    what: str
    ours: float
    peer_name: str
    peer: float
    note: str = ""

    @property
    def ratio(self) -> float:
        return self.peer / self.ours


def median_seconds(run: Callable[[], object], repeats: int) -> float:
    """Median wall-clock time; one run beforehand fills caches."""
    run()
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        run()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


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
