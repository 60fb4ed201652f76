"""A whole engine from sums: the three hazards, their levels and their doubts.

Nothing is chosen by people left out, as every candidate would cost all rounds again: the prior is
the evidence's own doubt as it stands, and the number of trees is the recipe's.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from riskapp.cohorts.cohort import Cohort
from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.modelstore.parameters import further_stored
from riskapp.risk.anchor import CAUSES, CLINICAL, EVIDENCE_SET, PUBLISHED_NAMES
from riskapp.risk.boosting import READERS
from riskapp.risk.cox import Basis, basis_of, reference_terms
from riskapp.risk.effects import doubts
from riskapp.risk.further_columns import NO_FURTHER
from riskapp.risk.posterior import lower_half
from riskapp.risk.profile import FACTORS
from riskapp.training.completing import HORIZON_YEARS, Completed, completed
from riskapp.training.demanded import DEMANDED
from riskapp.training.fit_cox import precision
from riskapp.training.fitting import Fitted
from riskapp.training.level import PSEUDO_EVENTS, Counts, levels
from riskapp.training.sums.learner import Described, Doubt, Learner, TreesTogether
from riskapp.training.sums.made_up import MadeUp
from riskapp.training.sums.people_sums import Floats, Learning, PeopleRows, grid

BANDS_YEARS = tuple(float(year) for year in range(HORIZON_YEARS + 1))
# Where trees may split, and where an age or a value counts as seen; wider than anybody's.
RANGES: dict[str, tuple[float, float]] = {
    "age_years": (40.0, 100.0),
    "bmi_kg_m2": (10.0, 60.0),
    "femoral_neck_t_score": (-7.0, 5.0),
}
YES_NO = (-0.5, 1.5)
# Trees of sums read a column in single precision, as the library does.
TREES: dict[str, Any] = {
    "folds": 4,
    "rounds": 80,
    "bins": 48,
    "eta": 0.1,
    "lambda": 5.0,
    "min_child_weight": 10.0,
}
RECIPES: dict[str, dict[str, Any]] = {
    "cox": {"anchored": True, "trust": 1.0, "ridge": 10.0},
    "xgboost": TREES | {"anchored": True},
    "lightgbm": TREES | {"anchored": True},
}
NOTES = (
    "Fitted from sums over people. Nothing was chosen by people left out: the prior and the number "
    "of trees are the recipe's.",
    "What was not known was drawn once, weighed by the evidence.",
)
# From the learner, a cause, the description and each column's direction to that cause's trees.
GrowTrees = Callable[[Learner, str, Described, tuple[int, ...]], TreesTogether]


def learning_of(causes: tuple[str, ...], settings: Mapping[str, Any]) -> Learning:
    """What is learned from clinical columns."""
    ranges = {name: RANGES.get(name, YES_NO) for name in CLINICAL}
    return Learning(causes=causes, columns=ranges, bands_years=BANDS_YEARS, settings=settings)


def basis_for(read: tuple[str, ...]) -> Basis:
    """The covariates of the columns that are read."""
    return basis_of(CLINICAL, read, NO_FURTHER, alone=False)


def rows_of(
    cohort: Cohort, causes: tuple[str, ...], read: tuple[str, ...], seed: int
) -> PeopleRows:
    """Complete a cohort, or a part of one.

    Raises
    ------
    UnusableCohort
        If a cause was not recorded, or too few know a column that is read.
    """
    people = completed(cohort, seed, like_published=True)
    unknown = [name for name in read if name not in people.learnable]
    if unknown:
        raise UnusableCohort(f"Too few people here know {', '.join(unknown)}.")
    missing = [cause for cause in causes if cause not in people.taught.level_learned]
    if missing:
        raise UnusableCohort(
            f"There is no event here of the kind {', '.join(missing)}, or it was not recorded."
        )
    return _rows(people, causes, read)


def _rows(people: Completed, causes: tuple[str, ...], read: tuple[str, ...]) -> PeopleRows:
    rows = people.rows[:, : len(CLINICAL)]
    event_years = {}
    for cause in causes:
        seen = people.of_rows(cause)
        event_years[cause] = np.where(seen.event, seen.years, np.inf)
    return PeopleRows(
        # Columns that are not read have nothing to teach: as if everybody had the same.
        rows=np.where(np.isin(CLINICAL, read), rows, 0.0),
        terms=basis_for(read).values(rows),
        reference=reference_terms(rows, CLINICAL),
        owners=people.owners,
        weights=people.weights,
        event_years=event_years,
        expected={cause: people.exposures[cause].by_year for cause in causes},
    )


def fit_from_totals(
    engine: str,
    learner: Learner,
    read: tuple[str, ...],
    populations: tuple[str, ...],
    trees: GrowTrees | None = None,
) -> tuple[Fitted, Described]:
    """Fit one engine from totals.

    Parameters
    ----------
    trees : callable, optional
        Grows one cause's trees; by default from the same totals.

    Raises
    ------
    UnusableCohort
        If there is nothing to learn from.
    """
    described = learner.describe()
    basis, made_up = basis_for(read), MadeUp.of(populations[0])
    level = {cause: np.ones(HORIZON_YEARS) for cause in CAUSES}
    hazards: dict[str, Any] = {}
    doubt: dict[str, Any] = {}
    texts: dict[str, str] = {}
    notes = list(NOTES)
    for cause in learner.learning.causes:
        if engine == "cox":
            found = _cox(learner, described, basis, cause)
        else:
            found = _boosted(learner, described, engine, cause, trees or _grown, made_up)
        hazards[cause], level[cause] = found.stored, found.level
        texts |= found.texts
        notes += found.notes
        told = learner.doubt(cause, described, found.coefficients)
        doubt[cause] = _posterior(basis, cause, told)
    for cause in CAUSES:
        if cause not in doubt:
            doubt[cause] = _evidence_alone(basis, cause, described.centre)
    parameters = {
        "anchored": True,
        "evidence_set": EVIDENCE_SET,
        "populations": sorted(populations),
        "age_years": _ages(described),
        "columns": list(CLINICAL),
        "read": list(read),
        "terms": list(basis.terms),
        "further": further_stored(NO_FURTHER),
        "hazards": hazards,
        "level_per_year": {cause: each.tolist() for cause, each in level.items()},
        "uncertainty": doubt,
        "seen": _seen(described, read),
        "chosen": {},
        "notes": notes,
        "drawn": {},
    }
    return Fitted(engine, parameters, texts, {}), described


@dataclass(frozen=True)
class _Cause:
    stored: dict[str, Any]
    level: Floats
    coefficients: Floats
    texts: dict[str, str]
    notes: tuple[str, ...] = ()


def _cox(learner: Learner, described: Described, basis: Basis, cause: str) -> _Cause:
    settings = learner.learning.settings
    prior = precision(basis, cause, settings["trust"], settings["ridge"])
    found = learner.cox(cause, described, prior)
    stored = {
        "coefficients": found.coefficients.tolist(),
        "constant": found.constant,
        "reference": described.lines.tolist(),
    }
    level = levels(Counts(observed=found.observed, expected=found.expected))
    return _Cause(stored, level, found.coefficients, {})


def _boosted(
    learner: Learner,
    described: Described,
    engine: str,
    cause: str,
    trees: GrowTrees,
    made_up: MadeUp,
) -> _Cause:
    """Grow trees; again with f held where the whole hazard goes against what science demands."""
    held: tuple[str, ...] = ()
    while True:
        found = trees(learner, cause, described, directions(held))
        hazard = replace(READERS[engine](found.text), slope=found.slope, constant=found.constant)
        broken = sorted(set(made_up.against(hazard, cause)) - set(held))
        if not broken:
            break
        held = (*held, *broken)
    name = f"{cause}.{'json' if engine == 'xgboost' else 'txt'}"
    stored = {"trees": name, "slope": found.slope, "constant": found.constant}
    level = levels(Counts(observed=found.observed, expected=found.expected))
    # Doubt is read where the evidence expects the events: trees have no covariates.
    return _Cause(stored, level, np.zeros(learner.terms), {name: found.text}, _held(cause, held))


def directions(held: Collection[str]) -> tuple[int, ...]:
    """Return 1 where f may only rise as a clinical column rises, -1 where it may only fall."""
    return tuple(DEMANDED[name] if name in held else 0 for name in CLINICAL)


def _held(cause: str, held: tuple[str, ...]) -> tuple[str, ...]:
    if not held:
        return ()
    told = f"The trees of the hazard {cause} were grown again, held monotone in {', '.join(held)}."
    return (told,)


def _grown(
    learner: Learner, cause: str, described: Described, monotone: tuple[int, ...]
) -> TreesTogether:
    return learner.trees(cause, described, monotone)


def _posterior(basis: Basis, cause: str, told: Doubt) -> dict[str, Any]:
    prior = precision(basis, cause, 1.0, RECIPES["cox"]["ridge"])
    size = len(prior)
    information = np.zeros((size + 1, size + 1))
    information[:size, :size] = told.information + np.diag(prior)
    information[size, size] = told.events + PSEUDO_EVENTS
    covariance = np.asarray(np.linalg.inv(information), dtype=np.float64)
    return _stored(told.centre, covariance)


def _evidence_alone(basis: Basis, cause: str, centre: Floats) -> dict[str, Any]:
    prior = precision(basis, cause, 1.0, RECIPES["cox"]["ridge"])
    base = doubts(EVIDENCE_SET)[f"base.{PUBLISHED_NAMES[cause]}"] ** 2
    return _stored(centre, np.diag(np.append(1 / prior, base)))


def _stored(centre: Floats, covariance: Floats) -> dict[str, Any]:
    return {"centre": centre.tolist(), "covariance_lower_half": lower_half(covariance)}


def _between(described: Described, name: str, share: float) -> list[float]:
    """Values of a column between which nearly everybody lies, to a cell of the grid."""
    counts, edges = described.counts[CLINICAL.index(name)], grid(RANGES[name])
    below = np.cumsum(counts) / counts.sum()
    first = int(np.searchsorted(below, share))
    last = int(np.searchsorted(below, 1 - share))
    return [float(edges[max(first - 1, 0)]), float(edges[min(last, edges.size - 1)])]


def _ages(described: Described) -> list[float]:
    low, high = _between(described, "age_years", 1e-9)
    return [float(np.floor(low)), float(np.ceil(high))]


def _seen(described: Described, read: tuple[str, ...]) -> dict[str, list[float]]:
    yes_no = {"female", *FACTORS}
    return {name: _between(described, name, 0.001) for name in read if name not in yes_no}
