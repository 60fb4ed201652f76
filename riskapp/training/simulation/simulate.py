"""A simulated cohort, in parts of bounded size; each part follows from the seed and its number."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from riskapp.training.simulation.events import befall
from riskapp.training.simulation.options import Options
from riskapp.training.simulation.people import draw_people
from riskapp.training.simulation.recording import further_columns, recorded
from riskapp.training.simulation.truth import true_hazards, true_probabilities

PEOPLE_AT_ONCE = 50_000
# A site column is drawn in SDs around 0; nobody comes near these.
COLUMN_LIMIT = 20.0


class Part(NamedTuple):
    """People of a cohort and, row by row, their true probabilities at 10 years."""

    table: pd.DataFrame
    truth: pd.DataFrame


def simulate(options: Options) -> Part:
    """Draw a whole cohort in the contract's columns, one row per person.

    Follow-up is given for each outcome by itself: another fracture does not end the wait for a
    hip fracture.
    """
    parts = list(parts_of(options))
    return Part(*(pd.concat(each, ignore_index=True) for each in zip(*parts, strict=True)))


def parts_of(options: Options) -> Iterator[Part]:
    """The same cohort, at most ``PEOPLE_AT_ONCE`` people at a time."""
    for number, start in enumerate(range(0, options.people, PEOPLE_AT_ONCE)):
        count = min(PEOPLE_AT_ONCE, options.people - start)
        yield _part(options, np.random.default_rng([options.seed, number]), start, count)


def note(options: Options) -> dict[str, Any]:
    """What lies beside the file: how it was made, and the site's columns for its reader."""
    told: dict[str, Any] = {"simulated": options.as_note()}
    columns = [
        {"name": name, "unit": "1", "low": -COLUMN_LIMIT, "high": COLUMN_LIMIT}
        for name in further_columns(options)
    ]
    return told | ({"columns": columns} if columns else {})


def _part(options: Options, rng: np.random.Generator, start: int, count: int) -> Part:
    people = draw_people(options, count, rng)
    hazards = true_hazards(people, options)
    table = recorded(people, options, rng)
    ids = [f"simulated-{number}" for number in range(start + 1, start + count + 1)]
    table.insert(0, "id", ids)
    for name, seen in befall(hazards, options, rng).items():
        table[f"{name}_event"] = seen.event
        table[f"{name}_time_years"] = seen.years
    truth = {f"{name}_10y": curve[:, -1] for name, curve in true_probabilities(hazards).items()}
    return Part(table, pd.DataFrame({"id": ids, **truth}))
