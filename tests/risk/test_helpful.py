"""What knowing an unknown answer would do to a guideline's decision."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from riskapp.exchange.assessment_json import estimate_json
from riskapp.exchange.guideline_wording import about_of_ten, help_wording
from riskapp.exchange.reading import read_profile
from riskapp.risk import published
from riskapp.risk.drawing import completions
from riskapp.risk.errors import UnknownGuideline
from riskapp.risk.estimate import EstimateOptions, HelpfulInput, RiskEstimate
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.guidelines import usual_for
from riskapp.risk.missing import known_inputs
from riskapp.risk.modifier_reading import known_modifiers
from riskapp.risk.modifiers import NONE
from riskapp.risk.other_sites import other_sites

T = "femoral_neck_t_score"
BESIDE = ("total_hip_t_score", "lumbar_spine_t_score")
WHO = {"population": "gb", "age_years": 72, "sex": "female", "body_mass_index": 24}
NOTHING = dict.fromkeys(
    (
        "prior_fragility_fracture", "parent_hip_fracture", "current_smoker", "glucocorticoids",
        "rheumatoid_arthritis", "secondary_osteoporosis", "alcohol_3_or_more_units_daily",
    ),
    False,
)  # fmt: skip


def estimate(answers: dict[str, Any], guideline: str | None) -> RiskEstimate:
    options = EstimateOptions(explain=False, guideline=guideline)
    return EvidenceEngine().estimate(read_profile(answers).profile, options)


def helps(answers: dict[str, Any], guideline: str | None) -> dict[str, HelpfulInput]:
    return {one.field: one for one in estimate(answers, guideline).would_help_most}


def test_a_dxa_settles_what_a_guideline_asks_for() -> None:
    told = helps(WHO | NOTHING, "nogg-2024")[T]
    assert told.chance_decision_changes == 1
    assert told.would_settle
    assert {"low risk", "high risk"} <= set(dict(told.categories))
    assert sum(dict(told.categories).values()) == pytest.approx(1)


def test_far_from_every_threshold_nothing_would_change() -> None:
    young = WHO | NOTHING | {"age_years": 55, "body_mass_index": 30, "postmenopausal": True}
    known = young | {T: 1.0, "total_hip_t_score": 1.0, "lumbar_spine_t_score": 1.0}
    del known["parent_hip_fracture"]
    for code in ("nogg-2024", "bhof-2022"):
        told = helps(known, code)["parent_hip_fracture"]
        assert told.chance_decision_changes == 0
        assert not told.would_settle  # settled already


def test_near_a_threshold_one_answer_decides_and_asking_again_agrees() -> None:
    known = WHO | NOTHING | {T: -2.3}
    del known["parent_hip_fracture"]
    now = estimate(known, "nogg-2024")
    told = {one.field: one for one in now.would_help_most}["parent_hip_fracture"]
    then = [
        estimate(known | {"parent_hip_fracture": answer}, "nogg-2024").guidelines[0].category
        for answer in (False, True)
    ]
    assert then[0] == "low risk"
    assert then[1] in ("high risk", "very high risk")
    # About one woman in seven has a parent who broke a hip.
    assert now.guidelines[0].category == "low risk"
    assert told.chance_decision_changes == pytest.approx(0.14, abs=0.03)


def test_the_chance_agrees_with_asking_again_over_the_scores_that_a_dxa_may_give() -> None:
    known = WHO | NOTHING
    told = helps(known, "bhof-2022")[T].chance_decision_changes
    # The T-score is about normal with SD 1: thin bone at its lower end meets the threshold.
    low, high = (
        estimate(known | {T: score}, "bhof-2022").guidelines[0].at_least for score in (-3.0, 0.0)
    )
    assert (low, high) == ("treatment threshold met", "treatment threshold not met")
    assert told is not None
    assert 0.3 < told < 0.7


def dxas(answers: dict[str, Any], n: int) -> list[dict[str, float]]:
    """T-scores at three sites as printed, drawn from the data file itself: none of them known."""
    profile = read_profile(answers).profile
    neck = completions(profile, n, seed=5)[T]
    stored = published.read("modifiers/bone-measurements")
    r = next(row["r"] for row in stored["correlations"] if set(row["of"]) == set(BESIDE))
    noise = np.random.default_rng(6).multivariate_normal([0, 0], [[1, r], [r, 1]], n)
    found = {T: neck}
    for site, z in zip(BESIDE, noise.T, strict=True):
        line = stored["lines"][site][profile.sex.value]
        at_zero = np.interp(profile.age_years, line["ages_years"], line["mean_at_t_zero"])
        found[site] = at_zero + line["per_t"] * neck + line["sd"] * z
    return [{site: round(float(found[site][i]), 1) for site in found} for i in range(n)]


def test_a_dxa_is_judged_by_all_three_sites_as_asking_again_shows() -> None:
    answers = WHO | NOTHING | {"population": "us-white", "age_years": 68}
    told = helps(answers, "bhof-2022")[T]
    engine, options = EvidenceEngine(), EstimateOptions(explain=False, interval=False)
    verdicts = [
        next(
            one
            for one in engine.estimate(read_profile(answers | dxa).profile, options).guidelines
            if one.guideline == "bhof-2022"
        )
        for dxa in dxas(answers, 1500)
    ]
    met = sum(one.category == "treatment threshold met" for one in verdicts) / len(verdicts)
    # 1,500 draws: a standard error of 0.011, beside that of the answer itself.
    assert dict(told.categories)["treatment threshold met"] == pytest.approx(met, abs=0.045)
    assert all(one.category is not None and not one.asks_for for one in verdicts)
    assert told.chance_settles == 1
    assert told.chance_decision_changes == pytest.approx(met, abs=0.045)
    # The femoral neck alone would meet it in about one of five.
    alone = [one for one, dxa in zip(verdicts, dxas(answers, 1500), strict=True) if dxa[T] <= -2.5]
    assert len(alone) / len(verdicts) < 0.75 * met


def test_where_no_guideline_of_the_country_is_held_a_dxa_classifies() -> None:
    answers = WHO | NOTHING | {"population": "jp"}
    told = helps(answers, usual_for("jp"))[T]
    assert (told.chance_decision_changes, told.chance_settles) == (1, 1)
    assert {"osteoporosis", "osteopenia", "normal"} == set(dict(told.categories))


def test_a_site_that_is_known_already_stays_as_it_is() -> None:
    thin = WHO | NOTHING | {"lumbar_spine_t_score": -2.6}
    told = helps(thin, "bhof-2022")[T]
    assert dict(told.categories) == {"treatment threshold met": 1}
    assert told.chance_decision_changes == 0


def test_drawn_sites_keep_the_published_lines_whatever_is_known() -> None:
    rng, neck = np.random.default_rng(1), np.full(4000, -2.0)
    known = replace(known_inputs(read_profile(WHO).profile), modifiers=NONE)
    alone = other_sites(known, neck, 0.2, rng)
    hip, spine = (alone.t_scores[site] for site in BESIDE)
    stored = published.read("modifiers/bone-measurements")
    r = next(row["r"] for row in stored["correlations"] if set(row["of"]) == set(BESIDE))
    line = stored["lines"]["lumbar_spine_t_score"]["female"]
    assert spine.std() == pytest.approx(line["sd"], abs=0.02)
    assert np.corrcoef(hip, spine)[0, 1] == pytest.approx(r, abs=0.05)
    # What the sites add to the hazard averages to nothing.
    for log_ratio in alone.log_ratios.values():
        assert np.exp(log_ratio).mean() == pytest.approx(1, abs=0.01)
    given = read_profile(WHO | {"lumbar_spine_t_score": float(spine.mean())}).profile
    beside = other_sites(
        replace(known, modifiers=known_modifiers(given, "frax-2008")), neck, 0.2, rng
    )
    assert set(beside.t_scores) == {"total_hip_t_score"}
    left = stored["lines"]["total_hip_t_score"]["female"]["sd"] * np.sqrt(1 - r**2)
    assert beside.t_scores["total_hip_t_score"].std() == pytest.approx(left, abs=0.02)


def test_a_dxa_settles_only_as_far_as_nothing_else_is_missing() -> None:
    answers = WHO | NOTHING | {"population": "us-white"}
    # Falls decide between high and very high risk where there is osteoporosis.
    told = helps(answers, "aace-2020")[T]
    assert 0.5 < told.chance_settles < 1
    assert not told.would_settle
    assert helps(answers | {"falls_last_year": 0}, "aace-2020")[T].would_settle


def test_help_is_ranked_by_the_decision_where_a_guideline_was_chosen_else_by_width() -> None:
    fracture = WHO | {"prior_fragility_fracture": True}
    by_decision = estimate(fracture, "nogg-2024").would_help_most
    chances = [one.chance_decision_changes or 0 for one in by_decision]
    assert chances == sorted(chances, reverse=True)
    by_width = estimate(fracture, None).would_help_most
    widths = [one.expected_interval_width for one in by_width]
    assert widths == sorted(widths)
    assert {one.chance_decision_changes for one in by_width} == {None}
    assert {one.field: one.expected_interval_width for one in by_width} == {
        one.field: one.expected_interval_width for one in by_decision
    }


def test_where_the_chosen_guideline_does_not_apply_no_chance_is_made_up() -> None:
    told = helps(WHO | {"sex": "male"}, "esceo-2013")
    assert {one.chance_decision_changes for one in told.values()} == {None}


def test_a_guideline_that_is_not_held_is_refused() -> None:
    with pytest.raises(UnknownGuideline):
        estimate(WHO, "frax")


def test_the_json_keeps_its_key_and_has_the_new_ones() -> None:
    found = estimate_json(estimate(WHO, "nogg-2024"))
    assert set(found["would_help_most"][0]) == {
        "field", "expected_interval_width", "chance_decision_changes", "chance_settles",
        "would_settle", "categories",
    }  # fmt: skip
    assert found["guidelines"][0]["guideline"] == "nogg-2024"
    assert found["guidelines"][0]["wording"].startswith("NOGG 2024: ")


def test_the_words() -> None:
    assert help_wording(T, 0.31, 0, {}) == (
        "A DXA would change the category in about 3 of 10 people like this one."
    )
    assert help_wording(T, 1.0, 1, {"low risk": 0.62, "high risk": 0.38}) == (
        "A DXA would change the category of people like this one: low risk in about 6 of 10 and "
        "high risk in about 4 of 10, and would settle it."
    )
    told = help_wording(T, 0.3, 0.81, {})
    assert told.endswith("3 of 10 people like this one, and would settle it in about 8 of 10.")
    assert "settle" not in help_wording(T, 0.3, 0.04, {})
    assert "parental hip fracture" in help_wording("parent_hip_fracture", 0.1, 0, {})
    told = [about_of_ten(chance) for chance in (0, 0.001, 0.06, 0.94, 0.96, 1)]
    assert told == [
        "none of 10", "under 1 of 10", "about 1 of 10", "about 9 of 10",
        "over 9 of 10", "all of 10",
    ]  # fmt: skip
