"""Engines fitted to some people of a cohort and judged on others of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from riskapp.cohorts.cohort import Cohort
from riskapp.evaluation.concordance import Concordance, harrell, of_people
from riskapp.evaluation.course import CannotJudge, Course, Places
from riskapp.laboratory.asking import YEARS, Floats
from riskapp.laboratory.folds import Positions
from riskapp.laboratory.likelihood import log_likelihood
from riskapp.risk.errors import RiskError
from riskapp.risk.estimate import Outcome
from riskapp.training.fitting import Workshop, engine_of
from riskapp.training.storing import BARE

Progress = Callable[[Iterable[Any], str], Iterable[Any]]
Recipe = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What development is judged by: the people, the outcome, its course, and evidence's answers.

    Attributes
    ----------
    evidence : ndarray, shape (n, 10)
    horizon : int
        In years; the curve's last judged column.
    level : bool
        Whether engines give the probability of this very outcome; a likelihood needs it.
    """

    workshop: Workshop
    outcome: Outcome
    seen: Course
    people: Places
    evidence: Floats
    horizon: int
    level: bool

    @property
    def cohort(self) -> Cohort:
        return self.workshop.cohort

    @property
    def baseline(self) -> Concordance:
        return self.c(self.evidence)

    def c(self, curves: Floats, rows: Positions | None = None) -> Concordance:
        """Concordance of the probability at the horizon, rows of one person as one."""
        at = np.arange(len(curves)) if rows is None else rows
        predicted = curves[at, self.horizon - 1]
        return of_people(harrell(predicted, self.seen.part(at)), self.people[at])


def fitted_curves(
    setting: Setting, learned_from: Positions, recipe: Recipe, asked: Positions
) -> tuple[Floats, Mapping[str, Any]]:
    """Fit to some of the people, ask about others.

    Returns
    -------
    curves : ndarray, shape (n, 10)
        Of those asked about; NaN where the engine refuses.
    parameters : mapping
        What was fitted.
    """
    made = setting.workshop.part(learned_from).fit(recipe)
    engine = engine_of(made, setting.cohort.trained_on)
    profiles = [setting.cohort.profiles[place] for place in asked]
    curves = np.full((len(profiles), YEARS), np.nan)
    for row, told in enumerate(engine.curves_many(profiles, BARE, setting.workshop.exact)):
        if not isinstance(told, RiskError):
            curves[row] = told[setting.outcome]
    return curves, made.parameters


def within_folds(setting: Setting, curves: Floats, outer: Sequence[Positions]) -> Concordance:
    """Concordance over pairs of people of one fold, each answered by one and the same fit.

    People of two folds are answered by two fits, whose levels differ by chance; to compare them
    would hold that against an engine, though nobody in use is answered by two fits.
    """
    parts = [
        (fold, harrell(curves[fold, setting.horizon - 1], setting.seen.part(fold)))
        for fold in outer
        if comparable(setting, fold)
    ]
    pairs = sum(part.comparable for _, part in parts)
    influence = np.zeros(len(curves))
    for fold, part in parts:
        influence[fold] = part.influence * part.comparable / pairs
    c = sum(part.c * part.comparable for _, part in parts) / pairs
    events = sum(part.events for _, part in parts)
    return of_people(Concordance(c, c, c, 0.0, events, pairs, influence), setting.people)


def comparable(setting: Setting, fold: Positions) -> bool:
    """Whether somebody of the fold had the outcome before another was last seen."""
    try:
        setting.c(setting.evidence, fold)
    except CannotJudge:
        return False
    return True


def gain(setting: Setting, curves: Floats) -> float | None:
    """Log-likelihood per event less that of evidence; None where the level is another event's."""
    if not setting.level:
        return None
    seen, horizon = setting.seen, setting.horizon
    gained = log_likelihood(curves, seen, horizon) - log_likelihood(setting.evidence, seen, horizon)
    return gained / max(1, int((seen.event & (seen.years <= horizon)).sum()))


def with_evidence(curves: Floats, setting: Setting) -> Floats:
    refused = np.isnan(curves[:, -1])
    return np.where(refused[:, None], setting.evidence, curves)
