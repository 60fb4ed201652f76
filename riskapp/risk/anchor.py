"""The evidence that learned hazards start from: published hazards of many complete rows at once.

Learned engines multiply these by what a cohort has taught them. Their time axis goes on past the
ten years that are ever answered, as cohorts follow people longer: every effect is read at attained
age, level beyond its last knot.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from riskapp.risk.design_row import CLINICAL_COLUMNS
from riskapp.risk.evidence_sets import evidence_set
from riskapp.risk.hazard_terms import STEP_MIDDLES_YEARS, STEP_YEARS, factor_effect
from riskapp.risk.hazards import Factors, hazards
from riskapp.risk.missing import Known, known_inputs
from riskapp.risk.modifier_reading import known_modifiers
from riskapp.risk.modifiers import ARTHRITIS, Modifiers
from riskapp.risk.populations import population
from riskapp.risk.profile import RiskProfile, with_unknown_as_no

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

# The evidence set that learned engines start from.
EVIDENCE_SET = "frax-2008"
CAUSES = ("hip", "other_major_osteoporotic", "death")
# The evidence's own names of them.
PUBLISHED_NAMES = {"hip": "hip", "other_major_osteoporotic": "other", "death": "death"}
CLINICAL = tuple(column.name for column in CLINICAL_COLUMNS)
# Some twenty arrays of this many rows stay small.
ROWS_AT_A_TIME = 8192


@dataclass(frozen=True, slots=True)
class Anchored:
    """What the evidence knows of people beside their rows.

    Attributes
    ----------
    populations : tuple of str, length n
    modifiers : tuple of Modifiers, length n
    """

    populations: tuple[str, ...]
    modifiers: tuple[Modifiers, ...]


def known_to_evidence(profile: RiskProfile, *, unknown_as_no: bool = False) -> Known:
    """What of a profile the evidence engine uses, as that engine reads it."""
    if unknown_as_no:
        return known_inputs(with_unknown_as_no(profile))
    return replace(known_inputs(profile), modifiers=known_modifiers(profile, EVIDENCE_SET))


def anchored(populations: Sequence[str], known: Sequence[Known]) -> Anchored:
    """Gather what ``evidence_hazards`` needs about people."""
    return Anchored(tuple(populations), tuple(one.modifiers for one in known))


def steps_until(years: float) -> Floats:
    """Middles of the half-year steps that reach from now to ``years``, shape (steps,)."""
    steps = max(len(STEP_MIDDLES_YEARS), int(np.ceil(years / STEP_YEARS - 1e-9)))
    return np.asarray((np.arange(steps) + 0.5) * STEP_YEARS)


def evidence_hazards(
    rows: Floats, owners: Indices, people: Anchored, steps_years: Floats = STEP_MIDDLES_YEARS
) -> dict[str, Floats]:
    """Published cause-specific hazards per year of complete rows.

    Parameters
    ----------
    rows : ndarray, shape (n, p)
        The first eleven columns are ``CLINICAL``; further ones are not read.
    owners : ndarray of int, shape (n,)
        Whose each row is, as a position in ``people``, rising; a person may have several rows.
    steps_years : ndarray, shape (steps,)
        Time from now to the middle of each step.

    Returns
    -------
    dict of cause (``CAUSES``) to ndarray, shape (n, steps)

    Raises
    ------
    OutsideModelRange
        If the evidence set is not calibrated for a population.
    """
    found = {cause: np.empty((len(rows), len(steps_years))) for cause in CAUSES}
    codes = np.array(people.populations)[owners]
    for code in np.unique(codes):
        chosen = np.flatnonzero(codes == code)
        parameters = evidence_set(EVIDENCE_SET, str(code)).parameters
        for start in range(0, len(chosen), ROWS_AT_A_TIME):
            part = chosen[start : start + ROWS_AT_A_TIME]
            columns = {name: rows[part, i] for i, name in enumerate(CLINICAL)}
            published = hazards(Factors(**columns), population(str(code)), parameters, steps_years)
            for cause in CAUSES:
                found[cause][part] = getattr(published, cause)
    _modify(found, rows, owners, people, steps_years)
    return found


def cumulative(hazard: Floats, years: Floats) -> Floats:
    """Expected events until a time of each row's own, shape (n,).

    Parameters
    ----------
    hazard : ndarray, shape (n, steps)
        Per year, constant within half-year steps; beyond the last step it stays as it is.
    years : ndarray, shape (n,)
    """
    steps = hazard.shape[1]
    at = np.minimum((years / STEP_YEARS).astype(int), steps - 1)
    whole = np.concatenate([np.zeros((len(hazard), 1)), np.cumsum(hazard, axis=1)], axis=1)
    everyone = np.arange(len(hazard))
    into = years - at * STEP_YEARS
    return np.asarray(whole[everyone, at] * STEP_YEARS + hazard[everyone, at] * into)


def hazard_at(hazard: Floats, years: Floats) -> Floats:
    """Hazard at a time of each row's own, shape (n,)."""
    # A time on the border of two steps ends the earlier one.
    at = np.clip(np.ceil(years / STEP_YEARS).astype(int) - 1, 0, hazard.shape[1] - 1)
    return np.asarray(hazard[np.arange(len(hazard)), at])


def _modify(
    found: dict[str, Floats],
    rows: Floats,
    owners: Indices,
    people: Anchored,
    steps_years: Floats,
) -> None:
    """Multiply by what else is known of each person, in place, as the evidence engine does."""
    t_score = rows[:, CLINICAL.index("femoral_neck_t_score")]
    for cause in ("hip", "other_major_osteoporotic"):
        lines = np.array([_line(one, PUBLISHED_NAMES[cause]) for one in people.modifiers])[owners]
        if lines.any():
            found[cause] *= np.exp(lines[:, 0] + lines[:, 1] * t_score)[:, None]
    present, starts, counts = np.unique(owners, return_index=True, return_counts=True)
    for index, start, count in zip(present, starts, counts, strict=True):
        one = people.modifiers[index]
        if not (one.details or one.diabetes):
            continue
        own = slice(start, start + count)
        for cause, added in _beside_factors(rows[own], people.populations[index], one, steps_years):
            found[cause][own] *= np.exp(added)


def _line(modifiers: Modifiers, cause: str) -> tuple[float, float]:
    """What goes with nothing but the T-score: height at zero and slope."""
    height, slope = (modifiers.falls.log_ratio if modifiers.falls else 0.0), 0.0
    if modifiers.bone:
        shift = modifiers.bone.shifts[cause]
        height, slope = height + shift.at_zero, shift.per_t
    return height, slope


def _beside_factors(
    rows: Floats, code: str, modifiers: Modifiers, steps_years: Floats
) -> Iterator[tuple[str, Floats]]:
    """What goes with risk factors that more is known about, (cause, (n, steps)); one person's."""
    parameters = evidence_set(EVIDENCE_SET, code).parameters
    age_years = np.asarray(rows[0, CLINICAL.index("age_years")])
    attained = age_years + steps_years
    arthritis = (ARTHRITIS,) if modifiers.diabetes else ()
    for cause in ("hip", "other_major_osteoporotic"):
        name = PUBLISHED_NAMES[cause]
        for factor in (*modifiers.details, *arthritis):
            present = rows[:, CLINICAL.index(factor)]
            own = factor_effect(name, factor, parameters, age_years, attained)
            effect = np.zeros_like(attained) if own is None else own
            yield (
                cause,
                modifiers.beside_factor(name, factor, present, present, effect, steps_years),
            )
