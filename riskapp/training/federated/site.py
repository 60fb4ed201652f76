"""One site: holds its people and answers with masked sums, or with a sentence why not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.training.cox_sums import Banded
from riskapp.training.federated.masks import masked
from riskapp.training.federated.messages import Answer, Question
from riskapp.training.federated.plan import Plan
from riskapp.training.tree_sums import Bins, TreePeople, binned, counted, tree_values
from riskapp.training.tree_wire import split_from, tree_from

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

# Cells of the grid from which edges between bins are chosen.
GRID_CELLS = 240
# Coefficients under which fewer people than this carry a sum are not answered: extreme ones would
# single somebody out.
LEAST_EFFECTIVE_PEOPLE = 20.0
NOTHING = np.zeros(0, dtype=np.uint64)


@dataclass(frozen=True, kw_only=True)
class SitePeople:
    """A site's people as complete rows.

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


class Site:
    """Answers questions about its people.

    Parameters
    ----------
    name : str
        As in the plan.
    plan : Plan
    secret : bytes
        Common to the sites; the server does not have it.
    people : SitePeople
    """

    def __init__(self, name: str, plan: Plan, secret: bytes, people: SitePeople) -> None:
        if name not in plan.sites:
            raise UnusableCohort(f"The plan names no site {name}.")
        self.name, self.plan, self.secret, self.people = name, plan, secret, people
        self.finished = ""
        self.nothing = NOTHING
        persons = int(people.owners.max()) + 1 if people.owners.size else 0
        own = np.random.default_rng([plan.seed, plan.sites.index(name)])
        self.fold = (own.permutation(persons) % plan.settings.get("folds", 1))[people.owners]
        self._bands = {c: people.bands(c, plan.bands_years) for c in plan.causes}
        self._grown: _Grown | None = None
        self._kinds: dict[str, Callable[[Question], Floats]] = {
            "describe": self._describe,
            "risk": self._risk,
            "root": self._root,
            "left": self._left,
            "unseen": self._unseen,
            "finished": self._finished,
        }

    def answer(self, question: Question) -> Answer:
        """Answer one question."""
        try:
            self._refuse(question)
            # One more for each site, by which the server sees that the masks have cancelled.
            numbers = np.append(self._kinds[question.kind](question), 1.0)
            hidden = masked(numbers, self.secret, self.plan.sites, self.name, question.digest)
        except UnusableCohort as error:
            return Answer(self.name, question.number, str(error), NOTHING)
        return Answer(self.name, question.number, "", hidden)

    def _refuse(self, question: Question) -> None:
        if question.plan != self.plan.digest:
            raise UnusableCohort(f"{self.name} holds another plan.")
        if question.kind not in self._kinds:
            raise UnusableCohort(f"{self.name} does not know the question {question.kind}.")
        persons = np.unique(self.people.owners).size
        if persons < self.plan.least_people:
            raise UnusableCohort(f"{self.name} has fewer than {self.plan.least_people} people.")
        if question.cause and question.cause not in self.plan.causes:
            raise UnusableCohort(f"{self.name} was not asked to learn {question.cause}.")
        for cause in self.plan.causes:
            if self._events(cause) < self.plan.least_events - 1e-6:
                raise UnusableCohort(
                    f"{self.name} has fewer than {self.plan.least_events} events of the kind "
                    f"{cause}."
                )

    def _events(self, cause: str) -> float:
        return float(self.people.weights[self._bands[cause] >= 0].sum())

    def _describe(self, question: Question) -> Floats:
        """People, events by cause, moments of terms, their lines, and counts on the grids."""
        people = self.people
        weighted = people.weights[:, None] * people.terms
        lines = people.weights[:, None] * people.reference
        return np.concatenate(
            [
                [people.weights.sum(), *(self._events(cause) for cause in self.plan.causes)],
                weighted.sum(axis=0),
                (weighted * people.terms).sum(axis=0),
                (lines.T @ people.reference).ravel(),
                (lines.T @ people.terms).ravel(),
                *(
                    counted(grid(limits), own, people.weights)
                    for limits, own in zip(self.plan.columns.values(), people.rows.T, strict=True)
                ),
            ]
        )

    def _finished(self, question: Question) -> Floats:
        self.finished = question.text
        return np.zeros(0)

    def _risk(self, question: Question) -> Floats:
        centre, unit, beta = question.values
        if not centre.shape == unit.shape == beta.shape == self.people.terms.shape[1:]:
            raise UnusableCohort(f"{self.name} has other covariates than it was asked about.")
        return self._sums((self.people.terms - centre) / unit, question.cause, beta)

    def _sums(self, x: Floats, cause: str, beta: Floats) -> Floats:
        banded = Banded(
            x=x,
            expected=self.people.expected[cause],
            event_band=self._bands[cause],
            weights=self.people.weights,
        )
        carried = banded.ratios(beta) * banded.expected.sum(axis=1)
        # As many people of equal weight would give as doubtful a sum (Kish 1965).
        effective = carried.sum() ** 2 / (carried**2).sum()
        if not effective >= LEAST_EFFECTIVE_PEOPLE:
            raise UnusableCohort(
                f"{self.name} does not answer: the coefficients leave fewer than "
                f"{LEAST_EFFECTIVE_PEOPLE:.0f} people to speak for all."
            )
        return banded.sums(beta).numbers()

    def _root(self, question: Question) -> Floats:
        edges, trees, start = question.values
        models = self._models(question.cause, edges, trees, start)
        return np.concatenate([_numbers(own, edges.shape[1] + 1) for own in models])

    def _left(self, question: Question) -> Floats:
        edges, trees, start, splits = question.values
        models = self._models(question.cause, edges, trees, start)
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
            people, folds = self.people, self.plan.settings["folds"]
            own = _binned(people.rows, edges)
            event = (self._bands[cause] >= 0).astype(np.float64)
            offset = np.log(people.expected[cause].sum(axis=1)) + start[0]
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
        self._grown = _Grown(cause, edges, trees, start, models)
        return models

    def _add(self, models: list[TreePeople], trees: Floats) -> None:
        for one_round in trees:
            for model, numbers in zip(models, one_round, strict=True):
                model.add(tree_from(numbers))

    def _unseen(self, question: Question) -> Floats:
        """Sums for the slope and the level: f of everybody by trees that never saw them."""
        edges, trees, _, beta = question.values
        own = _binned(self.people.rows, edges)
        f = np.zeros(len(own))
        for left_out in range(self.plan.settings["folds"]):
            held = self.fold == left_out
            for one_round in trees:
                f[held] += tree_values(tree_from(one_round[left_out + 1]), own[held])
        return self._sums(f[:, None], question.cause, beta)


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
