"""Train on a Parquet file that is read part by part on workers, never as a whole."""

from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.cohorts.reading import cohort_from
from riskapp.cohorts.site_schema import schema_beside
from riskapp.modelstore import folders
from riskapp.risk.anchor import CAUSES, CLINICAL
from riskapp.training.card import card_markdown
from riskapp.training.completing import completed
from riskapp.training.distributed.parts import Parts
from riskapp.training.distributed.trees import trees_on_workers
from riskapp.training.fit_boosting import RECIPES as LIBRARIES
from riskapp.training.sums.from_sums import (
    BANDS_YEARS,
    RECIPES,
    basis_for,
    fit_from_totals,
    learning_of,
    rows_of,
)
from riskapp.training.sums.learner import Described, Learner, TreesTogether
from riskapp.training.sums.people_sums import PeopleRows
from riskapp.training.writing import as_json

NOT_JUDGED = "nobody yet: judge it with `manage.py evaluate` on people who were not trained on"


def left_aside(path: Path) -> str:
    """Say which columns the site declares that are not learned on workers; empty where none are."""
    declared = [str(each["name"]) for each in schema_beside(path).columns]
    if not declared:
        return ""
    return (
        f"On workers clinical columns only are learned; {', '.join(declared)}, which the JSON "
        "declares, are left aside."
    )


class Source(NamedTuple):
    """One part of the file, and how its rows are to be read."""

    path: Path
    row_group: int
    population: str | None
    causes: tuple[str, ...]
    read: tuple[str, ...]
    seed: int


def load(source: Source) -> PeopleRows:
    """Read one part: only its own rows are in memory."""
    table = pq.ParquetFile(source.path).read_row_group(source.row_group).to_pandas()
    cohort = cohort_from(
        table,
        name=source.path.stem,
        schema=schema_beside(source.path),
        population=source.population,
    )
    return rows_of(cohort, source.causes, source.read, source.seed + source.row_group)


def train_on_workers(
    client: Any,
    path: Path,
    engine: str,
    model_id: str,
    place: Path,
    *,
    seed: int,
    population: str | None = None,
) -> Path:
    """Fit one engine and write its folder.

    Parameters
    ----------
    client : distributed.Client
        Its workers see the file under the same path.

    Raises
    ------
    UnusableCohort
        If the file is no Parquet, or there is nothing to learn from.
    UnknownModel
        If the id is taken or cannot name a folder.
    """
    folders.refuse_taken(place, model_id)
    populations, groups = _looked_at(path, population)
    first = client.submit(_first_part, path, population, seed).result()
    causes, read, simulated = first
    sources = [Source(path, group, population, causes, read, seed) for group in range(groups)]
    learning = learning_of(causes, RECIPES[engine])
    parts = Parts(client, load, sources, learning, seed)
    learner = Learner(learning, parts.total, len(basis_for(read).names))
    fitted, described = fit_from_totals(
        engine, learner, read, populations, partial(_trees, engine, parts)
    )
    manifest = {
        "model_id": model_id,
        "engine": engine,
        "trained_on": "simulated" if simulated else f"cohort {path.stem}",
        "created": datetime.now(UTC).date().isoformat(),
        "recipe": {"engine": engine, "seed": seed, "settings": RECIPES[engine]},
        "cohort": _described(described, groups, left_aside(path)),
        "library_versions": {name: version(name) for name in ("numpy", "scipy", "distributed")},
    }
    validation: dict[str, Any] = {"how": NOT_JUDGED, "outcomes": {}}
    texts = {
        **fitted.texts,
        folders.PARAMETERS: as_json(fitted.parameters),
        folders.VALIDATION: as_json(validation),
        folders.CARD: card_markdown(manifest, validation, fitted.parameters),
    }
    folders.write(place, model_id, manifest, texts)
    return place / model_id


def _trees(
    engine: str,
    parts: Parts,
    learner: Learner,
    cause: str,
    described: Described,
    monotone: tuple[int, ...],
) -> TreesTogether:
    library = LIBRARIES[engine]["library"]
    return trees_on_workers(engine, parts, learner, cause, described, library, monotone)


def _looked_at(path: Path, population: str | None) -> tuple[tuple[str, ...], int]:
    """Populations and number of parts, from one column and the file's own index."""
    try:
        file = pq.ParquetFile(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise UnusableCohort("Training on workers reads a Parquet file in row groups.") from error
    found: set[str] = set()
    if "population" in file.schema_arrow.names:
        for group in range(file.num_row_groups):
            column = file.read_row_group(group, columns=["population"]).column(0)
            found |= {str(each) for each in column.unique().to_pylist() if each}
    if population:
        found.add(population)
    if not found:
        raise UnusableCohort("The cohort names no population; --population gives it.")
    return tuple(sorted(found)), file.num_row_groups


def _first_part(
    path: Path, population: str | None, seed: int
) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    """What can be learned, as the first part tells; a part that cannot follow is refused later."""
    table = pq.ParquetFile(path).read_row_group(0).to_pandas()
    schema = schema_beside(path)
    cohort = cohort_from(table, name=path.stem, schema=schema, population=population)
    people = completed(cohort, seed)
    causes = tuple(cause for cause in CAUSES if cause in people.taught.level_learned)
    read = tuple(name for name in CLINICAL if name in people.learnable)
    return causes, read, cohort.trained_on == "simulated"


def _described(described: Described, parts: int, not_learned: str) -> dict[str, Any]:
    remarks = [
        f"Read in {parts} parts; each was checked by itself, so that the same person in two parts "
        "is not noticed."
    ]
    return {
        "made_by": {},
        "people": described.people,
        "events": described.events,
        "longest_follow_up_years": BANDS_YEARS[-1],
        "left_out": {},
        "remarks": [*remarks, *([not_learned] if not_learned else [])],
    }
