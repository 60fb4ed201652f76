"""Development judged with fits whose answers are known: a null result is plainly null."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.evaluation.course import course
from riskapp.laboratory import development, learning_curve
from riskapp.laboratory.asking import Floats, ask
from riskapp.laboratory.candidates import evidence_candidates
from riskapp.laboratory.development import Plan, develop
from riskapp.laboratory.evaluating import silent
from riskapp.laboratory.folds import Positions, folds
from riskapp.laboratory.setting import Setting, within_folds
from riskapp.risk.estimate import Outcome
from riskapp.training.fitting import Workshop
from tests.laboratory.people import PEOPLE, small_cohort

PLAN = Plan(engines=("cox",), folds=4, refits=2, resamples=0, seed=1)


@pytest.fixture(scope="module")
def setting() -> Setting:
    cohort = small_cohort()
    evidence = evidence_candidates(["gb"], "frax-2008")[0]
    return Setting(
        workshop=Workshop(cohort),
        outcome=Outcome.HIP,
        seen=course(cohort.follow_up["hip"], cohort.follow_up["death"]),
        people=np.arange(PEOPLE),
        evidence=ask(evidence, cohort.profiles).curves[Outcome.HIP],
        horizon=10,
        level=True,
    )


def answering(setting: Setting, monkeypatch: pytest.MonkeyPatch, change: float) -> list[set[str]]:
    """Fits that say what evidence says but for a change; whom each was fitted and asked about."""
    shared: list[set[str]] = []

    def fake(
        setting: Setting, learned_from: Positions, recipe: Mapping[str, Any], asked: Positions
    ) -> tuple[Floats, Mapping[str, Any]]:
        people = setting.cohort.people
        shared.append(set(people[learned_from]) & set(people[asked]))
        told = setting.evidence[asked] * (1 + change * setting.seen.event[asked, None])
        return told, {"chosen": {"hip": {"trust": 1.0}}}

    monkeypatch.setattr(development, "fitted_curves", fake)
    monkeypatch.setattr(learning_curve, "fitted_curves", fake)
    return shared


def test_who_waits_is_told_how_many_fits_are_ahead(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    fits, plan = answering(setting, monkeypatch, change=0.0), replace(PLAN, curve=False)
    told: list[tuple[int, str]] = []

    def progress(steps: Iterable[Any], what: str) -> Iterable[Any]:
        every = list(steps)
        told.append((len(every), what))
        return every

    develop(setting, plan, progress)
    assert plan.in_words == (
        f"Up to {len(fits)} fits of each of cox are ahead: 4 in folds, 3 for the optimism."
    )
    assert told[:2] == [(4, "cox folds"), (3, "cox optimism")]
    assert (
        "18 along the learning curve, 6 for what it rests on" in replace(PLAN, resamples=5).in_words
    )


def test_a_fit_that_says_what_evidence_says_shows_no_gain(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(setting, monkeypatch, 0.0)
    told = develop(setting, PLAN, silent)
    row = told["cross_validated"][0]
    assert row["difference"]["value"] == 0
    assert row["difference_pooled"]["value"] == 0
    assert row["log_likelihood_per_event"] == 0
    assert "the interval holds 0" in told["verdict"]
    assert "not above evidence" in told["learning_verdict"]
    optimism = told["optimism"][0]
    # A fit that looks at nobody is no better on its own people than on others, but by chance.
    for name, chance in (("c", 0.15), ("slope", 0.5)):
        assert abs(optimism[name]["optimism"]) < chance
        corrected = optimism[name]["apparent"] - optimism[name]["optimism"]
        assert optimism[name]["corrected"] == pytest.approx(corrected)
    assert told["chosen"][0]["chosen"] == "hip trust 1"


def test_a_fit_that_knows_more_shows_it(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(setting, monkeypatch, 0.2)
    told = develop(setting, PLAN, silent)
    assert "ranked better than evidence" in told["verdict"]
    top = told["cross_validated"][0]["top_fifth"]
    assert top["people"] == PEOPLE // 5
    assert top["interval"][0] <= top["observed"] <= top["interval"][1]
    assert told["cross_validated"][0]["log_likelihood_per_event"] > 0
    points = told["learning_curve"]
    assert {row["name"] for row in points} == {"cox, anchored", "cox, unanchored"}
    assert [row["events"] for row in points] == sorted(
        [row["events"] for row in points if row["name"] == "cox, anchored"]
    ) * 2


def test_nobody_is_answered_by_a_fit_that_saw_them(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = answering(setting, monkeypatch, 0.0)
    develop(setting, replace(PLAN, refits=0), silent)
    assert len(shared) >= 4
    assert not any(shared)


def test_pairs_within_folds_by_hand(setting: Setting) -> None:
    outer = folds(setting.cohort.people, setting.seen.event, 4, 1)
    years = np.where(setting.seen.died, np.inf, setting.seen.years)
    p = setting.evidence[:, 9]
    won = compared = 0.0
    for fold in outer:
        for i in fold[setting.seen.event[fold]]:
            later = fold[(years[fold] > years[i])]
            compared += later.size
            won += (p[i] > p[later]).sum() + 0.5 * (p[i] == p[later]).sum()
    assert within_folds(setting, setting.evidence, outer).c == pytest.approx(won / compared)


def test_what_a_cohort_cannot_teach_without_evidence_is_left_out_of_the_curve(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(setting, monkeypatch, 0.0)
    fitted = learning_curve.fitted_curves

    def needs_deaths(
        setting: Setting, learned_from: Positions, recipe: Mapping[str, Any], asked: Positions
    ) -> tuple[Floats, Mapping[str, Any]]:
        if not recipe["settings"]["anchored"]:
            raise UnusableCohort("Without evidence, deaths are needed.")
        return fitted(setting, learned_from, recipe, asked)

    monkeypatch.setattr(learning_curve, "fitted_curves", needs_deaths)
    told = develop(setting, replace(PLAN, refits=0), silent)
    assert {row["name"] for row in told["learning_curve"]} == {"cox, anchored"}
    assert "cox, unanchored: Without evidence, deaths are needed." in told["learning_verdict"]
