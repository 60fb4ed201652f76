"""Figures of a soak as text: a table for each part, and what went wrong in sentences."""

import os
import platform
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

HEAD = """# Figures of long runs

Each section is written by `make soak` when its part is done. What is run, and how it is judged:
[soak.md](soak.md).
"""


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


def as_text(figures: Figures) -> str:
    """One part as a section: where and when it was seen, its figures, what went wrong."""
    rows = "".join(f"| {name} | {value} |\n" for name, value in figures.counted.items())
    wrong = "".join(f"- {problem}\n" for problem in figures.problems)
    title = figures.title[:1].upper() + figures.title[1:]
    told = f"## {title}\n\n{_where()}\n\n| what | figure |\n| --- | --- |\n{rows}"
    return told + (f"\nWrong:\n\n{wrong}" if wrong else "")


def write(figures: Figures, path: Path) -> None:
    """Put a section in the place of that of the same title; what other runs saw stays."""
    there = path.read_text(encoding="utf-8") if path.exists() else HEAD
    head, *sections = re.split(r"^(?=## )", there, flags=re.MULTILINE)
    made = as_text(figures)
    title = made.partition("\n")[0]
    kept = {one.partition("\n")[0]: one.rstrip() + "\n" for one in sections} | {title: made}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([head.rstrip() + "\n", *kept.values()]), encoding="utf-8")


def _where() -> str:
    """The day, the machine and the state of the project."""
    commit = subprocess.run(
        ["git", "log", "-1", "--format=%h"],
        cwd=Path(__file__).parent, capture_output=True, text=True, check=False,
    ).stdout.strip()  # fmt: skip
    changed = subprocess.run(
        ["git", "diff", "--quiet", "HEAD"], cwd=Path(__file__).parent, check=False
    ).returncode
    told = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    names = [line.partition(":")[2].strip() for line in told.splitlines() if "model name" in line]
    cores = len(os.sched_getaffinity(0))
    day = datetime.now(tz=UTC).date()
    state = f"{commit} with changes" if changed else commit
    kind = names[0] if names else platform.machine()
    load = os.getloadavg()[2]
    return (
        f"Seen {day} at {state}, on {cores} cores ({kind}), Python {platform.python_version()}; "
        f"the load average of the last 15 minutes was {load:.1f}."
    )
