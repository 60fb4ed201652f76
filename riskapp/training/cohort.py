"""A cohort file, checked and turned into rows and per-cause follow-up."""

import json
from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskapp.cohorts.follow_up import (
    FollowUp,
    UnusableCohort,
    counts_first_events_only,
    read_follow_up,
)
from riskapp.exchange.reading import read_profile
from riskapp.risk import drawing
from riskapp.risk.design_row import COLUMNS, IMAGE_FEATURES, Floats, known_values
from riskapp.risk.errors import RiskError
from riskapp.risk.image_features import N_TERMS, ImageFeatures, terms
from riskapp.risk.profile import FIELD_NAMES, RiskProfile

# An input joins the predictors when it is known in at least this share of people; below that most
# of what the model would learn from is our own draws.
KNOWN_SHARE = 0.5
DRAWS_TO_CHOOSE_FROM = 32
# As the simulator numbers people.
SIMULATED_ID = r"simulated-\d+"
# What a note beside a simulated cohort tells at least; the simulator's other options may follow.
NOTED = {"people", "seed", "population"}
# Below this an image feature is constant, or a copy of another column.
LEAST_SPREAD = 1e-6


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """People ready to learn from.

    Attributes
    ----------
    columns : tuple of str, length p
    rows : ndarray, shape (n, p)
        Complete: what was not known was drawn once from its distribution given what was.
    follow_up : dict of cause or outcome to FollowUp
        "hip", "other_major_osteoporotic" and "death" for fitting; "major_osteoporotic" for
        judging.
    image_features : ImageFeatures
        Estimated from these people.
    first_events_only : bool
        Nobody was followed past the first event of any kind.
    left_out, completed : dict of str to int
        Rows left out by reason; values drawn by column.
    """

    columns: tuple[str, ...]
    rows: Floats
    population: str
    follow_up: Mapping[str, FollowUp]
    image_features: ImageFeatures
    first_events_only: bool
    left_out: Mapping[str, int]
    completed: Mapping[str, int]
    trained_on: str
    made_by: Mapping[str, Any]

    def part(self, chosen: npt.NDArray[np.intp]) -> "Cohort":
        """Return the people at these positions only."""
        follow_up = {
            cause: FollowUp(event=each.event[chosen], years=each.years[chosen])
            for cause, each in self.follow_up.items()
        }
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return Cohort(**fields | {"rows": self.rows[chosen], "follow_up": follow_up})


def read_cohort(path: Path, seed: int) -> Cohort:
    """Read a cohort in CSV or Parquet, with the JSON that may lie beside it.

    Raises
    ------
    UnusableCohort
        If the file is not a table, lacks an outcome, or nobody in it can be used.
    """
    try:
        table = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise UnusableCohort(f"{path.name} cannot be read as a CSV or Parquet table.") from error
    made_by = _note_beside(path)
    simulated = "simulated" in made_by or _holds_simulated_people(table)
    trained_on = "simulated" if simulated else f"cohort {path.stem}"
    return cohort_from(table, seed, trained_on=trained_on, made_by=made_by)


def _holds_simulated_people(table: pd.DataFrame) -> bool:
    """Whether anybody's id is the simulator's, with or without its note beside the file."""
    if "id" not in table.columns:
        return False
    return bool(table["id"].astype(str).str.fullmatch(SIMULATED_ID).any())


def _note_beside(path: Path) -> dict[str, Any]:
    """Say how a cohort was made, from the JSON of the same name; empty where there is none."""
    beside = path.with_suffix(".json")
    if not beside.is_file():
        return {}
    unusable = UnusableCohort(f"{beside.name} does not say how the cohort beside it was made.")
    try:
        note = json.loads(beside.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise unusable from error
    if not isinstance(note, dict):
        raise unusable
    how = note.get("simulated", {})
    if "simulated" in note and not (isinstance(how, dict) and set(how) >= NOTED):
        raise unusable
    return note


def cohort_from(
    table: pd.DataFrame, seed: int, *, trained_on: str, made_by: Mapping[str, Any]
) -> Cohort:
    """Check a table and complete its predictors, counting what is left out and why."""
    follow_up, usable, left_out = read_follow_up(table)
    rng = np.random.default_rng(seed)
    profiles: list[RiskProfile] = []
    kept: list[int] = []
    given = [name for name in table.columns if name in FIELD_NAMES]
    records = table[given].astype(object).where(table[given].notna(), None)
    for position, record in enumerate(records.to_dict("records")):
        if not usable[position]:
            continue
        profile = _profile(record, left_out)
        if profile is not None:
            profiles.append(profile)
            kept.append(position)
    if not profiles:
        raise UnusableCohort("Nobody in this cohort can be used: " + _reasons(left_out))
    populations = {profile.population for profile in profiles}
    if len(populations) > 1:
        raise UnusableCohort("A cohort must be of one population; train one model for each.")
    columns, rows, images, completed = _complete(profiles, rng)
    chosen = np.array(kept)
    return Cohort(
        columns=columns,
        rows=rows,
        population=populations.pop(),
        follow_up={
            cause: FollowUp(event=each.event[chosen], years=each.years[chosen])
            for cause, each in follow_up.items()
        },
        image_features=images,
        first_events_only=counts_first_events_only(table),
        left_out=dict(left_out),
        completed=dict(completed),
        trained_on=trained_on,
        made_by=made_by,
    )


def _profile(record: Mapping[Hashable, Any], left_out: Counter[str]) -> RiskProfile | None:
    try:
        return read_profile({str(name): value for name, value in record.items()}).profile
    except RiskError as error:
        # By field, never by value: a report carries counts only.
        for field in getattr(error, "by_field", {"unusable": ""}):
            left_out[field] += 1
        return None


def _reasons(left_out: Mapping[str, int]) -> str:
    return ", ".join(f"{count} for {name}" for name, count in left_out.items()) + "."


def _complete(
    profiles: list[RiskProfile], rng: np.random.Generator
) -> tuple[tuple[str, ...], Floats, ImageFeatures, Counter[str]]:
    known = [known_values(profile) for profile in profiles]
    columns = tuple(
        name for name in COLUMNS if sum(name in each for each in known) >= KNOWN_SHARE * len(known)
    )
    # What an image feature probably is depends on the T-score.
    if "femoral_neck_t_score" not in columns:
        columns = tuple(name for name in columns if name not in IMAGE_FEATURES)
    images = tuple(name for name in columns if name in IMAGE_FEATURES)
    completed = Counter(name for each in known for name in columns if name not in each)
    fully = np.array([all(name in each for name in columns) for each in known])
    table = {
        name: np.array([each.get(name, np.nan) for each in known], dtype=np.float64)
        for name in columns
    }
    features = fit_image_features({name: values[fully] for name, values in table.items()}, images)
    for position in np.flatnonzero(~fully):
        drawn = drawing.completions(
            profiles[position], DRAWS_TO_CHOOSE_FROM, int(rng.integers(2**31))
        )
        whole = features.complete(drawn, known[position], rng)
        one = rng.integers(DRAWS_TO_CHOOSE_FROM)
        for name in columns:
            table[name][position] = whole[name][one]
    return columns, np.column_stack([table[name] for name in columns]), features, completed


def fit_image_features(complete: Mapping[str, Floats], names: tuple[str, ...]) -> ImageFeatures:
    """Least squares of each image feature on age, sex and T-score.

    Raises
    ------
    UnusableCohort
        If too few people have every predictor to estimate it.
    """
    if not names:
        return ImageFeatures((), np.zeros((0, N_TERMS)), np.zeros((0, 0)))
    x = terms(complete)
    y = np.column_stack([complete[name] for name in names])
    if x.shape[0] < 20 * N_TERMS:
        raise UnusableCohort(
            f"Only {x.shape[0]} people have every predictor; at least {20 * N_TERMS} are needed."
        )
    coefficients = np.asarray(np.linalg.lstsq(x, y, rcond=None)[0], dtype=np.float64)
    residual = y - x @ coefficients
    covariance = residual.T @ residual / (x.shape[0] - N_TERMS)
    spread = np.sqrt(np.diag(covariance))
    if (spread < LEAST_SPREAD).any() or (
        np.linalg.eigvalsh(covariance / np.outer(spread, spread))[0] < LEAST_SPREAD
    ):
        raise UnusableCohort(f"{' or '.join(names)} holds nothing of its own to learn from.")
    return ImageFeatures(names, coefficients.T, covariance)
