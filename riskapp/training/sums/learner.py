"""Engines from sums alone: whoever adds them up fits what all rows in one place would give."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.training.sums.cox_sums import Floats, RiskSums, fit_from_sums
from riskapp.training.sums.people_sums import GRID_CELLS, Learning, grid
from riskapp.training.sums.tree_sums import Growth, Tree, edges_from_counts
from riskapp.training.sums.tree_text import xgboost_json
from riskapp.training.sums.tree_wire import TREE, nodes_from, split_numbers, tree_numbers

LEAST_SPREAD = 1e-9
# Fewest people, of all holders, in a bin.
LEAST_IN_BIN = 10
SLOPE_RANGE = (0.0, 1.5)


class Total(Protocol):
    """Asks every holder of people the same and adds up what they answer."""

    def __call__(self, kind: str, cause: str, *values: Floats) -> Floats: ...


@dataclass(frozen=True)
class Described:
    """Everybody in sums.

    Attributes
    ----------
    people : int
    events : dict of cause to int
    centre, spread : ndarray, shape (q,)
        Of the terms.
    lines : ndarray, shape (q, 4)
        Mean of each term as a line in what it depends on.
    counts : list of ndarray
        People on each column's grid.
    """

    people: int
    events: dict[str, int]
    centre: Floats
    spread: Floats
    lines: Floats
    counts: list[Floats]


@dataclass(frozen=True)
class CoxTogether:
    """One cause's regression, on the terms' own scale."""

    coefficients: Floats
    constant: float
    observed: Floats
    expected: Floats
    asked: int


@dataclass(frozen=True)
class Doubt:
    """What a Poisson likelihood knows of the covariates.

    Attributes
    ----------
    centre : ndarray, shape (q,)
        About which the level is known best.
    information : ndarray, shape (q, q)
    events : float
    """

    centre: Floats
    information: Floats
    events: float


@dataclass(frozen=True)
class TreesTogether:
    """One cause's trees in the library's own text, with the slope that people left out gave."""

    text: str
    slope: float
    constant: float
    observed: Floats
    expected: Floats


class Learner:
    """Fits from totals.

    Parameters
    ----------
    learning : Learning
    total : callable
    terms : int
        Number q of covariates of the Cox regression.
    """

    def __init__(self, learning: Learning, total: Total, terms: int) -> None:
        self.learning, self.total, self.terms = learning, total, terms

    def describe(self) -> Described:
        """Count people and events and describe the columns."""
        causes, q = self.learning.causes, self.terms
        sizes = [1 + len(causes), q, q, 16, 4 * q]
        sizes += [GRID_CELLS + 2] * len(self.learning.columns)
        head, first, second, square, cross, *counts = np.split(
            self.total("describe", ""), np.cumsum(sizes)[:-1]
        )
        if not (np.isfinite(head).all() and head[0] >= 1):
            raise UnusableCohort("The counts that came back are not those of any people.")
        centre = first / head[0]
        spread = np.sqrt(np.maximum(second / head[0] - centre**2, 0.0))
        lines = np.linalg.lstsq(square.reshape(4, 4), cross.reshape(4, q), rcond=None)[0].T
        return Described(
            people=round(float(head[0])),
            events={c: round(float(n)) for c, n in zip(causes, head[1:], strict=True)},
            centre=centre,
            spread=spread,
            lines=np.asarray(lines, dtype=np.float64),
            counts=list(counts),
        )

    def cox(self, cause: str, described: Described, precision: Floats) -> CoxTogether:
        """Fit one cause.

        Parameters
        ----------
        precision : ndarray, shape (q,)
            Of the normal prior about zero, on the terms' own scale.
        """
        unit = np.where(described.spread > LEAST_SPREAD, described.spread, 1.0)
        asked = self._risk_sums(cause, described.centre, unit)
        fitted = fit_from_sums(asked, np.diag(precision / unit**2))
        due = asked(np.zeros(self.terms)).s0.sum()
        level = fitted.sums.s0.sum() / due
        coefficients = fitted.coefficients / unit
        return CoxTogether(
            coefficients=coefficients,
            constant=float(np.log(level) + described.centre @ coefficients),
            observed=fitted.sums.events,
            expected=fitted.sums.s0 / level,
            asked=fitted.asked,
        )

    def doubt(self, cause: str, described: Described, coefficients: Floats) -> Doubt:
        """How much the events tell of each covariate, at the hazards that were learned."""
        unit = np.where(described.spread > LEAST_SPREAD, described.spread, 1.0)
        sums = self._risk_sums(cause, described.centre, unit)(coefficients * unit)
        due, first = sums.s0.sum(), sums.s1.sum(axis=0)
        level = sums.events.sum() / due
        information = level * (sums.s2.sum(axis=0) - np.outer(first, first) / due)
        return Doubt(
            centre=described.centre + unit * first / due,
            information=information * np.outer(unit, unit),
            events=float(sums.events.sum()),
        )

    def _risk_sums(self, cause: str, *scale: Floats) -> Callable[[Floats], RiskSums]:
        bands = len(self.learning.bands_years) - 1

        def asked(beta: Floats) -> RiskSums:
            numbers = self.total("risk", cause, *scale, beta)
            return RiskSums.from_numbers(numbers, bands, self.terms)

        return asked

    def trees(self, cause: str, described: Described, monotone: tuple[int, ...]) -> TreesTogether:
        """Grow one cause's trees: on everybody, and without each fold for slope and level."""
        settings = self.learning.settings
        growth = Growth(settings["eta"], settings["lambda"], settings["min_child_weight"], monotone)
        edges = self.edges(described)
        padded = np.full((len(edges), max(1, *(each.size for each in edges))), np.inf)
        for row, own in zip(padded, edges, strict=True):
            row[: own.size] = own
        nobody = np.zeros((0, settings["folds"] + 1, TREE))

        def unseen(told: Floats) -> Callable[[Floats], RiskSums]:
            return lambda beta: self._sums_of(
                self.total("unseen", cause, padded, told, np.zeros(1), beta)
            )

        start = np.array([log_level(unseen(nobody)(np.zeros(1)))])
        grown = self._grown(cause, growth, padded, start)
        told = np.stack([[tree_numbers(tree) for tree in one_round] for one_round in grown])
        text = xgboost_json([one_round[0] for one_round in grown], edges)
        return calibrated(text, unseen(told))

    def edges(self, described: Described) -> list[Floats]:
        """Edges between the bins of each column."""
        ranges = self.learning.columns.values()
        return [
            edges_from_counts(grid(limits), own, self.learning.settings["bins"], LEAST_IN_BIN)
            for limits, own in zip(ranges, described.counts, strict=True)
        ]

    def _grown(self, cause: str, growth: Growth, padded: Floats, start: Floats) -> list[list[Tree]]:
        """One tree of each model a round: the root's sums, then those of its left child."""
        settings = self.learning.settings
        models, (columns, cuts) = settings["folds"] + 1, padded.shape
        grown: list[list[Tree]] = []
        told = np.zeros((0, models, TREE))
        for _ in range(settings["rounds"]):
            numbers = self.total("root", cause, padded, told, start)
            roots = nodes_from(numbers, models, columns, cuts + 1)
            first = [growth.best(node, (-np.inf, np.inf)) for node in roots]
            splits = np.stack([split_numbers(split) for split in first])
            numbers = self.total("left", cause, padded, told, start, splits)
            lefts = nodes_from(numbers, models, columns, cuts + 1)
            grown.append(
                [
                    growth.tree(root, split, left)
                    for root, split, left in zip(roots, first, lefts, strict=True)
                ]
            )
            newest = np.stack([tree_numbers(tree) for tree in grown[-1]])
            told = np.concatenate([told, newest[None]])
        return grown

    def _sums_of(self, numbers: Floats) -> RiskSums:
        return RiskSums.from_numbers(numbers, len(self.learning.bands_years) - 1, 1)


def log_level(sums: RiskSums) -> float:
    """Logarithm of events over expected events."""
    return float(np.log(sums.events.sum() / sums.s0.sum()))


def calibrated(text: str, unseen: Callable[[Floats], RiskSums]) -> TreesTogether:
    """Find slope and level of trees from sums over people who were left out.

    Parameters
    ----------
    unseen : callable
        A factor, shape (1,), of f by trees that never saw the person -> sums.
    """
    # A ridge far below one event keeps a flat prediction solvable.
    fitted = fit_from_sums(unseen, np.array([[1e-9]]))
    slope = float(np.clip(fitted.coefficients[0], *SLOPE_RANGE))
    sums, before = unseen(np.array([slope])), unseen(np.zeros(1))
    more = sums.s0.sum() / before.s0.sum()
    return TreesTogether(text, slope, float(np.log(more)), sums.events, sums.s0 / more)
