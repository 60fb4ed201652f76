"""Figures of the JSON worked out again from the people, by short formulas of their own.

Everybody is followed to ten years or death, so a share is a plain share and a pair a plain pair.
"""

from typing import Any

import numpy as np
import pytest

from riskapp.risk.estimate import EstimateOptions, Outcome
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.profile import Sex
from tests.laboratory.people import PEOPLE, hip_document, small_cohort

BARE = EstimateOptions(explain=False, interval=False, verdicts=False)


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return hip_document()


@pytest.fixture(scope="module")
def curves() -> np.ndarray:
    told = [EvidenceEngine().estimate(each, BARE) for each in small_cohort().profiles]
    return np.array([[p for _, p in each.outcomes[Outcome.HIP].curve] for each in told])


@pytest.fixture(scope="module")
def by_ten() -> np.ndarray:
    seen = small_cohort().follow_up["hip"]
    return np.asarray(seen.event & (seen.years <= 10))


def pairs(predicted: np.ndarray, rows: np.ndarray) -> float:
    """Harrell's C by looking at every pair; the dead never have a hip fracture."""
    cohort = small_cohort()
    seen, died = cohort.follow_up["hip"], cohort.follow_up["death"].event
    years = np.where(died & ~seen.event, np.inf, seen.years)
    won = compared = 0.0
    for i in rows:
        if not seen.event[i]:
            continue
        for j in rows:
            if years[j] > years[i] or (years[j] == years[i] and not seen.event[j]):
                compared += 1
                won += (predicted[i] > predicted[j]) + 0.5 * (predicted[i] == predicted[j])
    return won / compared


def test_concordance_is_the_share_of_pairs(document: Any, curves: np.ndarray) -> None:
    told = document["results"]["evidence"]["harrell"]
    assert told["value"] == pytest.approx(pairs(curves[:, 9], np.arange(PEOPLE)), abs=1e-9)
    assert told["interval"][0] < told["value"] < told["interval"][1]


def test_the_area_of_each_year_is_a_share_of_pairs(document: Any, curves: np.ndarray) -> None:
    seen = small_cohort().follow_up["hip"]
    for row in document["results"]["evidence"]["auc"]:
        had = seen.event & (seen.years <= row["year"])
        if had.sum() < 5:
            assert row["value"] is None
            continue
        p = curves[:, row["year"] - 1]
        above = (p[had][:, None] > p[~had]) + 0.5 * (p[had][:, None] == p[~had])
        assert row["value"] == pytest.approx(above.mean(), abs=1e-9)
        assert row["events"] == had.sum()


def test_brier_score_and_its_gain(document: Any, curves: np.ndarray, by_ten: np.ndarray) -> None:
    told = document["results"]["evidence"]
    score = ((curves[:, 9] - by_ten) ** 2).mean()
    null = ((by_ten.mean() - by_ten) ** 2).mean()
    assert told["brier"]["value"] == pytest.approx(score, abs=1e-9)
    assert told["ipa"]["value"] == pytest.approx(1 - score / null, abs=1e-9)


def test_observed_over_expected_of_all_and_of_fifths(
    document: Any, curves: np.ndarray, by_ten: np.ndarray
) -> None:
    told, p = document["results"]["evidence"]["calibration"], curves[:, 9]
    assert told["predicted"] == pytest.approx(p.mean(), abs=1e-9)
    assert told["observed"] == pytest.approx(by_ten.mean(), abs=1e-9)
    assert told["observed_over_expected"]["value"] == pytest.approx(by_ten.mean() / p.mean())
    top = np.argsort(p, kind="stable")[-told["fifths"][-1]["people"] :]
    assert told["fifths"][-1]["predicted"] == pytest.approx(p[top].mean(), abs=1e-9)
    assert told["fifths"][-1]["observed"] == pytest.approx(by_ten[top].mean(), abs=1e-9)
    assert sum(fifth["people"] for fifth in told["fifths"]) == PEOPLE


def test_net_benefit_at_the_thresholds_of_guidelines(
    document: Any, curves: np.ndarray, by_ten: np.ndarray
) -> None:
    assert 0.03 in [mark["threshold"] for mark in document["thresholds"]]
    for mark in document["thresholds"]:
        at = mark["threshold"]
        treated, odds = curves[:, 9] >= at, at / (1 - at)
        benefit = (treated & by_ten).mean() - odds * (treated & ~by_ten).mean()
        everybody = by_ten.mean() - odds * (~by_ten).mean()
        assert mark["net_benefit"]["evidence"]["value"] == pytest.approx(benefit, abs=1e-9)
        assert mark["treat_all"] == pytest.approx(everybody, abs=1e-9)


def test_reclassification_counts_who_crosses(
    document: Any, curves: np.ndarray, by_ten: np.ndarray
) -> None:
    convention = EstimateOptions(explain=False, interval=False, verdicts=False, unknown_as_no=True)
    told = [EvidenceEngine().estimate(each, convention) for each in small_cohort().profiles]
    other = np.array([each.outcomes[Outcome.HIP].probability_10y for each in told])
    row = next(
        each
        for each in document["reclassification"]
        if each["key"] == "evidence-unknown-as-no" and each["threshold"] == 0.03
    )
    before, after = curves[:, 9] >= 0.03, other >= 0.03
    up, down = after & ~before, before & ~after
    for name, moved in (("up", up), ("down", down)):
        count = int(moved.sum())
        assert row[name] == (count if count == 0 or count >= 5 else "<5")
    expected = (up & by_ten).sum() / by_ten.sum() - (down & by_ten).sum() / by_ten.sum()
    assert row["events_nri"]["value"] == pytest.approx(expected, abs=1e-9)


def test_differences_are_differences(document: Any) -> None:
    for row in document["differences"]:
        if row["what"] != "Harrell's C":
            continue
        c = {key: document["results"][key]["harrell"]["value"] for key in document["results"]}
        assert row["value"] == pytest.approx(c[row["key"]] - c[row["against"]], abs=1e-12)


def test_groups_are_judged_on_their_own_people(document: Any, curves: np.ndarray) -> None:
    women = np.flatnonzero([p.sex is Sex.FEMALE for p in small_cohort().profiles])
    row = next(
        each
        for each in document["subgroups"]
        if each["key"] == "evidence" and each["group"] == "female"
    )
    assert row["people"] == women.size
    assert row["c"]["value"] == pytest.approx(pairs(curves[:, 9], women), abs=1e-9)


def test_what_is_not_known_is_counted(document: Any) -> None:
    profiles = small_cohort().profiles
    absent = sum(profile.current_smoker is None for profile in profiles)
    row = next(each for each in document["cohort"]["missing"] if each["label"] == "Current smoking")
    assert (row["known"], row["not_known"]) == (PEOPLE - absent, absent)
    grip = next(each for each in document["cohort"]["missing"] if each["label"] == "Grip")
    assert grip["not_known"] == PEOPLE / 3


def test_a_blank_input_asks_again(document: Any) -> None:
    from dataclasses import replace

    blank = [replace(p, femoral_neck_t_score=None) for p in small_cohort().profiles]
    told = [EvidenceEngine().estimate(each, BARE) for each in blank]
    p = np.array([each.outcomes[Outcome.HIP].probability_10y for each in told])
    row = next(each for each in document["missing_data"] if each["blank"] == "Bone density")
    assert row["c"]["value"] == pytest.approx(pairs(p, np.arange(PEOPLE)), abs=1e-9)
    assert row["predicted"] == pytest.approx(p.mean(), abs=1e-9)


def test_follow_up_and_predictions_are_described(document: Any, curves: np.ndarray) -> None:
    seen = small_cohort().follow_up["hip"]
    told = document["cohort"]["follow_up"]["hip"]
    assert told["person_years"] == pytest.approx(seen.years.sum())
    assert told["per_1000_person_years"] == pytest.approx(
        1000 * seen.event.sum() / seen.years.sum()
    )
    spread = document["results"]["evidence"]["predicted"]
    assert spread["median"] == pytest.approx(np.median(curves[:, 9]))
    assert document["cohort"]["left_out"] == {
        "age_years": 7,
        "hip follow-up of no length": "<5",
    }
