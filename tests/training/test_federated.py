"""Sites that train together get what one file would have given, and show no row to anybody."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.risk.boosting import xgboost_hazard
from riskapp.training.federated.masks import added, masked, secret_from
from riskapp.training.federated.messages import (
    Answer,
    Question,
    UnreadableMessage,
    answer_from,
    question_from,
)
from riskapp.training.federated.plan import plan_from
from riskapp.training.federated.site import Site
from riskapp.training.federated.together import Federation, SiteLost
from riskapp.training.sums.cox_sums import Banded, fit_from_sums
from riskapp.training.sums.learner import Learner
from riskapp.training.sums.people_sums import grid
from riskapp.training.sums.tree_sums import Growth, TreePeople, binned, counted, grow, tree_values
from tests.training.federations import (
    NAMES,
    PARTS,
    SECRET,
    federation,
    people,
    plan,
    sites_of,
    stacked,
)

PRECISION = np.array([1.0, 2.0, 3.0])


def pooled_cox(own):
    banded = Banded(
        x=own.terms,
        expected=own.expected["hip"],
        event_band=own.bands("hip", plan().bands_years),
        weights=own.weights,
    )
    return fit_from_sums(banded.sums, np.diag(PRECISION))


def test_three_sites_fit_the_cox_regression_of_all_rows():
    whole = stacked(list(PARTS.values()))
    alone = pooled_cox(whole)
    together = federation(plan())
    described = together.describe()
    fitted = together.cox("hip", described, PRECISION)
    assert fitted.coefficients == pytest.approx(alone.coefficients, abs=1e-8)
    doubt = together.doubt("hip", described, fitted.coefficients)
    f = whole.terms @ fitted.coefficients
    due = whole.expected["hip"].sum(axis=1) * np.exp(f)
    due *= fitted.observed.sum() / due.sum()
    centred = whole.terms - due @ whole.terms / due.sum()
    assert doubt.centre == pytest.approx(due @ whole.terms / due.sum(), abs=1e-7)
    assert doubt.information == pytest.approx((centred * due[:, None]).T @ centred, rel=1e-6)
    assert fitted.observed == pytest.approx(alone.sums.events, abs=1e-8)
    due = whole.expected["hip"].sum()
    f = whole.terms @ fitted.coefficients
    assert fitted.constant == pytest.approx(
        np.log((whole.expected["hip"].sum(axis=1) @ np.exp(f)) / due), abs=1e-8
    )
    assert described.people == len(whole.rows)
    assert described.events["hip"] == int((whole.bands("hip", plan().bands_years) >= 0).sum())
    line = np.linalg.lstsq(whole.reference, whole.terms, rcond=None)[0].T
    assert described.lines == pytest.approx(line, abs=1e-7)


# The second column makes safer, the third riskier: the last directions go against both.
@pytest.mark.parametrize("monotone", [(0, 0, 0), (0, -1, 0), (0, -1, 1), (0, 1, -1)])
def test_three_sites_grow_the_trees_of_all_rows(monotone):
    agreed = plan("xgboost")
    together = federation(agreed)
    found = together.trees("hip", together.describe(), monotone)
    whole = stacked(list(PARTS.values()))
    event = (whole.bands("hip", agreed.bands_years) >= 0).astype(float)
    due = whole.expected["hip"].sum(axis=1)
    alone = TreePeople(
        bins=binned(whole.rows, together.edges(together.describe())),
        event=event,
        weights=whole.weights,
        margin=np.log(due * event.sum() / due.sum()),
    )
    growth = Growth(0.1, 1.0, 5.0, monotone)
    trees = [grow(alone, growth, 17) for _ in range(12)]
    ours = xgboost_hazard(found.text).margin(whole.rows)
    theirs = sum(tree_values(tree, alone.bins) for tree in trees)
    assert np.abs(theirs).max() > 0.02
    assert ours == pytest.approx(theirs, abs=1e-6)
    counts = counted(grid((-4.0, 4.0)), whole.rows[:, 1], whole.weights)
    assert together.describe().counts[1] == pytest.approx(counts, abs=1e-8)
    assert 0 < found.slope <= 1.5
    assert found.observed.sum() == pytest.approx(event.sum(), abs=1e-6)


def test_a_site_that_was_started_again_grows_what_it_missed():
    agreed = plan("xgboost")
    sites = sites_of(agreed)
    steady = federation(agreed)
    asked = 0

    def ask(question):
        nonlocal asked
        asked += 1
        if asked == 9:
            sites[1] = Site(NAMES[1], agreed, SECRET, PARTS[NAMES[1]])
            raise SiteLost("north did not answer.")
        return [site.answer(question) for site in sites]

    shaken = Learner(agreed.learning, Federation(agreed, ask).total, 3)
    first = steady.trees("hip", steady.describe(), (0, 0, 0))
    second = shaken.trees("hip", shaken.describe(), (0, 0, 0))
    assert second.text == first.text


def test_without_one_site_nothing_is_fitted():
    agreed = plan()
    sites = sites_of(agreed)[:2]
    with pytest.raises(UnusableCohort, match="south did not answer.*people would be others"):
        federation(agreed, sites).describe()
    with pytest.raises(UnusableCohort, match="do not belong together"):
        federation(agreed, [*sites_of(agreed), sites[0]]).describe()


@given(
    values=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=5),
    sites=st.integers(2, 5),
    question=st.binary(min_size=32, max_size=32),
)
@settings(max_examples=40, deadline=None)
def test_masks_cancel_in_the_sum_of_all(values, sites, question):
    names = [f"site {i}" for i in range(sites)]
    own = [np.array(values) / (i + 1) for i in range(sites)]
    hidden = [masked(each, SECRET, names, n, question) for n, each in zip(names, own, strict=True)]
    assert added(hidden) == pytest.approx(sum(own), abs=1e-8)


def test_one_answer_alone_tells_nothing():
    agreed = plan()
    site = sites_of(agreed)[0]
    question = Question(1, "describe", "", agreed.digest, "run")
    alone = site.answer(question).numbers
    true = site.sums.kinds["describe"]("")
    assert np.corrcoef(added([alone])[:50], true[:50])[0, 1] ** 2 < 0.5
    # The same question has the same mask; any other has another.
    again = site.answer(replace(question, number=2)).numbers
    assert (site.answer(question).numbers == alone).all()
    assert (again != alone).mean() > 0.99


def test_another_secret_makes_noise_and_not_a_model():
    agreed = plan()
    sites = [*sites_of(agreed)[:2], Site("south", agreed, bytes(32), PARTS["south"])]
    with pytest.raises(UnusableCohort, match="same secret"):
        federation(agreed, sites).describe()


@pytest.mark.parametrize(
    ("own", "sentence"),
    [
        (people(90, 1), "fewer than 100 people"),
        (replace(people(400, 1), event_years={"hip": np.full(400, np.inf)}), "fewer than 20"),
    ],
)
def test_a_small_site_does_not_answer(own, sentence):
    agreed = plan()
    with pytest.raises(UnusableCohort, match=sentence):
        federation(agreed, sites_of(agreed, {**PARTS, "north": own})).describe()


def test_twenty_events_answer_and_nineteen_do_not():
    own = people(400, 1)
    happened = np.flatnonzero(np.isfinite(own.event_years["hip"]) & (own.event_years["hip"] < 10))
    agreed = plan()
    for events, answers in ((20, True), (19, False)):
        years = np.full(400, np.inf)
        years[happened[:events]] = own.event_years["hip"][happened[:events]]
        site = Site("north", agreed, SECRET, replace(own, event_years={"hip": years}))
        refused = site.answer(Question(1, "describe", "", agreed.digest, "run")).refused
        assert (refused == "") is answers


def test_coefficients_that_single_somebody_out_are_not_answered():
    agreed = plan()
    site = sites_of(agreed)[0]
    ones, zeros = np.ones(3), np.zeros(3)
    sane = Question(1, "risk", "hip", agreed.digest, "run", (zeros, ones, np.array([0.5, 0, 0])))
    assert not site.answer(sane).refused
    extreme = replace(sane, values=(zeros, ones, np.array([9.0, 0, 0])))
    assert "fewer than 20 people" in site.answer(extreme).refused


def test_strangers_and_other_plans_are_refused():
    agreed = plan()
    site = sites_of(agreed)[0]
    assert "another plan" in site.answer(Question(1, "describe", "", "other", "run")).refused
    asked = Question(1, "rows", "", agreed.digest, "run")
    assert "not known here" in site.answer(asked).refused
    asked = Question(1, "risk", "death", agreed.digest, "run")
    assert "not agreed to learn" in site.answer(asked).refused
    with pytest.raises(UnusableCohort, match="no site west"):
        Site("west", agreed, SECRET, PARTS["north"])


def test_messages_are_read_back_and_rubbish_is_not():
    question = Question(3, "risk", "hip", "p", "r", (np.eye(2), np.array([1.5])), "text")
    back = question_from(question.to_bytes())
    assert back.to_bytes() == question.to_bytes()
    answer = Answer("north", 3, "", np.arange(4, dtype=np.uint64))
    assert answer_from(answer.to_bytes()).numbers.tolist() == [0, 1, 2, 3]
    for read in (question_from, answer_from):
        with pytest.raises(UnreadableMessage):
            read(b"{}\n123")
    with pytest.raises(UnusableCohort, match="hexadecimal"):
        secret_from("zz")
    with pytest.raises(UnusableCohort, match="64"):
        secret_from("ab" * 31)
    assert secret_from("ab" * 32) == b"\xab" * 32


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"sites": ("alone",)}, "2 to 64"),
        ({"engine": "lightgbm"}, "engine"),
        ({"least_events": 19}, "20 events"),
        ({"bands_years": (0.0, 0.1)}, "half a year"),
        ({"columns": {"age": (1.0, 1.0)}}, "lower limit"),
        ({"protocol": 1}, "protocol 1"),
        ({"causes": ("wrist",)}, "at least one cause"),
        ({"populations": ()}, "at least one population"),
    ],
)
def test_a_plan_that_shows_too_much_is_refused(changed, sentence):
    assert plan_from(plan().text()).digest == plan().digest
    with pytest.raises(UnusableCohort, match=sentence):
        plan_from(plan(**changed).text())
