"""From a cohort to complete rows: what was not known is drawn, several times for everybody.

A draw is weighed by how likely it makes what then happened to the person: an unknown prior
fracture is likelier in somebody who soon broke a hip. Equal weights would mix people with a factor
among those without and dilute its effect. Everything here is done anew inside each fold of a
resampling, from the people of the fold alone.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from riskapp.cohorts.cohort import Cohort
from riskapp.cohorts.follow_up import FollowUp
from riskapp.risk.anchor import (
    CLINICAL,
    Anchored,
    anchored,
    cumulative,
    evidence_hazards,
    hazard_at,
    known_to_evidence,
    steps_until,
)
from riskapp.risk.completions import complete_rows
from riskapp.risk.design_row import MEASURED_IN_IMAGES, Floats, known_values
from riskapp.risk.further_columns import FurtherColumns
from riskapp.risk.missing import Known
from riskapp.risk.profile import RiskProfile
from riskapp.training.fit_further import KNOWN_SHARE, FittedFurther, fit_further
from riskapp.training.outcomes import Taught, taught

Indices = npt.NDArray[np.intp]

# Draws for a person about whom something is not known: many where few people are to be drawn for.
MOST_ROWS, MOST_DRAWS, LEAST_DRAWS = 60_000, 8, 2
POOL = 8  # draws to choose each from, where a further column tells of the T-score
HORIZON_YEARS = 10
ROWS_AT_A_TIME = 20_000


@dataclass(frozen=True)
class Exposure:
    """What the evidence expects of one cause, row by row.

    Attributes
    ----------
    expected : ndarray, shape (n,)
        Events until the end of the person's own follow-up.
    by_year : ndarray, shape (n, 10)
        Of those, in each of the first ten years.
    log_hazard : ndarray, shape (n,)
        Logarithm of the mean hazard over ten years: who is at more risk, whatever the follow-up.
    """

    expected: Floats
    by_year: Floats
    log_hazard: Floats

    def part(self, chosen: Indices) -> "Exposure":
        return Exposure(self.expected[chosen], self.by_year[chosen], self.log_hazard[chosen])


@dataclass(frozen=True, kw_only=True)
class Completed:
    """People ready to learn from: n people as N complete rows.

    Attributes
    ----------
    columns : tuple of str, length p
        The clinical columns, then the further ones.
    rows : ndarray, shape (N, p)
    owners : ndarray of int, shape (N,)
        Whose each row is, 0 to n - 1.
    weights : ndarray, shape (N,)
        Sum to 1 for each person.
    learnable : tuple of str
        Columns that enough people know; of the others the evidence alone speaks.
    exposures : mapping of cause to Exposure
    people : ndarray of str, shape (n,)
    populations : tuple of str
        All that are among them.
    drawn : dict of str to int
        People for whom a column was drawn.
    left_out : mapping of str to str
        Further columns that are left out, each with a sentence.
    scanners : tuple of str
        Makers of the densitometers, where recorded.
    """

    columns: tuple[str, ...]
    rows: Floats
    owners: Indices
    weights: Floats
    learnable: tuple[str, ...]
    further: FurtherColumns
    taught: Taught
    exposures: Mapping[str, Exposure]
    people: npt.NDArray[np.str_]
    populations: tuple[str, ...]
    drawn: Mapping[str, int]
    left_out: Mapping[str, str]
    scanners: tuple[str, ...]

    def of_rows(self, cause: str) -> FollowUp:
        """One cause's follow-up, repeated for every row of a person."""
        return self.taught.follow_up[cause].part(self.owners)

    def rows_of(self, people: Indices) -> Indices:
        """Positions of the rows of these people."""
        chosen = np.zeros(len(self.people), dtype=np.bool_)
        chosen[people] = True
        return np.flatnonzero(chosen[self.owners])

    def part(self, people: Indices) -> "Completed":
        """Return these people only (positions, in rising order)."""
        rows = self.rows_of(people)
        renumbered = np.zeros(len(self.people), dtype=np.intp)
        renumbered[people] = np.arange(len(people))
        return replace(
            self,
            rows=self.rows[rows],
            owners=renumbered[self.owners[rows]],
            weights=self.weights[rows],
            taught=replace(
                self.taught,
                follow_up={c: each.part(people) for c, each in self.taught.follow_up.items()},
            ),
            exposures={cause: each.part(rows) for cause, each in self.exposures.items()},
            people=self.people[people],
        )


def completed(cohort: Cohort, seed: int, *, anchored_on_evidence: bool = True) -> Completed:
    """Complete a cohort.

    Raises
    ------
    UnusableCohort
        If nothing can be learned from its outcomes.
    OutsideModelRange
        If nothing is published for somebody's population and sex.
    """
    causes = taught(cohort.follow_up, anchored=anchored_on_evidence)
    values = [known_values(profile) for profile in cohort.profiles]
    further = _further(cohort, values)
    columns = (*CLINICAL, *further.columns.names)
    known = [_known(profile) for profile in cohort.profiles]
    rows, owners = _rows(cohort.profiles, known, values, columns, further.columns, seed)
    people = anchored([profile.population for profile in cohort.profiles], known)
    exposures, log_likelihood = _exposures(rows, owners, people, causes, anchored_on_evidence)
    unknown = Counter(name for each in values for name in columns if name not in each)
    return Completed(
        columns=columns,
        rows=rows,
        owners=owners,
        weights=normalised(log_likelihood, owners),
        learnable=tuple(
            name for name in columns if unknown[name] <= (1 - KNOWN_SHARE) * len(known)
        ),
        further=further.columns,
        taught=causes,
        exposures=exposures,
        people=cohort.people,
        populations=tuple(sorted({profile.population for profile in cohort.profiles})),
        drawn=dict(unknown),
        left_out=further.left_out,
        scanners=_scanners(cohort.profiles),
    )


def normalised(log_weights: Floats, owners: Indices) -> Floats:
    """Weights that sum to 1 for each owner, shape (N,); owners come in runs from 0 on."""
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    most = np.maximum.reduceat(log_weights, starts)
    weights = np.exp(log_weights - most[owners])
    return np.asarray(weights / np.add.reduceat(weights, starts)[owners])


def _scanners(profiles: Sequence[RiskProfile]) -> tuple[str, ...]:
    makers = {profile.dxa_manufacturer for profile in profiles}
    return tuple(sorted(maker.value for maker in makers if maker is not None))


def _known(profile: RiskProfile) -> Known:
    # What modifiers are measured against hardly changes within a year of age, and is costly.
    whole = replace(profile, age_years=float(np.ceil(profile.age_years)))
    return replace(known_to_evidence(whole), age_years=profile.age_years)


def _further(cohort: Cohort, values: Sequence[Mapping[str, float]]) -> FittedFurther:
    columns = [
        column
        for column in (*MEASURED_IN_IMAGES, *cohort.site_columns)
        if any(column.name in each for each in values)
    ]
    return fit_further(
        {name: _column(values, name) for name in CLINICAL},
        columns,
        {column.name: _column(values, column.name) for column in columns},
    )


def _column(values: Sequence[Mapping[str, float]], name: str) -> Floats:
    return np.array([each.get(name, np.nan) for each in values], dtype=np.float64)


def _rows(
    profiles: Sequence[RiskProfile],
    known: Sequence[Known],
    values: Sequence[Mapping[str, float]],
    columns: tuple[str, ...],
    further: FurtherColumns,
    seed: int,
) -> tuple[Floats, Indices]:
    whole = np.array([all(name in each for name in columns) for each in values])
    draws = int(np.clip(MOST_ROWS // max(1, (~whole).sum()), LEAST_DRAWS, MOST_DRAWS))
    stacked, owners = [], []
    for index, (profile, one, each) in enumerate(zip(profiles, known, values, strict=True)):
        if whole[index]:
            stacked.append(np.array([[each[name] for name in columns]]))
        else:
            # One stream for each person: who else is in the cohort changes nobody's draws.
            rng = np.random.default_rng([seed, index])
            stacked.append(
                complete_rows(profile.population, one, each, further, draws, POOL * draws, rng)
            )
        owners.append(np.full(len(stacked[-1]), index))
    return np.concatenate(stacked), np.concatenate(owners)


def _exposures(
    rows: Floats, owners: Indices, people: Anchored, causes: Taught, on_evidence: bool
) -> tuple[dict[str, Exposure], Floats]:
    """What the evidence expects, and how likely it makes what happened, row by row."""
    longest = max(float(each.years.max()) for each in causes.follow_up.values())
    steps_years = steps_until(longest)
    log_likelihood = np.zeros(len(rows))
    parts: dict[str, list[Exposure]] = {cause: [] for cause in causes.follow_up}
    for start in range(0, len(rows), ROWS_AT_A_TIME):
        part = slice(start, start + ROWS_AT_A_TIME)
        hazards = evidence_hazards(rows[part], owners[part], people, steps_years)
        for cause, seen in causes.follow_up.items():
            event, years = seen.event[owners[part]], seen.years[owners[part]]
            log_likelihood[part] -= cumulative(hazards[cause], years)
            log_likelihood[part] += np.where(event, np.log(hazard_at(hazards[cause], years)), 0.0)
            hazard = hazards[cause] if on_evidence else np.ones_like(hazards[cause])
            parts[cause].append(_exposure(hazard, years))
    exposures = {
        cause: Exposure(
            np.concatenate([each.expected for each in found]),
            np.concatenate([each.by_year for each in found]),
            np.concatenate([each.log_hazard for each in found]),
        )
        for cause, found in parts.items()
    }
    return exposures, log_likelihood


def _exposure(hazard: Floats, years: Floats) -> Exposure:
    ends = np.arange(1, HORIZON_YEARS + 1)
    until = np.stack([cumulative(hazard, np.minimum(years, end)) for end in ends], axis=1)
    whole = cumulative(hazard, np.full(len(years), float(HORIZON_YEARS)))
    return Exposure(
        expected=cumulative(hazard, years),
        by_year=np.diff(until, axis=1, prepend=0.0),
        log_hazard=np.log(whole / HORIZON_YEARS),
    )


def reweighted(people: Completed, log_ratios: Mapping[str, Floats]) -> Completed:
    """Weigh the draws by how likely learned hazards make what happened.

    Parameters
    ----------
    log_ratios : mapping of cause to ndarray, shape (N,)
        f of the rows.
    """
    told = np.log(np.maximum(people.weights, 1e-300))
    for cause, log_ratio in log_ratios.items():
        event = people.taught.follow_up[cause].event[people.owners]
        told += event * log_ratio - people.exposures[cause].expected * np.expm1(log_ratio)
    return replace(people, weights=normalised(told, people.owners))
