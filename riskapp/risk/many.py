"""Probabilities of many complete profiles at once: the same sums, arranged for speed.

Every log-hazard but the life table is a straight line in attained age between knots ten years
apart. Over the ten years ahead it therefore bends once at most: three numbers for each person and
cause stand for all of its steps.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from riskapp.risk.bone_measurements import FRACTURES
from riskapp.risk.hazard_terms import (
    BASE_KNOTS_YEARS,
    PRESENT_AGE_KNOTS_YEARS,
    REFERENCE_BMI_KG_M2,
    REFERENCE_T,
    STEP_MIDDLES_YEARS,
    STEP_YEARS,
    STEPS,
    BmiBends,
    CauseTerms,
    Parameters,
    Published,
    below_bend,
    factor_effect,
    mean_t_score,
    terms,
)
from riskapp.risk.hazards import Factors
from riskapp.risk.many_modifiers import Beside
from riskapp.risk.missing import Known
from riskapp.risk.populations import Population
from riskapp.risk.profile import FACTORS
from riskapp.risk.summation import STEPS_PER_YEAR

Array = npt.NDArray[np.float64]
Positions = npt.NDArray[np.intp]

# All effects bend at some of these ages and nowhere else.
KNOTS: Array = np.array(BASE_KNOTS_YEARS, dtype=np.float64)
KNOT_STEP_YEARS = 10.0
# Some thirty arrays of this length stay within a core's cache; measured best of 1,024 to 65,536.
ROWS_AT_A_TIME = 8192
CAUSES = ("hip", "other", "death")
# More than the evidence sets, populations and sexes that there are; some 10 kB each.
LINES_KEPT = 64


def design_rows(known: Sequence[Known]) -> Factors:
    """Columns of people about whom everything that acts is known.

    Secondary osteoporosis, which acts through the T-score alone, counts as no where not known.
    """
    return Factors(
        age_years=np.array([one.age_years for one in known]),
        female=np.array([float(one.sex == "female") for one in known]),
        bmi_kg_m2=np.array([one.bmi_kg_m2 for one in known], dtype=np.float64),
        femoral_neck_t_score=np.array([one.t_score for one in known], dtype=np.float64),
        **{name: np.array([float(one.factors[name] or 0) for one in known]) for name in FACTORS},
    )


@dataclass(frozen=True, slots=True)
class Moved:
    """What a learned engine adds to the log-hazards of n people.

    Attributes
    ----------
    level : mapping of cause to ndarray, shape (steps,)
    ratio : mapping of cause to ndarray, shape (n,)
    """

    level: Mapping[str, Array]
    ratio: Mapping[str, Array]

    def chosen(self, which: Positions) -> "Moved":
        """Of some of the people."""
        return Moved(self.level, {cause: by[which] for cause, by in self.ratio.items()})


def incidence_of_many(
    factors: Factors,
    people: Population,
    parameters: Parameters,
    beside: Beside | None = None,
    moved: Moved | None = None,
) -> Array:
    """Probability of hip and of major fracture within 1 to 10 years.

    Equal to ``EvidenceEngine`` within rounding (1e-12), without interval or reasons.

    Parameters
    ----------
    factors : Factors
        n people about whom everything is known.
    people : Population
        Whose death rates apply.
    parameters : mapping of name to float
        As in ``evidence_sets``.
    beside : Beside, optional
        What is known of them beyond the risk factors.
    moved : Moved, optional
        By a learned engine.

    Returns
    -------
    ndarray, shape (2, years, n)
        Hip first.
    """
    years = len(STEP_MIDDLES_YEARS) // STEPS_PER_YEAR
    found = np.empty((2, years, len(factors.age_years)))
    for sex, chosen in (("female", factors.female > 0.5), ("male", factors.female <= 0.5)):
        rows = np.flatnonzero(chosen)
        if not rows.size:
            continue  # where nothing is published for a sex there are no parameters for it
        lines = _lines(sex, Published(people, parameters))
        for start in range(0, len(rows), ROWS_AT_A_TIME):
            part = rows[start : start + ROWS_AT_A_TIME]
            few = Factors(**{one.name: getattr(factors, one.name)[part] for one in fields(Factors)})
            added = {} if beside is None else _added(few, beside.chosen(part), parameters)
            if moved is not None:
                for cause, level in moved.level.items():
                    learned = level[:, None] + moved.ratio[cause][part]
                    added[cause] = learned + added[cause] if cause in added else learned
            for year, curve in enumerate(_by_year(few, sex, lines, people, parameters, added)):
                found[:, year, part] = curve
    return found


@dataclass(frozen=True, slots=True)
class _Line:
    """One cause's log-hazard at ``KNOTS``, for one sex."""

    terms: CauseTerms
    factors: tuple[str, ...]  # that act along straight lines
    table: Array  # (1 + 2 + factors, knots): base, T-score, its square, factors
    at_present: tuple[str, ...]  # that are read at present age


_Lines = Mapping[str, _Line]


@lru_cache(maxsize=LINES_KEPT)
def _lines(sex: str, by: Published) -> _Lines:
    return {cause: _line_of(cause, sex, by.people, by.parameters) for cause in CAUSES}


def _line_of(cause: str, sex: str, people: Population, parameters: Parameters) -> _Line:
    pieces = terms(parameters, people, sex, KNOTS, np.zeros(1))
    found: CauseTerms = getattr(pieces, cause)
    base = found.base
    if cause == "death":
        # The life table is no straight line between knots: it is added step by step.
        base = base - people.log_death_hazard(sex, KNOTS)
    at_present = tuple(name for name in found.factors if name in PRESENT_AGE_KNOTS_YEARS)
    straight = tuple(name for name in found.factors if name not in at_present)
    shapes = (base, found.t_slope, found.t_bend, *(found.factors[name] for name in straight))
    table = np.stack([np.broadcast_to(shape, KNOTS.shape) for shape in shapes])
    return _Line(found, straight, table, at_present)


@dataclass(frozen=True, slots=True)
class _Bent:
    """Log-hazards of n people: a straight line in time from now that bends once."""

    now: Array
    per_year: Array
    bend: Array
    bends_after_years: Array

    def at(self, years: Array) -> Array:
        """So many years from now, shape (steps, 1): in all, shape (steps, n)."""
        beyond = np.maximum(years - self.bends_after_years, 0.0)
        return np.asarray(self.now + self.per_year * years + self.bend * beyond)


@dataclass(frozen=True, slots=True)
class _Shared:
    """What every cause asks of n people; ``columns`` are those that all of them have."""

    columns: list[Array]
    segment: npt.NDArray[np.int_]
    below_mean_t: Array
    bends: BmiBends


def _shared(sex: str, rows: Factors, parameters: Parameters) -> _Shared:
    age, t_score = rows.age_years, rows.femoral_neck_t_score
    mean_t = mean_t_score(parameters, sex, age, np.asarray(REFERENCE_BMI_KG_M2), {})
    return _Shared(
        columns=[np.ones_like(age), REFERENCE_T - t_score, below_bend(t_score)],
        segment=np.clip((age - KNOTS[0]) // KNOT_STEP_YEARS, 0, len(KNOTS) - 2).astype(int),
        below_mean_t=mean_t - t_score,
        bends=BmiBends(rows.bmi_kg_m2),
    )


def _bent(cause: str, line: _Line, shared: _Shared, rows: Factors, parameters: Parameters) -> _Bent:
    age, segment = rows.age_years, shared.segment
    columns = shared.columns + [getattr(rows, name) for name in line.factors]
    heights = np.column_stack(columns) @ line.table
    everyone = np.arange(len(age))
    at_knot = heights[everyone, segment]
    slope = (heights[everyone, segment + 1] - at_knot) / KNOT_STEP_YEARS
    following = np.minimum(segment + 2, len(KNOTS) - 1)
    next_slope = (heights[everyone, following] - heights[everyone, segment + 1]) / KNOT_STEP_YEARS
    now = at_knot + slope * (age - KNOTS[segment]) + line.terms.bmi_term(shared.bends)
    for name in line.at_present:
        effect = factor_effect(cause, name, parameters, age, age)
        now += 0.0 if effect is None else effect * getattr(rows, name)
    return _Bent(
        now=now + line.terms.t_around_mean * shared.below_mean_t,
        per_year=slope,
        bend=next_slope - slope,
        bends_after_years=KNOTS[segment + 1] - age,
    )


def _added(rows: Factors, beside: Beside, parameters: Parameters) -> dict[str, Array]:
    """To the log-hazards, shape (steps or 1, n)."""
    found = {}
    without = 1 - rows.rheumatoid_arthritis[:, None]
    line = beside.at_zero + beside.per_t * rows.femoral_neck_t_score[:, None]
    for place, cause in enumerate(FRACTURES):
        details = beside.of_details(cause, rows.age_years, parameters)
        diabetes = beside.of_diabetes(cause, rows.age_years, parameters)
        found[cause] = (line[:, place, None] + details + without * diabetes).T
    return found


def _by_year(
    rows: Factors,
    sex: str,
    lines: _Lines,
    people: Population,
    parameters: Parameters,
    added: Mapping[str, Array],
) -> Iterator[Array]:
    """Probabilities at the end of each year, shape (2, n); hip first."""
    shared = _shared(sex, rows, parameters)
    bent = {cause: _bent(cause, line, shared, rows, parameters) for cause, line in lines.items()}
    n = len(rows.age_years)
    survival, cumulative = np.ones((2, n)), np.zeros((2, n))
    # All steps of a few people together, as each call of numpy costs more than their numbers.
    together = STEPS if n * STEPS <= ROWS_AT_A_TIME else 1
    hazards = np.empty((2, together, n))
    for first in range(0, STEPS, together):
        years = STEP_MIDDLES_YEARS[first : first + together, None]
        logs = {cause: one.at(years) for cause, one in bent.items()}
        for cause, more in added.items():
            logs[cause] += more[first : first + together] if len(more) > 1 else more
        np.exp(logs["hip"], out=hazards[0])
        np.add(hazards[0], np.exp(logs["other"]), out=hazards[1])
        deaths = people.log_death_hazard(sex, rows.age_years + years)
        total = hazards + np.exp(logs["death"] + deaths)
        share, stays = hazards / total, np.exp(-STEP_YEARS * total)
        for step in range(together):
            after = survival * stays[:, step]
            cumulative += (survival - after) * share[:, step]
            survival = after
            if (first + step + 1) % STEPS_PER_YEAR == 0:
                yield cumulative
