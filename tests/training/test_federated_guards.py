"""What a site holds back, on both sides of each boundary, and what rubbish gets for an answer."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.training.federated.masks import masked
from riskapp.training.federated.messages import Answer, Question, UnreadableMessage, answer_from
from riskapp.training.federated.site import MOST_ASKED, Site
from riskapp.training.federated.together import Federation
from riskapp.training.sums.learner import Learner
from riskapp.training.sums.tree_sums import Split, Tree
from riskapp.training.sums.tree_wire import split_numbers, tree_numbers
from tests.training.federations import PARTS, SECRET, federation, people, plan, sites_of

TREES = plan("xgboost")
EDGES = np.array([[0.0], [0.0], [0.5]])
MODELS = TREES.settings["folds"] + 1
NO_SPLIT = Split(-1, 0, 0.0, 0.0, 0.0)


def north(own=PARTS["north"], agreed=TREES):
    return Site("north", agreed, SECRET, own)


def asked(kind, *values, cause="hip"):
    return Question(1, kind, cause, TREES.digest, "run", values)


def with_factor(persons):
    """A site of which so many have the third column's factor; nobody is left to chance."""
    own = people(600, 1)
    rows = own.rows.copy()
    rows[:, 2] = np.arange(len(rows)) < persons
    return replace(own, rows=rows)


@pytest.mark.parametrize(("persons", "answers"), [(0, True), (1, False), (20, True)])
def test_a_split_that_sets_few_apart_is_not_answered(persons, answers):
    nobody_yet = np.zeros((0, MODELS, 23))
    by_factor = np.stack([split_numbers(Split(2, 1, 1.0, 0.0, 0.0))] * MODELS)
    told = north(with_factor(persons)).answer(
        asked("left", EDGES, nobody_yet, np.zeros(1), by_factor)
    )
    assert (told.refused == "") is answers
    assert answers or "fewer than 5 people apart" in told.refused


def test_five_are_enough_and_four_are_not():
    # Folds leave people out: here only the model of everybody is split.
    nobody_yet = np.zeros((0, MODELS, 23))
    split = np.stack(
        [split_numbers(Split(2, 1, 1.0, 0.0, 0.0))] + [split_numbers(NO_SPLIT)] * (MODELS - 1)
    )
    for persons, answers in ((4, False), (5, True)):
        question = asked("left", EDGES, nobody_yet, np.zeros(1), split)
        assert (north(with_factor(persons)).answer(question).refused == "") is answers


@pytest.mark.parametrize(("leaf", "answers"), [(0.07, True), (12.0, False)])
def test_trees_that_single_somebody_out_are_not_answered(leaf, answers):
    """A made-up leaf of a few people would make the sums of all others vanish beside theirs."""
    root = Split(2, 1, 1.0, 0.0, leaf)
    tree = Tree(root, NO_SPLIT, NO_SPLIT, np.zeros(7), 0.0)
    grown = np.stack([np.stack([tree_numbers(tree)] * MODELS)])
    told = north(with_factor(6)).answer(asked("root", EDGES, grown, np.zeros(1)))
    assert (told.refused == "") is answers
    assert answers or "fewer than 20 people to speak for all" in told.refused


def test_no_training_asks_without_end():
    site = north(agreed=plan())
    question = Question(1, "describe", "", plan().digest, "run")
    told = [site.answer(replace(question, number=i)).refused for i in range(5)]
    assert told[: MOST_ASKED["describe"]] == [""] * 4
    assert "describe more than 4 times" in told[4]


@given(
    kind=st.sampled_from(["risk", "root", "left", "unseen"]),
    cause=st.sampled_from(["hip", ""]),
    shapes=st.lists(st.lists(st.integers(0, 3), max_size=3), max_size=5),
    value=st.sampled_from([0.0, 1.0, np.nan, np.inf, -1e300]),
)
@settings(max_examples=150, deadline=None)
def test_a_question_of_rubbish_is_answered_by_a_sentence(kind, cause, shapes, value):
    told = north().answer(asked(kind, *(np.full(each, value) for each in shapes), cause=cause))
    assert isinstance(told, Answer)


def test_sums_that_are_no_numbers_are_not_sent():
    for wrong in (np.nan, np.inf, 2.0**24):
        with pytest.raises(UnusableCohort, match="no number or too large"):
            masked(np.array([wrong]), SECRET, ("a", "b"), "a", b"")
    own = people(600, 1)
    broken = replace(own, terms=np.full_like(own.terms, np.nan))
    sites = sites_of(plan(), PARTS | {"north": broken})
    with pytest.raises(UnusableCohort, match="north: A sum is no number"):
        federation(plan(), sites).describe()


@pytest.mark.parametrize(("spoiled", "wrong"), [("describe", -1.0), ("risk", -4000.0)])
def test_sums_of_nobody_stop_the_training(spoiled, wrong):
    """A site can spoil a sum; where it is none of any people, that is said."""
    sites = sites_of(plan())
    honest = Federation(plan(), lambda question: [site.answer(question) for site in sites])

    def total(kind, cause, *told):
        numbers = honest.total(kind, cause, *told)
        return np.full_like(numbers, wrong) if kind == spoiled else numbers

    learner = Learner(plan().learning, total, 3)
    with pytest.raises(UnusableCohort, match="not those of any people"):
        learner.cox("hip", learner.describe(), np.ones(3))


def test_a_message_cut_short_is_refused():
    answer = sites_of(plan())[0].answer(Question(1, "describe", "", plan().digest, "run"))
    whole = answer.to_bytes()
    with pytest.raises(UnreadableMessage):
        answer_from(whole[:-3])
    shorter = answer_from(whole[:-8])
    own = sites_of(plan())

    def ask(question):
        told = [site.answer(question) for site in own]
        return [replace(told[0], numbers=told[0].numbers[: shorter.numbers.size]), *told[1:]]

    with pytest.raises(UnusableCohort, match="do not belong together"):
        Learner(plan().learning, Federation(plan(), ask).total, 3).describe()
