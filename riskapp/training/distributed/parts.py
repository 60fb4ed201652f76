"""Parts of a cohort on workers: each is read where it is needed, and only sums come back."""

from collections.abc import Callable, Sequence
from functools import reduce
from time import monotonic, sleep
from typing import Any

import numpy as np

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.training.sums.people_sums import Floats, Learning, PeopleRows, PeopleSums

# Whoever can read one part again, should its worker be lost: a function and what it is given.
Load = Callable[[Any], PeopleRows]
# Sums are added in groups of so many, so that no worker holds those of all parts at once.
ADDED_AT_ONCE = 8
WAITED_FOR_WORKERS_SECONDS, LOOK_SECONDS = 60, 0.5


class Parts:
    """A cohort in parts.

    Parameters
    ----------
    client : distributed.Client
    load : callable
        Reads one part; known by name on the workers.
    sources : sequence
        What it is given for each part, in order.
    learning : Learning
    seed : int
        Draws who is in which fold.
    """

    def __init__(
        self, client: Any, load: Load, sources: Sequence[Any], learning: Learning, seed: int
    ) -> None:
        self.client, self.learning = client, learning
        self._asked = [
            (load, source, learning, (seed, number)) for number, source in enumerate(sources)
        ]
        self._read()

    def _read(self) -> None:
        # Pure functions of files: what a lost worker held, another reads again.
        self.held = [self.client.submit(_read, *asked, pure=False) for asked in self._asked]

    def workers(self) -> frozenset[str]:
        """Addresses of those that are there."""
        return frozenset(self.client.scheduler_info(n_workers=-1)["workers"])

    def begin_anew(self, number: int) -> None:
        """End all that runs on the workers, wait for as many to come, and read everything again.

        Raises
        ------
        UnusableCohort
            If none came: what waits for a worker would wait for ever.
        """
        self.client.restart(timeout=WAITED_FOR_WORKERS_SECONDS, wait_for_workers=False)
        until = monotonic() + WAITED_FOR_WORKERS_SECONDS
        while len(self.workers()) < number and monotonic() < until:
            if self.client.cluster:  # our own: nobody else replaces one that did not restart
                self.client.cluster.scale(number)
            sleep(LOOK_SECONDS)
        if not self.workers():
            raise UnusableCohort(
                f"No worker came back within {WAITED_FOR_WORKERS_SECONDS} seconds of a loss."
            )
        self._read()

    def total(self, kind: str, cause: str, *values: Floats) -> Floats:
        """Sum of what all parts answer, as ``learner.Total``.

        Added in the order of the parts, whoever is first: the same on every run.
        """
        return self.total_of(_sums, kind, cause, *values)

    def total_of(self, answered: Callable[..., Floats], *asked: Any) -> Floats:
        """Sum of what a function says of each part."""
        waiting = [self.client.submit(answered, part, *asked, pure=False) for part in self.held]
        while len(waiting) > 1:
            groups = [
                waiting[start : start + ADDED_AT_ONCE]
                for start in range(0, len(waiting), ADDED_AT_ONCE)
            ]
            waiting = [self.client.submit(_add, group, pure=False) for group in groups]
        return np.asarray(waiting[0].result(), dtype=np.float64)


def _read(load: Load, source: Any, learning: Learning, seed: tuple[int, int]) -> PeopleSums:
    return PeopleSums(load(source), learning, seed)


def _sums(part: PeopleSums, kind: str, cause: str, *values: Floats) -> Floats:
    return part.kinds[kind](cause, *values)


def _add(sums: Sequence[Floats]) -> Floats:
    return reduce(np.add, sums)
