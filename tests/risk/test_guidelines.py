"""Guidelines as a whole: what is not known, for whom they are, what is told beside them."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.exchange.reading import read_profile
from riskapp.risk import published
from riskapp.risk.errors import UnknownGuideline
from riskapp.risk.estimate import EstimateOptions
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.guideline_data import MARKS, guideline, listed
from riskapp.risk.guidelines import facts_of, judge, usual_for, verdicts, with_doubt
from riskapp.risk.profile import RiskProfile, Sex, Treatment, with_unknown_as_no
from tests.risk.guideline_cases import NO_FRACTURE, PROFILES, THREE_SITES, T, says

LOW, HIGH, VERY_HIGH = "low risk", "high risk", "very high risk"


def test_a_bmd_on_the_line_of_osteoporosis_is_on_the_line() -> None:
    # 0.858 - 2.5 * 0.120 (Looker 1998) is not exactly -2.5 in binary fractions.
    assert says("who-1994", femoral_neck_bmd_g_cm2=0.558, dxa_manufacturer="hologic").at_least in (
        "osteoporosis",
        "severe osteoporosis",
    )


def test_not_known_is_not_no() -> None:
    told = says("bhof-2022", major=0.25, prior_fragility_fracture=False)
    assert (told.category, told.at_least) == (None, "treatment threshold not met")
    assert set(told.missing) == set(THREE_SITES)
    told = says("who-1994", **{T: -2.6})
    assert (told.category, told.possible[0]) == (None, "severe osteoporosis")
    told = says("nogg-2024", age_years=55)
    assert (told.applies, told.missing) == (None, ("postmenopausal",))


def test_whom_a_guideline_is_not_meant_for() -> None:
    assert says("nogg-2024", age_years=49.9, postmenopausal=True).applies is False
    assert says("nogg-2024", age_years=50, postmenopausal=True).applies is True
    assert says("nogg-2024", age_years=55, postmenopausal=False).applies is False
    assert says("nogg-2024", age_years=60).applies is True
    assert says("nogg-2024", age_years=50, sex=Sex.MALE).applies is True
    for code in ("esceo-2013", "aace-2020", "endocrine-society-2019"):
        assert says(code, sex=Sex.MALE).applies is False
    assert says("esceo-2013", age_years=44.9, postmenopausal=True).applies is False


def test_an_answer_about_the_menopause_that_is_not_followed_is_said() -> None:
    for age, answer, is_said in ((60, False, True), (60, None, False), (60, True, False)):
        told = says("nogg-2024", age_years=age, postmenopausal=answer)
        assert told.applies
        assert any("taken to be past it" in note for note in told.notes) == is_said
    assert says("nogg-2024", age_years=59.9, postmenopausal=False).applies is False
    assert "past it" not in " ".join(
        says("nogg-2024", age_years=59.9, sex=Sex.MALE, postmenopausal=None).notes
    )


def test_thresholds_of_another_country_and_treatment_are_said() -> None:
    assert any("United States" in note for note in says("bhof-2022").notes)
    assert not any("FRAX" in note for note in says("bhof-2022", population="us-white").notes)
    assert not any("FRAX" in note for note in says("nogg-2024").notes)
    on = says("nogg-2024", osteoporosis_treatment=Treatment.DENOSUMAB).notes
    assert any("On osteoporosis treatment" in note for note in on)
    assert any("not known" in note for note in says("nogg-2024").notes)
    assert says("nogg-2024", osteoporosis_treatment=Treatment.NONE).notes == ()


def test_thresholds_set_for_frax_are_said_to_be_so_where_the_numbers_do_not_follow_it() -> None:
    who = RiskProfile(population="gb", age_years=72, sex=Sex.FEMALE, femoral_neck_t_score=-2)
    told = {one.guideline: one for one in verdicts(who, 0.1, 0.01, evidence_set="meta-2025")}
    marked = {
        code for code, one in told.items() if any("were set for FRAX’s" in n for n in one.notes)
    }
    by_probability = {one.code for one in listed() if one.has_thresholds}
    assert marked == {code for code in by_probability if told[code].applies}
    assert {"nogg-2024", "bhof-2022", "esceo-2013"} <= marked
    assert not {"who-1994", "iscd-2023", "nice-cg146"} & by_probability
    usual = verdicts(who, 0.1, 0.01, evidence_set="frax-2008")
    assert not any("were set for FRAX’s" in note for one in usual for note in one.notes)


def test_the_readers_own_comes_first_then_the_populations_usual_one() -> None:
    who = RiskProfile(population="gb", age_years=72, sex=Sex.FEMALE)
    codes = [one.guideline for one in verdicts(who, 0.1, 0.01, first="who-1994")]
    assert codes[:2] == ["who-1994", "nogg-2024"]
    assert sorted(codes) == [one.code for one in listed()]
    assert [usual_for(code) for code in ("gb", "us", "us-asian", "jp", "ee", "")] == [
        "nogg-2024", "bhof-2022", "bhof-2022", "who-1994", "who-1994", "who-1994",
    ]  # fmt: skip
    # Thresholds of other countries are never the usual ones.
    for code in published.names("populations"):
        usual = guideline(usual_for(code))
        assert usual.kind == "classification" or (usual.meant_for or ("",))[0] == code[:2]
    with pytest.raises(UnknownGuideline, match="nogg-2024"):
        verdicts(who, 0.1, 0.01, first="frax")


def test_what_the_ends_of_the_intervals_would_give_is_told() -> None:
    who = RiskProfile(
        population="gb", age_years=72, sex=Sex.FEMALE, femoral_neck_t_score=-1, **NO_FRACTURE
    )
    told = verdicts(who, 0.21, 0.03)
    (close, *_) = with_doubt(told, who, [(0.19, 0.02), (0.33, 0.05)])
    assert (close.category, close.within_interval) == (HIGH, (LOW, VERY_HIGH))
    (sure, *_) = with_doubt(told, who, [(0.205, 0.02), (0.22, 0.05)])
    assert sure.within_interval == ()
    assert told[0].within_interval == ()


def test_a_probability_that_rounds_to_its_limit_is_shown_apart() -> None:
    told = says("nogg-2024", major=0.20299, **NO_FRACTURE | {T: -1})
    assert told.category == LOW
    assert "20.30" in told.rules[0].says or "20.299" in told.rules[0].says


def test_every_rule_has_a_source_and_a_mark_and_none_prescribes() -> None:
    for one in listed():
        rules = [*(rule for category in one.categories for rule in category.rules), *one.remarks]
        assert rules
        for rule in rules:
            assert rule.source
            assert rule.mark in MARKS
        for category in one.categories:
            assert category.means
            assert not category.means.lower().startswith(("treat", "start", "give"))
        assert [c.level for c in one.categories] == sorted(
            (c.level for c in one.categories), reverse=True
        ) or one.kind == "classification"


def test_the_readme_lists_the_guidelines_with_their_hashes() -> None:
    readme = (published.HERE / "README.md").read_text(encoding="utf-8")
    for folder in ("guideline_terms", "guidelines"):
        for name in published.names(folder):
            assert f"{folder}/{name}.json" in readme
            assert published.sha256(f"{folder}/{name}") in readme, name


FORGETTABLE = [
    "postmenopausal", "prior_fragility_fracture", "number_of_prior_fractures",
    "prior_fracture_site", "prior_fracture_months_ago", "glucocorticoids",
    "glucocorticoid_dose_mg_daily", "glucocorticoid_duration_months", "parent_hip_fracture",
    "current_smoker", "rheumatoid_arthritis", "secondary_osteoporosis",
    "alcohol_3_or_more_units_daily", "falls_last_year", "body_mass_index",
    "osteoporosis_treatment",
]  # fmt: skip


@settings(deadline=None)  # a busy machine is no fault of the rules
@given(
    PROFILES,
    st.sets(st.sampled_from(FORGETTABLE)),
    st.floats(0, 1),
    st.floats(0, 1),
    st.sampled_from([one.code for one in listed()]),
)
def test_knowing_more_never_changes_a_decided_category(
    answers: dict[str, Any], forgotten: set[str], major: float, hip: float, code: str
) -> None:
    # Measuring bone is the exception by name: guidelines ask whether it was done.
    full = RiskProfile(**answers)
    less = replace(full, **dict.fromkeys(forgotten))
    before, after = (judge(guideline(code), facts_of(one, major, hip)) for one in (less, full))
    if before.applies is not None:
        assert after.applies is before.applies
    if before.category is not None:
        assert after.category == before.category
    if before.applies and after.applies:
        assert set(after.possible) <= set(before.possible)
        assert before.at_least is not None
        order = [one.name for one in guideline(code).categories]
        assert order.index(after.at_least or "") <= order.index(before.at_least)
    assert bool(before.missing or before.missing_words) == (
        before.applies is None or (bool(before.applies) and before.category is None)
    )


def test_a_verdict_counts_the_answers_as_its_number_does() -> None:
    asked = {"population": "gb", "age_years": 72, "sex": "female", "body_mass_index": 25}
    blank = read_profile(asked | {"femoral_neck_t_score": -1.5}).profile
    answered = with_unknown_as_no(blank)
    engine, options = EvidenceEngine(), EstimateOptions(guideline="bhof-2022", explain=False)
    as_no = engine.estimate(blank, replace(options, unknown_as_no=True)).guidelines
    assert as_no == engine.estimate(answered, replace(options, unknown_as_no=True)).guidelines
    assert "prior_fragility_fracture" not in as_no[0].missing
    assert "prior_fragility_fracture" in engine.estimate(blank, options).guidelines[0].missing
