"""The drawn people that other programs judged, and the values those programs gave."""

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from riskapp.cohorts.follow_up import FollowUp
from riskapp.evaluation.course import Course, Floats, course

FOLDER = Path(__file__).parents[1] / "reference" / "metrics"
HORIZONS = (2.0, 5.0, 8.0)
CASES = [(ties, which) for ties in (0, 1) for which in ("first", "second")]


@cache
def rows(ties: int) -> dict[str, Floats]:
    with (FOLDER / "people.csv").open(encoding="utf-8", newline="") as file:
        chosen = [row for row in csv.DictReader(file) if row["ties"] == str(ties)]
    return {name: np.array([float(row[name]) for row in chosen]) for name in chosen[0]}


def people(ties: int, *, competing: bool, weighted: bool = False) -> Course:
    table = rows(ties)
    death = FollowUp(event=table["kind"] == 2, years=table["years"]) if competing else None
    seen = FollowUp(event=table["kind"] == 1, years=table["years"])
    return course(seen, death, table["weight"] if weighted else None)


def predicted(ties: int, which: str) -> Floats:
    table = rows(ties)
    return np.column_stack([table[f"{which}_{horizon:g}"] for horizon in HORIZONS])


def values(program: str, ties: int, which: str) -> dict[str, Any]:
    stored = json.loads((FOLDER / f"{program}.json").read_text(encoding="utf-8"))
    found: dict[str, Any] = stored[f"ties_{ties}"][which]
    return found
