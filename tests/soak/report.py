"""Figures of a soak as text: a table for each part, and what went wrong in sentences."""

import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figures:
    """One part: what was counted, by name, and what should not have happened."""

    title: str
    counted: Mapping[str, object]
    problems: Sequence[str] = ()


def progress(said: str) -> None:
    """A line at once, with its time, for whoever waits; the figures come at the end of a part."""
    sys.stderr.write(f"{datetime.now(tz=UTC):%H:%M:%S} {said}\n")
    sys.stderr.flush()


def as_text(parts: Sequence[Figures]) -> str:
    return f"{_where()}\n\n" + "\n".join(_part(one) for one in parts)


def _part(figures: Figures) -> str:
    rows = "".join(f"| {name} | {value} |\n" for name, value in figures.counted.items())
    wrong = "".join(f"- {problem}\n" for problem in figures.problems)
    title = figures.title[:1].upper() + figures.title[1:]
    table = f"## {title}\n\n| what | figure |\n| --- | --- |\n{rows}"
    return table + (f"\nWrong:\n\n{wrong}" if wrong else "")


def _where() -> str:
    """The day, the machine and the state of the project."""
    commit = subprocess.run(
        ["git", "log", "-1", "--format=%h"],
        cwd=Path(__file__).parent, capture_output=True, text=True, check=False,
    ).stdout.strip()  # fmt: skip
    told = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    names = [line.partition(":")[2].strip() for line in told.splitlines() if "model name" in line]
    cores = len(os.sched_getaffinity(0))
    day = datetime.now(tz=UTC).date()
    return (
        f"Seen {day} at {commit}, on {cores} cores ({names[0] if names else platform.machine()}), "
        f"Python {platform.python_version()}."
    )
