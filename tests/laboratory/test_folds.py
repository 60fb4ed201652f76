"""Folds never share a person; likelihood and thresholds worked by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskapp.cohorts.follow_up import FollowUp
from riskapp.evaluation.course import course
from riskapp.laboratory.asking import Candidate, ask
from riskapp.laboratory.candidates import evidence_candidates, learned_candidates
from riskapp.laboratory.evaluating import CannotEvaluate
from riskapp.laboratory.folds import folds
from riskapp.laboratory.likelihood import log_likelihood
from riskapp.laboratory.thresholds import thresholds
from riskapp.modelstore import UnknownModel
from riskapp.risk.estimate import Outcome
from riskapp.risk.profile import RiskProfile, Sex
from tests.laboratory.people import evaluated, small_cohort


@given(
    rows=st.lists(st.tuples(st.integers(0, 15), st.booleans()), min_size=1, max_size=80),
    number=st.integers(2, 5),
)
def test_rows_of_one_person_lie_in_one_fold(rows: list[tuple[int, bool]], number: int) -> None:
    people = np.array([str(who) for who, _ in rows])
    event = np.array([had for _, had in rows])
    if np.unique(people).size < number:
        with pytest.raises(ValueError, match="cannot be split"):
            folds(people, event, number, 1)
        return
    parts = folds(people, event, number, 1)
    assert sorted(np.concatenate(parts)) == list(range(len(rows)))
    for part in parts:
        outside = np.setdiff1d(np.arange(len(rows)), part)
        assert not set(people[part]) & set(people[outside])
    having = [np.unique(people[part][event[part]]).size for part in parts]
    assert max(having) - min(having) <= 1


def test_likelihood_by_hand() -> None:
    curve = np.tile(np.arange(1, 11) / 100, (4, 1))
    seen = course(
        FollowUp(event=np.array([True, False, False, True]), years=np.array([1.5, 2.5, 4.0, 12.0])),
        FollowUp(
            event=np.array([False, False, True, False]), years=np.array([9.0, 2.5, 4.0, 12.0])
        ),
    )
    # A rise of 0.01 in the second year; left half through the third; died; seen for ten years.
    by_hand = np.log(0.01) + np.log(1 - 0.025) + np.log(0.9) + np.log(0.9)
    assert log_likelihood(curve, seen, 10) == pytest.approx(by_hand)


def test_thresholds_are_those_of_the_guidelines_data() -> None:
    hip = {each.probability: each.guidelines for each in thresholds(Outcome.HIP, 72)}
    assert "BHOF 2022" in hip[0.03]
    assert hip[0.054] == ("NOGG 2024 at age 72",)
    major = {
        each.probability: each.guidelines for each in thresholds(Outcome.MAJOR_OSTEOPOROTIC, 64)
    }
    assert "BHOF 2022" in major[0.2]
    assert major[0.122] == ("NOGG 2024 at age 64",)


def test_refusals_are_counted_without_what_they_say_of_a_person() -> None:
    class Strict:
        name, model_id, trained_on = "strict", "strict-1", "cohort x"

        def estimate(self, profile: RiskProfile, options: object) -> object:
            from riskapp.risk.errors import OutsideModelRange

            raise OutsideModelRange(
                "The engine strict was trained on people aged 50 to 60 and cannot speak about "
                f"age {profile.age_years:g}."
            )

    people = [RiskProfile(population="gb", age_years=a, sex=Sex.FEMALE) for a in (61.0, 72.5)]
    told = ask(Candidate(key="s", label="s", engine=Strict()), people)  # type: ignore[arg-type]
    assert told.refused == {"The engine strict was trained on people aged 50 to 60.": 2}
    assert not told.answered.any()


def test_an_outcome_that_was_not_followed_is_refused() -> None:
    with pytest.raises(CannotEvaluate, match="no follow-up of major osteoporotic fracture"):
        evaluated(small_cohort(), "major_osteoporotic")


def test_candidates_are_every_way_of_evidence_and_named_models() -> None:
    keys = [one.key for one in evidence_candidates(["gb"], "frax-2008")]
    assert keys == ["evidence", "evidence-unknown-as-no", "evidence-meta-2025"]
    assert learned_candidates(["evidence"], []) == []
    with pytest.raises(UnknownModel, match="absent"):
        learned_candidates([], ["absent"])
