"""One site: holds its people and answers with masked sums, or with a sentence why not."""

from collections import Counter

import numpy as np

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.training.federated.masks import masked
from riskapp.training.federated.messages import Answer, Question
from riskapp.training.federated.plan import Plan
from riskapp.training.sums.people_sums import Floats, PeopleRows, PeopleSums

# Coefficients under which fewer people than this carry a sum are not answered: extreme ones would
# single somebody out.
LEAST_EFFECTIVE_PEOPLE = 20.0
# Nobody learns sums over fewer of a site's people than this from a split of the trees.
LEAST_IN_NODE = 5
# Each answer is an exact total, and very many of them would tell of people. A training asks about
# a cause's regression some ten times; of its trees once a round, or a few times if they have to be
# grown again. A site that is started again counts anew.
MOST_ASKED = {"describe": 4, "risk": 200, "unseen": 200}
MOST_ASKED_EACH_ROUND = 4
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
        self.sums = PeopleSums(people, plan.learning, seed, LEAST_EFFECTIVE_PEOPLE, LEAST_IN_NODE)
        self.finished = ""
        self._asked: Counter[tuple[str, str]] = Counter()

    def answer(self, question: Question) -> Answer:
        """Answer one question."""
        try:
            self._refuse(question)
            if question.kind == FINISHED:
                self.finished, numbers = question.text, np.zeros(0)
            else:
                numbers = self._numbers(question)
            # One more for each site, by which the server sees that the masks have cancelled.
            numbers = np.append(numbers, 1.0)
            hidden = masked(numbers, self.secret, self.plan.sites, self.name, question.digest)
        except UnusableCohort as error:
            return self.refusal(question.number, str(error))
        return Answer(self.name, question.number, "", hidden)

    def _numbers(self, question: Question) -> Floats:
        try:
            # Made-up coefficients may overflow; what comes of it is refused below.
            with np.errstate(all="ignore"):
                return self.sums.kinds[question.kind](question.cause, *question.values)
        except (TypeError, ValueError, LookupError) as error:
            raise UnusableCohort(
                f"The numbers of the question {question.kind} do not belong together."
            ) from error

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
        self.refuse_small()
        self._refuse_many(question)

    def refuse_small(self) -> None:
        """Refuse to take part with few people or events.

        Raises
        ------
        UnusableCohort
        """
        if self.persons < self.plan.least_people:
            raise UnusableCohort(f"There are fewer than {self.plan.least_people} people.")
        for cause in self.plan.causes:
            if self.sums.events(cause) < self.plan.least_events - 1e-6:
                raise UnusableCohort(
                    f"There are fewer than {self.plan.least_events} events of the kind {cause}."
                )

    def _refuse_many(self, question: Question) -> None:
        if question.kind == FINISHED:
            return
        most = MOST_ASKED_EACH_ROUND * int(self.plan.settings.get("rounds", 0))
        most = MOST_ASKED.get(question.kind, most)
        asked = (question.kind, question.cause)
        self._asked[asked] += 1
        if self._asked[asked] > most:
            raise UnusableCohort(
                f"It was asked {question.kind} more than {most} times, which no training needs."
            )
