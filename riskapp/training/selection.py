"""Which further columns a model may learn from: repeatable, not doubles, and picked again.

Everything is computed from the rows that are handed over. A caller that resamples hands over the
rows it fits to, so nothing of the rows held out can reach the choice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.stats import norm, rankdata

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.cohorts.repeatability import CHANGE_PER_ERROR, Repeatability
from riskapp.risk.design_row import Floats
from riskapp.training.stability import Stability, stability

LEAST_EVENTS = 10


@dataclass(frozen=True, kw_only=True)
class SelectionRecipe:
    """What decides the choice beside the rows.

    Attributes
    ----------
    least_repeatability : float
        Share of a column's variance that must lie between people; 0.75 is where reliability is
        called good (Koo and Li 2016, J Chiropr Med 15:155, doi:10.1016/j.jcm.2016.02.012).
    least_known : float
        Share of the people who must have the column.
    most_correlation : float
        Of two columns with a larger correlation of their normal scores only one stays.
    threshold, most_false, pairs
        As for ``stability``.
    """

    least_repeatability: float = 0.75
    least_known: float = 0.5
    most_correlation: float = 0.9
    threshold: float = 0.75
    most_false: float = 1.0
    pairs: int = 50


class Left(StrEnum):
    """At which step a column was left out."""

    UNKNOWN = "too seldom known"
    CONSTANT = "does not vary"
    NOT_REPEATABLE = "not repeatable"
    DOUBLE = "a double of another column"
    NOT_STABLE = "not picked often enough"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of one column.

    Attributes
    ----------
    left_out : Left or None
        None where the column was chosen.
    reason : str
        One sentence.
    frequency : float or None
        Share of the halves that picked it; None where it did not come so far.
    known : float
        Share of the people who have it.
    repeatability : float or None
        Share of variance between people; None where nothing is declared.
    """

    name: str
    left_out: Left | None
    reason: str
    frequency: float | None
    known: float
    repeatability: float | None


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The choice, with how it came about.

    Attributes
    ----------
    verdicts : tuple of Verdict
        One for each column, in the order given.
    most_false : float
        Bound on the expected number of columns chosen without an effect; 0 where no column came
        as far as the halves.
    first : int
        Columns that each half was asked for.
    people, events : int
        That the choice rests on.
    """

    verdicts: tuple[Verdict, ...]
    most_false: float
    first: int
    people: int
    events: int

    @property
    def chosen(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.verdicts if each.left_out is None)


def select_columns(
    values: Floats,
    names: Sequence[str],
    events: Floats,
    expected: Floats,
    *,
    seed: int,
    recipe: SelectionRecipe | None = None,
    repeatability: Mapping[str, Repeatability] | None = None,
) -> Selection:
    """Choose among further columns for one outcome.

    A column is judged by the normal scores of its values. An unknown one counts as average, which
    can only weaken the column's claim; models fitted afterwards integrate over it.

    Parameters
    ----------
    values : ndarray, shape (n, q)
        NaN where not known.
    events : ndarray, shape (n,)
        1 where follow-up ended with the event, else 0.
    expected : ndarray, shape (n,)
        Events that are expected of each person over the own follow-up by what is held already,
        the evidence say; above 0. It must not be learned from other rows than these.
    repeatability : mapping of name to Repeatability, optional
        Columns about which nothing is declared pass, and their reason says so.

    Raises
    ------
    UnusableCohort
        If there are too few events, or too few columns for the bound.
    """
    recipe = recipe or SelectionRecipe()
    if events.sum() < LEAST_EVENTS:
        raise UnusableCohort(
            f"Columns cannot be chosen on {events.sum():.0f} events; "
            f"at least {LEAST_EVENTS} are needed."
        )
    known = np.isfinite(values).mean(axis=0)
    repeatable = _repeatability(values, names, repeatability or {})
    scores = normal_scores(values)
    left = _too_poor(scores, known, repeatable, recipe)
    left |= _doubles(scores, names, left, repeatable, known, recipe)
    stage = [j for j in range(len(names)) if j not in left]
    found = stability(
        scores[:, stage],
        events,
        expected,
        threshold=recipe.threshold,
        most_false=recipe.most_false,
        pairs=recipe.pairs,
        seed=seed,
    )
    frequency = dict(zip(stage, found.frequency.tolist(), strict=True))
    verdicts = []
    for j, name in enumerate(names):
        left_out, reason = left[j] if j in left else _judged(frequency[j], found, repeatable[j])
        verdicts.append(
            Verdict(
                name=name,
                left_out=left_out,
                reason=reason,
                frequency=frequency.get(j),
                known=float(known[j]),
                repeatability=repeatable[j],
            )
        )
    return Selection(
        verdicts=tuple(verdicts),
        most_false=found.most_false,
        first=found.first,
        people=len(values),
        events=int(events.sum()),
    )


def normal_scores(values: Floats) -> Floats:
    """Ranks as standard normal quantiles, of mean 0 and SD 1, shape (n, q); unknown ones are 0.

    A column that does not vary is 0 throughout.
    """
    scores = np.zeros(values.shape)
    for j, column in enumerate(values.T):
        known = np.isfinite(column)
        if np.unique(column[known]).size > 1:
            score = norm.ppf((rankdata(column[known]) - 0.5) / known.sum())
            scores[known, j] = (score - score.mean()) / score.std()
    return scores


def _repeatability(
    values: Floats, names: Sequence[str], declared: Mapping[str, Repeatability]
) -> list[float | None]:
    """Share of each column's variance between people, the lowest that is declared."""
    found: list[float | None] = []
    for j, name in enumerate(names):
        told = declared.get(name, Repeatability())
        shares = []
        if told.intraclass_correlation is not None:
            shares.append(told.intraclass_correlation)
        if told.least_significant_change is not None:
            error = told.least_significant_change / CHANGE_PER_ERROR
            variance = np.nanvar(values[:, j]) if np.isfinite(values[:, j]).any() else 0.0
            shares.append(1 - error**2 / variance if variance > 0 else 0.0)
        found.append(max(0.0, float(min(shares))) if shares else None)
    return found


def _too_poor(
    scores: Floats, known: Floats, repeatable: list[float | None], recipe: SelectionRecipe
) -> dict[int, tuple[Left, str]]:
    left: dict[int, tuple[Left, str]] = {}
    for j, share in enumerate(repeatable):
        if known[j] < recipe.least_known:
            left[j] = (
                Left.UNKNOWN,
                (f"known for {known[j]:.1%} of the people; {recipe.least_known:.0%} are needed"),
            )
        elif not scores[:, j].any():
            left[j] = Left.CONSTANT, "has the same value in everybody who has one"
        elif share is not None and share < recipe.least_repeatability:
            left[j] = (
                Left.NOT_REPEATABLE,
                (
                    f"{share:.2f} of its variance lies between people, the rest in measuring; "
                    f"{recipe.least_repeatability:.2f} is needed"
                ),
            )
    return left


def _doubles(
    scores: Floats,
    names: Sequence[str],
    left: Mapping[int, tuple[Left, str]],
    repeatable: list[float | None],
    known: Floats,
    recipe: SelectionRecipe,
) -> dict[int, tuple[Left, str]]:
    """Go from the most repeatable and complete on; keep what is no double of one kept."""
    both = (scores != 0).astype(np.float64)
    size = np.sqrt((scores**2).T @ both)  # of column i where j is known too
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = np.nan_to_num((scores.T @ scores) / (size * size.T))
    order = sorted(
        (j for j in range(len(names)) if j not in left),
        key=lambda j: (-(repeatable[j] or 0.0), -known[j], j),
    )
    kept: list[int] = []
    doubles: dict[int, tuple[Left, str]] = {}
    for j in order:
        near = [k for k in kept if abs(correlation[j, k]) > recipe.most_correlation]
        if near:
            k = max(near, key=lambda k: abs(correlation[j, k]))
            told = f"correlates {correlation[j, k]:.2f} with {names[k]}, which stays"
            doubles[j] = Left.DOUBLE, told
        else:
            kept.append(j)
    return doubles


def _judged(
    frequency: float, found: Stability, repeatable: float | None
) -> tuple[Left | None, str]:
    often = (
        f"among the first {found.first} to enter in {frequency:.0%} of the halves; "
        f"{found.threshold:.0%} are needed"
    )
    declared = "" if repeatable is not None else "; its repeatability was not declared"
    return (None if frequency >= found.threshold else Left.NOT_STABLE), often + declared
