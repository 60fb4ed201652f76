"""What any holder of people answers: sums over them, which add over sites and parts of a file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.training.sums.cox_sums import Banded
from riskapp.training.sums.tree_sums import Bins, TreePeople, binned, counted, tree_values
from riskapp.training.sums.tree_wire import split_from, tree_from

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

# Cells of the grid from which edges between bins are chosen.
GRID_CELLS = 240


@dataclass(frozen=True, kw_only=True)
class Learning:
    """What is learned, whoever holds the people.

    Attributes
    ----------
    causes : tuple of str
        Which hazards are learned.
    columns : mapping of column to (lower, upper)
        Of the rows, with the range that trees may split in; clinical ones first.
    bands_years : tuple of float
        Borders of the bands of time, from 0; events after the last do not count.
    settings : mapping
        Of the engine, as in a recipe.
    """

    causes: tuple[str, ...]
    columns: Mapping[str, tuple[float, float]]
    bands_years: tuple[float, ...]
    settings: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class PeopleRows:
    """People as complete rows, of one site or of one part of a file.

    Attributes
    ----------
    rows : ndarray, shape (N, p)
        Columns as in the plan.
    terms : ndarray, shape (N, q)
        Covariates of the Cox regression.
    reference : ndarray, shape (N, 4)
        What the mean of a term is a line in.
    owners : ndarray of int, shape (N,)
        Whose each row is, 0 to n - 1.
    weights : ndarray, shape (N,)
        Sum to 1 for each person.
    event_years : mapping of cause to ndarray, shape (N,)
        When the event happened; infinite where it did not.
    expected : mapping of cause to ndarray, shape (N, B)
        What is expected in each band of the plan at ratio one.
    """

    rows: Floats
    terms: Floats
    reference: Floats
    owners: Ints
    weights: Floats
    event_years: Mapping[str, Floats]
    expected: Mapping[str, Floats]

    def bands(self, cause: str, edges: tuple[float, ...]) -> Ints:
        """In which band each event happened; -1 for none."""
        found = np.searchsorted(np.asarray(edges), self.event_years[cause], side="left") - 1
        return np.where(found < len(edges) - 1, np.maximum(found, 0), -1).astype(np.intp)


def grid(limits: tuple[float, float]) -> Floats:
    """Candidate edges of one column, shape (g,)."""
    return np.linspace(*limits, GRID_CELLS + 1)


class PeopleSums:
    """Sums over some people, by the kind of question.

    Parameters
    ----------
    people : PeopleRows
    learning : Learning
    seed : sequence of int
        Draws who is in which fold.
    least_effective : float
        Fewest people who may carry a sum; see ``_refuse_few``.
    least_in_node : int
        Fewest people on a side of a split, unless it is nobody.
    """

    def __init__(
        self,
        people: PeopleRows,
        learning: Learning,
        seed: Sequence[int],
        least_effective: float = 0.0,
        least_in_node: int = 0,
    ) -> None:
        self.people, self.learning = people, learning
        self.least_effective, self.least_in_node = least_effective, least_in_node
        persons = int(people.owners.max()) + 1 if people.owners.size else 0
        drawn = np.random.default_rng(list(seed)).permutation(persons)
        self.fold = (drawn % learning.settings.get("folds", 1))[people.owners]
        self._bands = {c: people.bands(c, learning.bands_years) for c in learning.causes}
        self._grown: _Grown | None = None
        self.kinds: dict[str, Callable[..., Floats]] = {
            "describe": self._describe,
            "risk": self._risk,
            "root": self._root,
            "left": self._left,
            "unseen": self._unseen,
        }

    def events(self, cause: str) -> float:
        """Weight of the people who had the event within the bands."""
        return float(self.people.weights[self._bands[cause] >= 0].sum())

    def happened(self, cause: str) -> Floats:
        """1 where the event happened within the bands, shape (N,)."""
        return (self._bands[cause] >= 0).astype(np.float64)

    def log_expected(self, cause: str) -> Floats:
        """Logarithm of the expected events within the bands, shape (N,)."""
        return np.asarray(np.log(self.people.expected[cause].sum(axis=1)))

    def _describe(self, cause: str) -> Floats:
        """People, events by cause, moments of terms, their lines, and counts on the grids."""
        people, ranges = self.people, self.learning.columns.values()
        weighted = people.weights[:, None] * people.terms
        lines = people.weights[:, None] * people.reference
        return np.concatenate(
            [
                [people.weights.sum(), *(self.events(cause) for cause in self.learning.causes)],
                weighted.sum(axis=0),
                (weighted * people.terms).sum(axis=0),
                (lines.T @ people.reference).ravel(),
                (lines.T @ people.terms).ravel(),
                *(
                    counted(grid(limits), own, people.weights)
                    for limits, own in zip(ranges, people.rows.T, strict=True)
                ),
            ]
        )

    def _risk(self, cause: str, centre: Floats, unit: Floats, beta: Floats) -> Floats:
        if not centre.shape == unit.shape == beta.shape == self.people.terms.shape[1:]:
            raise UnusableCohort("There are other covariates here than were asked about.")
        return self.risk_sums((self.people.terms - centre) / unit, cause, beta)

    def risk_sums(self, x: Floats, cause: str, beta: Floats) -> Floats:
        """``RiskSums`` of one cause with these covariates, as one row of numbers."""
        banded = Banded(
            x=x,
            expected=self.people.expected[cause],
            event_band=self._bands[cause],
            weights=self.people.weights,
        )
        self._refuse_few(banded.ratios(beta) * banded.expected.sum(axis=1))
        return banded.sums(beta).numbers()

    def _refuse_few(self, carried: Floats) -> None:
        """Refuse coefficients under which few people carry the sum: it would tell of them."""
        # As many people of equal weight would give as doubtful a sum (Kish 1965, Survey Sampling).
        effective = carried.sum() ** 2 / (carried**2).sum()
        if not effective >= self.least_effective:
            raise UnusableCohort(
                f"The coefficients leave fewer than {self.least_effective:.0f} people to speak for "
                "all."
            )

    def _refuse_few_aside(self, own: TreePeople, split: Floats) -> None:
        """Refuse a split that sets few people apart: sums of either side would tell of them."""
        told = split_from(split)
        if told.column < 0:
            return
        there = own.weights > 0
        left = there & (own.bins[:, told.column] < told.first_right)
        for side in (left, there & ~left):
            persons = np.unique(self.people.owners[side]).size
            if 0 < persons < self.least_in_node:
                raise UnusableCohort(
                    f"A split of the trees sets fewer than {self.least_in_node} people apart; a "
                    "Cox regression can be fitted with so few."
                )

    def _root(self, cause: str, edges: Floats, trees: Floats, start: Floats) -> Floats:
        models = self._models(cause, edges, trees, start)
        return np.concatenate([_numbers(own, edges.shape[1] + 1) for own in models])

    def _left(
        self, cause: str, edges: Floats, trees: Floats, start: Floats, splits: Floats
    ) -> Floats:
        models = self._models(cause, edges, trees, start)
        for own, split in zip(models, splits, strict=True):
            self._refuse_few_aside(own, split)
        return np.concatenate(
            [
                _numbers(own, edges.shape[1] + 1, split)
                for own, split in zip(models, splits, strict=True)
            ]
        )

    def _models(self, cause: str, edges: Floats, trees: Floats, start: Floats) -> list[TreePeople]:
        """One on all people and one without each fold, after the trees that the question tells.

        What was grown before is kept; a site that was started again grows it anew.
        """
        if self._grown is None or not self._grown.continues(cause, edges, trees, start):
            people, folds = self.people, self.learning.settings["folds"]
            own = _binned(people.rows, edges)
            event = self.happened(cause)
            offset = self.log_expected(cause) + start[0]
            models = [
                TreePeople(
                    bins=own,
                    event=event,
                    weights=people.weights * (self.fold != left_out),
                    margin=offset.copy(),
                )
                for left_out in range(-1, folds)
            ]
            self._grown = _Grown(cause, edges, trees[:0], start, models)
        models = self._grown.models
        self._add(models, trees[len(self._grown.trees) :])
        for model in models:
            # Made-up trees could move all weight to one person.
            self._refuse_few(self.people.weights * np.exp(model.margin))
        self._grown = _Grown(cause, edges, trees, start, models)
        return models

    def _add(self, models: list[TreePeople], trees: Floats) -> None:
        for one_round in trees:
            for model, numbers in zip(models, one_round, strict=True):
                model.add(tree_from(numbers))

    def _unseen(
        self, cause: str, edges: Floats, trees: Floats, start: Floats, beta: Floats
    ) -> Floats:
        """Sums for the slope and the level: f of everybody by trees that never saw them."""
        own = _binned(self.people.rows, edges)
        f = np.zeros(len(own))
        for left_out in range(self.learning.settings["folds"]):
            held = self.fold == left_out
            for one_round in trees:
                f[held] += tree_values(tree_from(one_round[left_out + 1]), own[held])
        return self.risk_sums(f[:, None], cause, beta)


@dataclass(frozen=True)
class _Grown:
    """Models as far as they have grown."""

    cause: str
    edges: Floats
    trees: Floats
    start: Floats
    models: list[TreePeople]

    def continues(self, cause: str, edges: Floats, trees: Floats, start: Floats) -> bool:
        """Whether these trees only add to those that have grown."""
        return (
            self.cause == cause
            and np.array_equal(self.edges, edges)
            and np.array_equal(self.start, start)
            and np.array_equal(self.trees, trees[: len(self.trees)])
        )


def _binned(rows: Floats, edges: Floats) -> Bins:
    return binned(rows, [each[np.isfinite(each)] for each in edges])


def _numbers(people: TreePeople, size: int, split: Floats | None = None) -> Floats:
    """Cells and totals of one node as one row; zeros where there is no such node."""
    if split is not None and split[0] < 0:
        return np.zeros(people.bins.shape[1] * size * 2 + 2)
    node = people.node(size, None if split is None else split_from(split))
    return np.concatenate([node.cells.ravel(), node.total])
