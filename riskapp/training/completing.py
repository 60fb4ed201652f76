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
from riskapp.risk.site_people import AS_PUBLISHED, SitePeople
from riskapp.training.draws import how_many, normalised
from riskapp.training.fit_further import KNOWN_SHARE, FittedFurther, fit_further
from riskapp.training.fit_people import FittedPeople, fit_people
from riskapp.training.outcomes import Taught, taught

Indices = npt.NDArray[np.intp]

POOL = 8  # draws to choose each from
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
    by_evidence : ndarray, shape (N,)
        The same as the evidence alone makes them. Candidates are judged by these: the others have
        seen what happened to the people who are left out, by a fit that knew it.
    learnable : tuple of str
        Columns that enough people know; of the others the evidence alone speaks.
    exposures : mapping of cause to Exposure
    people : ndarray of str, shape (n,)
    populations : tuple of str
        All that are among them.
    like : FittedPeople
        How they differ from the published people; draws are like them.
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
    by_evidence: Floats
    learnable: tuple[str, ...]
    further: FurtherColumns
    taught: Taught
    exposures: Mapping[str, Exposure]
    people: npt.NDArray[np.str_]
    populations: tuple[str, ...]
    like: FittedPeople
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
            by_evidence=self.by_evidence[rows],
            taught=replace(
                self.taught,
                follow_up={c: each.part(people) for c, each in self.taught.follow_up.items()},
            ),
            exposures={cause: each.part(rows) for cause, each in self.exposures.items()},
            people=self.people[people],
        )


def completed(
    cohort: Cohort, seed: int, *, anchored_on_evidence: bool = True, like_published: bool = False
) -> Completed:
    """Complete a cohort.

    Parameters
    ----------
    like_published : bool
        Draw from the published people, however these differ: where they are a part of those who
        are learned from.

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
    codes = [profile.population for profile in cohort.profiles]
    like = FittedPeople(AS_PUBLISHED, ()) if like_published else fit_people(codes, known)
    draws = how_many(values, columns, causes)
    rows, owners = _rows(codes, known, values, columns, further.columns, like.people, draws, seed)
    people = anchored(codes, known)
    exposures, log_likelihood = _exposures(rows, owners, people, causes, anchored_on_evidence)
    unknown = Counter(name for each in values for name in columns if name not in each)
    weights = normalised(log_likelihood, owners)
    return Completed(
        columns=columns,
        rows=rows,
        owners=owners,
        weights=weights,
        by_evidence=weights,
        learnable=tuple(
            name for name in columns if unknown[name] <= (1 - KNOWN_SHARE) * len(known)
        ),
        further=further.columns,
        taught=causes,
        exposures=exposures,
        people=cohort.people,
        populations=tuple(sorted(set(codes))),
        like=like,
        drawn=dict(unknown),
        left_out=further.left_out,
        scanners=_scanners(cohort.profiles),
    )


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
    codes: Sequence[str],
    known: Sequence[Known],
    values: Sequence[Mapping[str, float]],
    columns: tuple[str, ...],
    further: FurtherColumns,
    like: SitePeople,
    draws: Indices,
    seed: int,
) -> tuple[Floats, Indices]:
    stacked, owners = [], []
    for index, (code, one, each) in enumerate(zip(codes, known, values, strict=True)):
        if draws[index] == 1:
            stacked.append(np.array([[each[name] for name in columns]]))
        else:
            # One stream for each person: who else is in the cohort changes nobody's draws.
            rng = np.random.default_rng([seed, index])
            of = int(draws[index])
            drawn = complete_rows(code, one, each, further, of, POOL * of, rng, like)
            stacked.append(drawn)
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
