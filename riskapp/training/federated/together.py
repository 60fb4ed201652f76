"""The server: asks all sites the same and adds up what they answer. It sees totals only."""

from collections.abc import Callable, Sequence
from secrets import token_hex

import numpy as np

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.training.federated.masks import Floats, added
from riskapp.training.federated.messages import Answer, Question
from riskapp.training.federated.plan import Plan
from riskapp.training.federated.site import FINISHED

# A round in which a site was lost is asked again so often.
REPEATS = 3


class SiteLost(Exception):
    """A site did not answer; the round counts for nothing."""


Ask = Callable[[Question], Sequence[Answer]]


class Federation:
    """All sites of a plan, asked through any channel.

    Parameters
    ----------
    plan : Plan
    ask : callable
        Sends one question to every site and brings back their answers; raises ``SiteLost``.
    """

    def __init__(self, plan: Plan, ask: Ask) -> None:
        self.plan, self._ask, self._number = plan, ask, 0
        # So that no mask of another run is used again.
        self._run = token_hex(16)

    def total(self, kind: str, cause: str = "", *values: Floats, text: str = "") -> Floats:
        """Sum of all sites' answers: of each of them, once, or refused.

        Raises
        ------
        UnusableCohort
            If a site refuses, or stays away however often it is asked.
        """
        why = ""
        for _ in range(REPEATS):
            self._number += 1
            question = Question(
                self._number, kind, cause, self.plan.digest, self._run, values, text
            )
            try:
                answers = self._ask(question)
                self._refuse(answers)
            except SiteLost as lost:
                why = str(lost)
                continue
            *numbers, sites = added([each.numbers for each in answers])
            if sites != len(self.plan.sites):
                raise UnusableCohort(
                    "The masks do not cancel: the sites do not all hold the same secret."
                )
            return np.array(numbers)
        raise UnusableCohort(f"The training stopped: {why} Without it the people would be others.")

    def _refuse(self, answers: Sequence[Answer]) -> None:
        for answer in answers:
            if answer.refused:
                raise UnusableCohort(f"A site refused: {answer.refused}")
        missing = set(self.plan.sites) - {answer.site for answer in answers}
        if missing:
            raise SiteLost(f"{', '.join(sorted(missing))} did not answer.")
        if len(answers) != len(self.plan.sites) or any(
            answer.number != self._number or answer.numbers.size != answers[0].numbers.size
            for answer in answers
        ):
            raise UnusableCohort("The answers of the sites do not belong together.")

    def finish(self, text: str) -> None:
        """Give every site the model."""
        self.total(FINISHED, text=text)
