"""What an engine learned of each cause, and the hazards that follow; ``learned`` answers by it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from riskapp.risk.anchor import CAUSES, EVIDENCE_SET, evidence_hazards
from riskapp.risk.design_row import IMAGE_FEATURES, Floats
from riskapp.risk.further_columns import FurtherColumns
from riskapp.risk.hazard_terms import STEPS
from riskapp.risk.learned_person import Person, beside
from riskapp.risk.posterior import Posterior
from riskapp.risk.reach import Reach
from riskapp.risk.site_columns import SiteColumn
from riskapp.risk.site_people import AS_PUBLISHED, SitePeople
from riskapp.risk.summation import STEPS_PER_YEAR


class CauseHazard(Protocol):
    """What is learned about one cause."""

    def log_hazard_ratio(self, rows: Floats) -> Floats:
        """f of rows of shape (n, p), shape (n,)."""
        ...

    def contributions(self, rows: Floats) -> Floats:
        """Its parts by column and what remains, shape (n, p + 1)."""
        ...


@dataclass(frozen=True, kw_only=True)
class LearnedModel:
    """What one engine learned.

    Attributes
    ----------
    populations : tuple of str
        Of the people it was trained on.
    columns : tuple of str, length p
        Of the rows: the clinical columns, then those of ``further``.
    read : tuple of str
        The columns that f reads; the evidence reads all clinical ones.
    hazards : mapping of cause to CauseHazard
        f of the causes that something was learned about; of the others it is 0.
    level_per_year : mapping of cause to ndarray, shape (10,)
        Observed over expected in each year; 1 where it stays the evidence's. Without evidence to
        start from, the hazard per year of whoever has f = 0.
    uncertainty : mapping of cause to Posterior
        Empty where the engine knows nothing of it; then no interval over parameters is given.
    seen : mapping of column to (lower, upper)
        0.1st to 99.9th percentile among the training people. f is read within it, as nothing was
        learned beyond; there the evidence goes on, and a warning is given.
    reach : Reach or None
        Where the training people were, to tell who is not like them; None where it was not told.
    people : SitePeople
        How they differ from the published people, whom else the unknown is averaged over.
    """

    name: str
    model_id: str
    trained_on: str
    populations: tuple[str, ...]
    age_years: tuple[float, float]
    columns: tuple[str, ...]
    read: tuple[str, ...]
    further: FurtherColumns
    hazards: Mapping[str, CauseHazard]
    level_per_year: Mapping[str, Floats]
    uncertainty: Mapping[str, Posterior]
    seen: Mapping[str, tuple[float, float]]
    reach: Reach | None = None
    anchored: bool = True
    people: SitePeople = AS_PUBLISHED

    @property
    def evidence_set(self) -> str:
        """The published calibration that its hazards start from; empty without one."""
        return EVIDENCE_SET if self.anchored else ""

    @property
    def site_columns(self) -> tuple[SiteColumn, ...]:
        """Further columns that no field of a profile has: those that a site declared."""
        return declared(self.further)

    def log_hazard_ratios(self, cause: str, rows: Floats) -> Floats:
        """f of one cause, shape (n,), read within what was seen; 0 where nothing was learned."""
        if cause not in self.hazards:
            return np.zeros(len(rows))
        return self.hazards[cause].log_hazard_ratio(self.within_seen(rows))

    def people_like(self, code: str) -> SitePeople:
        """Whom the unknown is averaged over: in other populations, the published people."""
        return self.people if code in self.populations else AS_PUBLISHED

    def within_seen(self, rows: Floats) -> Floats:
        """Rows moved to the nearest values that were seen in training."""
        nearest = rows.copy()
        for name, (lower, upper) in self.seen.items():
            column = self.columns.index(name)
            nearest[:, column] = np.clip(rows[:, column], lower, upper)
        return nearest

    def ratios_of(self, people: Sequence[Person]) -> dict[str, Floats]:
        """f of each cause, of all rows, shape (N,)."""
        rows = np.concatenate([person.rows for person in people])
        return {cause: self.log_hazard_ratios(cause, rows) for cause in CAUSES}

    def hazards_of(
        self, people: Sequence[Person], f: Mapping[str, Floats] | None = None
    ) -> tuple[dict[str, Floats], dict[str, Floats]]:
        """Learned and evidence hazards of all rows, (N, 20) per year each.

        Parameters
        ----------
        f : mapping of cause to ndarray, optional
            ``ratios_of``, where it was asked before.
        """
        rows = np.concatenate([person.rows for person in people])
        f = f or self.ratios_of(people)
        if self.anchored:
            evidence = evidence_hazards(rows, *beside(people))
        else:
            evidence = {cause: np.ones((len(rows), STEPS)) for cause in CAUSES}
        learned = {}
        for cause in CAUSES:
            level = np.repeat(self.level_per_year[cause], STEPS_PER_YEAR)
            learned[cause] = evidence[cause] * level * np.exp(f[cause])[:, None]
        return learned, evidence


def declared(further: FurtherColumns) -> tuple[SiteColumn, ...]:
    """The further columns that are no fields of a profile."""
    return tuple(column for column in further.columns if column.name not in IMAGE_FEATURES)
