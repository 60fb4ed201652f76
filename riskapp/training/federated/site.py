"""One site: holds its people and answers with masked sums, or with a sentence why not."""

import numpy as np

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.training.federated.masks import masked
from riskapp.training.federated.messages import Answer, Question
from riskapp.training.federated.plan import Plan
from riskapp.training.sums.people_sums import PeopleRows, PeopleSums

# Coefficients under which fewer people than this carry a sum are not answered: extreme ones would
# single somebody out.
LEAST_EFFECTIVE_PEOPLE = 20.0
NOTHING = np.zeros(0, dtype=np.uint64)
FINISHED = "finished"


class Site:
    """Answers questions about its people.

    Parameters
    ----------
    name : str
        As in the plan.
    plan : Plan
    secret : bytes
        Common to the sites; the server does not have it.
    people : PeopleRows
        Columns as in the plan.
    """

    def __init__(self, name: str, plan: Plan, secret: bytes, people: PeopleRows) -> None:
        if name not in plan.sites:
            raise UnusableCohort(f"The plan names no site {name}.")
        self.name, self.plan, self.secret = name, plan, secret
        self.persons = np.unique(people.owners).size
        seed = (plan.seed, plan.sites.index(name))
        self.sums = PeopleSums(people, plan.learning, seed, LEAST_EFFECTIVE_PEOPLE)
        self.finished = ""

    def answer(self, question: Question) -> Answer:
        """Answer one question."""
        try:
            self._refuse(question)
            if question.kind == FINISHED:
                self.finished, numbers = question.text, np.zeros(0)
            else:
                numbers = self.sums.kinds[question.kind](question.cause, *question.values)
            # One more for each site, by which the server sees that the masks have cancelled.
            numbers = np.append(numbers, 1.0)
            hidden = masked(numbers, self.secret, self.plan.sites, self.name, question.digest)
        except UnusableCohort as error:
            return self.refusal(question.number, str(error))
        return Answer(self.name, question.number, "", hidden)

    def refusal(self, number: int, sentence: str) -> Answer:
        """Say why there is no answer."""
        return Answer(self.name, number, f"{self.name}: {sentence}", NOTHING)

    def _refuse(self, question: Question) -> None:
        if question.plan != self.plan.digest:
            raise UnusableCohort("This site holds another plan.")
        if question.kind not in (*self.sums.kinds, FINISHED):
            raise UnusableCohort(f"The question {question.kind} is not known here.")
        if question.cause and question.cause not in self.plan.causes:
            raise UnusableCohort(f"It was not agreed to learn {question.cause}.")
        if self.persons < self.plan.least_people:
            raise UnusableCohort(f"There are fewer than {self.plan.least_people} people.")
        for cause in self.plan.causes:
            if self.sums.events(cause) < self.plan.least_events - 1e-6:
                raise UnusableCohort(
                    f"There are fewer than {self.plan.least_events} events of the kind {cause}."
                )
