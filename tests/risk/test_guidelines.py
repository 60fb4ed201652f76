"""Guidelines: both sides of every published threshold, and what is not known."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.risk import published
from riskapp.risk.errors import UnknownGuideline
from riskapp.risk.guideline_data import MARKS, guideline, listed
from riskapp.risk.guidelines import facts_of, judge, usual_for, verdicts, with_doubt
from riskapp.risk.profile import FractureSite, RiskProfile, Sex, Treatment
from riskapp.risk.verdict import Verdict

T = "femoral_neck_t_score"
NO_FRACTURE = {"prior_fragility_fracture": False, "glucocorticoids": False}
THREE_SITES = {T: -0.5, "total_hip_t_score": -0.5, "lumbar_spine_t_score": -0.5}
STEP = 0.0001


def says(code: str, major: float = 0.01, hip: float = 0.001, **answers: Any) -> Verdict:
    """The verdict of one guideline; probabilities in percent divided by 100, a woman of 72."""
    who = {"population": "gb", "age_years": 72, "sex": Sex.FEMALE} | answers
    return judge(guideline(code), facts_of(RiskProfile(**who), major, hip))


def around(code: str, outcome: str, percent: float, **answers: Any) -> list[str | None]:
    """Categories just below a threshold and at it."""
    return [says(code, **{outcome: percent / 100 - step}, **answers).category for step in (STEP, 0)]


# NOGG 2024, table 5 (as transcribed): age, then lower, intervention, upper, very high.
NOGG_MAJOR = [
    (50, 3.4, 7.3, 8.8, 11.7),
    (54.9, 3.4, 7.3, 8.8, 11.7),
    (55, 4.5, 9.5, 11.4, 15.2),
    (60, 6.0, 12.2, 14.6, 19.5),
    (65, 8.6, 16.5, 19.8, 26.4),
    (70, 11.1, 20.3, 24.4, 32.5),
    (90, 11.1, 20.3, 24.4, 32.5),
]
NOGG_HIP = [
    (50, 0.91, 1.46),
    (55, 1.5, 2.4),
    (60, 2.3, 3.68),
    (65, 3.5, 5.6),
    (70, 5.4, 8.64),
    (90, 5.4, 8.64),
]
LOW, MIDDLE = "low risk", "intermediate risk: measure bone density"
HIGH, VERY_HIGH = "high risk", "very high risk"


@pytest.mark.parametrize(("age", "lower", "intervention", "upper", "very_high"), NOGG_MAJOR)
def test_nogg_major_at_every_age(
    age: float, lower: float, intervention: float, upper: float, very_high: float
) -> None:
    who = NO_FRACTURE | {"age_years": age, "postmenopausal": True}
    assert around("nogg-2024", "major", lower, **who) == [LOW, MIDDLE]
    assert around("nogg-2024", "major", upper, **who) == [MIDDLE, HIGH]
    assert around("nogg-2024", "major", very_high, **who) == [HIGH, VERY_HIGH]
    # With bone density there is one line, and nothing in between.
    assert around("nogg-2024", "major", intervention, **who | {T: -1}) == [LOW, HIGH]
    assert around("nogg-2024", "major", very_high, **who | {T: -1}) == [HIGH, VERY_HIGH]


@pytest.mark.parametrize(("age", "intervention", "very_high"), NOGG_HIP)
def test_nogg_takes_the_higher_of_hip_and_major_once_bone_density_is_in(
    age: float, intervention: float, very_high: float
) -> None:
    who = NO_FRACTURE | {"age_years": age, "postmenopausal": True, T: -1}
    assert around("nogg-2024", "hip", intervention, **who) == [LOW, HIGH]
    assert around("nogg-2024", "hip", very_high, **who) == [HIGH, VERY_HIGH]
    without = {name: value for name, value in who.items() if name != T}
    assert around("nogg-2024", "hip", very_high, **without) == [LOW, LOW]


def test_nogg_very_high_risk_is_a_fixed_multiple_of_the_intervention_threshold() -> None:
    tables = guideline("nogg-2024").tables
    for outcome in ("major", "hip"):
        both = zip(tables[f"{outcome}_intervention"], tables[f"{outcome}_very_high"], strict=True)
        for (age, limit), (same, very_high) in both:
            assert (age, 1.6 * limit) == (same, pytest.approx(very_high, abs=0.06))


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({T: -3.5}, VERY_HIGH),
        ({T: -3.4}, LOW),
        ({T: -1, "lumbar_spine_t_score": -3.5}, VERY_HIGH),
        (
            {
                "prior_fragility_fracture": True,
                "prior_fracture_site": FractureSite.VERTEBRA,
                "prior_fracture_months_ago": 23,
            },
            VERY_HIGH,
        ),
        (
            {
                "prior_fragility_fracture": True,
                "prior_fracture_site": FractureSite.VERTEBRA,
                "prior_fracture_months_ago": 24,
                "number_of_prior_fractures": 1,
            },
            LOW,
        ),
        (
            {
                "glucocorticoids": True,
                "glucocorticoid_dose_mg_daily": 7.5,
                "glucocorticoid_duration_months": 3,
            },
            VERY_HIGH,
        ),
        (
            {
                "glucocorticoids": True,
                "glucocorticoid_dose_mg_daily": 7.4,
                "glucocorticoid_duration_months": 3,
            },
            LOW,
        ),
        (
            {
                "glucocorticoids": True,
                "glucocorticoid_dose_mg_daily": 7.5,
                "glucocorticoid_duration_months": 2.9,
            },
            LOW,
        ),
        (
            {
                "prior_fragility_fracture": True,
                "prior_fracture_site": FractureSite.FOREARM,
                "number_of_prior_fractures": 1,
                "prior_fracture_months_ago": 6,
                "parent_hip_fracture": True,
                "current_smoker": True,
            },
            VERY_HIGH,
        ),
    ],
)
def test_nogg_clinical_rules_of_very_high_risk(answers: dict[str, Any], expected: str) -> None:
    assert says("nogg-2024", **NO_FRACTURE | answers).category == expected


def test_nogg_offers_treatment_where_density_cannot_be_measured_at_the_intervention_line() -> None:
    told = says("nogg-2024", major=0.203, **NO_FRACTURE)
    assert told.category == MIDDLE
    assert told.asks_for == "bone density"
    assert any("cannot be measured" in one.says for one in told.remarks)
    assert not says("nogg-2024", major=0.2029, **NO_FRACTURE).remarks


# Kanis 2013 (ESCEO, IOF), mean of five countries: age, lower, intervention, upper.
ESCEO = [
    (45, 2.4, 5.4, 6.5),
    (50, 2.9, 6.3, 7.6),
    (55, 3.6, 7.6, 9.1),
    (60, 4.9, 9.9, 11.9),
    (65, 6.9, 13.4, 16.1),
    (70, 9.7, 17.6, 21.5),
    (75, 13.7, 23.0, 27.6),
    (80, 18.7, 29.1, 34.9),
    (85, 20.9, 31.8, 38.2),
    (90, 20.8, 31.7, 38.0),
]


@pytest.mark.parametrize(("age", "lower", "intervention", "upper"), ESCEO)
def test_esceo_at_every_age(age: float, lower: float, intervention: float, upper: float) -> None:
    who = NO_FRACTURE | {"age_years": age, "postmenopausal": True}
    assert around("esceo-2013", "major", lower, **who) == [LOW, MIDDLE]
    assert around("esceo-2013", "major", upper, **who) == [MIDDLE, HIGH]
    assert around("esceo-2013", "major", intervention, **who | {T: -1}) == [LOW, HIGH]


def test_bhof() -> None:
    met, not_met = "treatment threshold met", "treatment threshold not met"
    bone = NO_FRACTURE | THREE_SITES
    thin = bone | {T: -1.0}
    assert around("bhof-2022", "major", 20, **thin) == [not_met, met]
    assert around("bhof-2022", "hip", 3, **thin) == [not_met, met]
    assert around("bhof-2022", "major", 20, **bone | {T: -0.9}) == [not_met, not_met]
    for site in THREE_SITES:
        assert says("bhof-2022", **bone | {site: -2.5}).category == met
        assert says("bhof-2022", **bone | {site: -2.4}).category == not_met
    for site in FractureSite:
        one = {
            "prior_fragility_fracture": True,
            "prior_fracture_site": site,
            "number_of_prior_fractures": 1,
        }
        expected = met if site in (FractureSite.HIP, FractureSite.VERTEBRA) else not_met
        assert says("bhof-2022", **bone | one).category == expected
        if site in (FractureSite.HUMERUS, FractureSite.FOREARM):
            assert says("bhof-2022", **thin | one).category == met


def test_aace() -> None:
    none, high, very = (one.name for one in reversed(guideline("aace-2020").categories))
    bone = NO_FRACTURE | THREE_SITES | {"falls_last_year": 0}
    thin = bone | {T: -1.0}
    assert around("aace-2020", "major", 20, **thin) == [none, high]
    assert around("aace-2020", "hip", 3, **thin) == [none, high]
    assert [says("aace-2020", **bone | {T: t}).category for t in (-2.4, -2.5)] == [none, high]
    assert [says("aace-2020", **bone | {T: t}).category for t in (-3.0, -3.1)] == [high, very]
    # Above 30 and 4.5, not at them.
    told = [says("aace-2020", major=p, **thin).category for p in (0.30, 0.3001)]
    assert told == [high, very]
    told = [says("aace-2020", hip=p, **thin).category for p in (0.045, 0.0451)]
    assert told == [high, very]
    falls = bone | {T: -2.5}
    told = [says("aace-2020", **falls | {"falls_last_year": n}).category for n in (1, 2)]
    assert told == [high, very]
    broken = bone | {
        "prior_fragility_fracture": True,
        "number_of_prior_fractures": 1,
        "osteoporosis_treatment": Treatment.NONE,
    }
    told = [
        says("aace-2020", **broken | {"prior_fracture_months_ago": m}).category for m in (12, 11)
    ]
    assert told == [high, very]
    long_ago = broken | {"prior_fracture_months_ago": 100}
    assert says("aace-2020", **long_ago | {"number_of_prior_fractures": 2}).category == very
    on_drug = says("aace-2020", **long_ago | {"osteoporosis_treatment": Treatment.DENOSUMAB})
    assert (on_drug.category, on_drug.at_least) == (None, high)
    assert on_drug.missing_words == ("whether the fracture came during treatment",)


def test_endocrine_society() -> None:
    code = "endocrine-society-2019"
    bone = NO_FRACTURE | THREE_SITES
    assert around(code, "major", 20, **bone) == ["low risk", "high risk"]
    assert around(code, "hip", 3, **bone) == ["low risk", "high risk"]
    told = [says(code, **bone | {T: t}).category for t in (-0.9, -1.0, -2.4, -2.5)]
    assert told == ["low risk", "moderate risk", "moderate risk", "high risk"]
    spine = {"prior_fragility_fracture": True, "prior_fracture_site": FractureSite.VERTEBRA}
    assert says(code, **bone | spine | {"number_of_prior_fractures": 1}).category == "high risk"
    several = says(code, **bone | spine | {"number_of_prior_fractures": 3, T: -2.5})
    assert (several.category, several.possible) == (None, ("very high risk", "high risk"))


def test_osteoporosis_canada() -> None:
    code = "osteoporosis-canada-2023"
    recommended, suggested, none = (one.name for one in guideline(code).categories)
    bone = NO_FRACTURE | THREE_SITES
    assert around(code, "major", 15, **bone) == [none, suggested]
    assert around(code, "major", 20, **bone) == [suggested, recommended]
    older, younger = bone | {"age_years": 70}, bone | {"age_years": 69.9}
    assert [says(code, **older | {T: t}).category for t in (-2.4, -2.5)] == [none, recommended]
    assert [says(code, **younger | {T: t}).category for t in (-2.4, -2.5)] == [none, suggested]
    two = {
        "prior_fragility_fracture": True,
        "number_of_prior_fractures": 2,
        "prior_fracture_site": FractureSite.FOREARM,
    }
    assert says(code, **bone | two).category == recommended
    assert says(code, **bone | two | {"number_of_prior_fractures": 1}).category == none


def test_uspstf() -> None:
    grade_b, grade_i, no = (one.name for one in guideline("uspstf-2025").categories)
    free = {
        "prior_fragility_fracture": False,
        "parent_hip_fracture": False,
        "current_smoker": False,
        "alcohol_3_or_more_units_daily": False,
        "body_mass_index": 18.5,
        "postmenopausal": True,
    }
    told = [says("uspstf-2025", **free | {"age_years": age}).category for age in (64.9, 65)]
    assert told == [no, grade_b]
    younger = free | {"age_years": 60}
    assert says("uspstf-2025", **younger | {"current_smoker": True}).category == grade_b
    assert says("uspstf-2025", **younger | {"body_mass_index": 18.4}).category == grade_b
    assert says("uspstf-2025", **younger | {"sex": Sex.MALE}).category == grade_i
    assert around("uspstf-2018", "major", 9.3, **younger) == [no, grade_b]
    assert around("uspstf-2018", "major", 9.3, **younger | {"age_years": 49}) == [no, no]
    assert says("uspstf-2018", **younger | {"age_years": 65}).category == grade_b
    for code in ("uspstf-2018", "uspstf-2025"):
        assert says(code, **younger | {T: -1}).applies is False
        assert says(code, **younger | {"prior_fragility_fracture": True}).applies is False


def test_nice() -> None:
    yes, no = (one.name for one in guideline("nice-cg146").categories)
    free = {
        "prior_fragility_fracture": False,
        "glucocorticoids": False,
        "falls_last_year": 0,
        "parent_hip_fracture": False,
        "secondary_osteoporosis": False,
        "rheumatoid_arthritis": False,
        "body_mass_index": 18.5,
        "current_smoker": False,
        "alcohol_3_or_more_units_daily": False,
    }
    told = [says("nice-cg146", **free | {"age_years": age}).category for age in (64.9, 65)]
    assert told == [no, yes]
    man = free | {"sex": Sex.MALE}
    assert [says("nice-cg146", **man | {"age_years": a}).category for a in (74.9, 75)] == [no, yes]
    younger = man | {"age_years": 50}
    for reason in ({"falls_last_year": 1}, {"body_mass_index": 18.4}, {"current_smoker": True}):
        assert says("nice-cg146", **younger | reason).category == yes
        assert says("nice-cg146", **younger | reason | {"age_years": 49.9}).category == no
    assert says("nice-cg146", **man | {"age_years": 45, "glucocorticoids": True}).category == yes


def test_who_and_iscd() -> None:
    severe, osteoporosis, osteopenia, normal = (
        one.name for one in guideline("who-1994").categories
    )
    told = [says("who-1994", **NO_FRACTURE | {T: t}).category for t in (-0.9, -1, -1.1, -2.4, -2.5)]
    assert told == [normal, normal, osteopenia, osteopenia, osteoporosis]
    assert says("who-1994", prior_fragility_fracture=True, **{T: -2.5}).category == severe
    assert says("who-1994", **{T: -2.5}).possible == (severe, osteoporosis)
    z_scores, thin, measure, none = (one.name for one in guideline("iscd-2023").categories)
    man = {"sex": Sex.MALE} | THREE_SITES
    told = [says("iscd-2023", **man | {"age_years": age}).category for age in (49.9, 50)]
    assert told == [z_scores, none]
    assert says("iscd-2023", age_years=55, postmenopausal=False).category == z_scores
    assert says("iscd-2023", age_years=55, **THREE_SITES).category is None
    for site in THREE_SITES:
        told = [says("iscd-2023", **THREE_SITES | {site: t}).category for t in (-2.4, -2.5)]
        assert told == [none, thin]
    bare = NO_FRACTURE | {
        "rheumatoid_arthritis": False,
        "secondary_osteoporosis": False,
        "current_smoker": False,
        "body_mass_index": 25,
        "postmenopausal": True,
    }
    told = [says("iscd-2023", **bare | {"age_years": age}).category for age in (64.9, 65)]
    assert told == [none, measure]
    assert any("2.77" in one.says for one in says("iscd-2023", **THREE_SITES).remarks)


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
    told = says("who-1994")
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
        code for code, one in told.items() if any("were set for FRAX's" in n for n in one.notes)
    }
    by_probability = {one.code for one in listed() if one.has_thresholds}
    assert marked == {code for code in by_probability if told[code].applies}
    assert {"nogg-2024", "bhof-2022", "esceo-2013"} <= marked
    assert not {"who-1994", "iscd-2023", "nice-cg146"} & by_probability
    usual = verdicts(who, 0.1, 0.01, evidence_set="frax-2008")
    assert not any("were set for FRAX's" in note for one in usual for note in one.notes)


def test_the_readers_own_comes_first_then_the_populations_usual_one() -> None:
    who = RiskProfile(population="gb", age_years=72, sex=Sex.FEMALE)
    codes = [one.guideline for one in verdicts(who, 0.1, 0.01, first="who-1994")]
    assert codes[:2] == ["who-1994", "nogg-2024"]
    assert sorted(codes) == [one.code for one in listed()]
    assert [usual_for(code) for code in ("gb", "us", "us-asian", "jp", "ee")] == [
        "nogg-2024", "bhof-2022", "bhof-2022", "esceo-2013", "esceo-2013",
    ]  # fmt: skip
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
        ) or one.code == "iscd-2023"


def test_the_readme_lists_the_guidelines_with_their_hashes() -> None:
    readme = (published.HERE / "README.md").read_text(encoding="utf-8")
    for folder in ("guideline_terms", "guidelines"):
        for name in published.names(folder):
            assert f"{folder}/{name}.json" in readme
            assert published.sha256(f"{folder}/{name}") in readme, name


BONE = st.none() | st.sampled_from([-4.0, -3.2, -2.5, -2.0, -1.0, 0.0])
MAYBE = st.none() | st.booleans()
PROFILES = st.fixed_dictionaries(
    {
        "population": st.just("gb"),
        "age_years": st.sampled_from([42, 49, 50, 55, 60, 64, 65, 70, 75, 82]),
        "sex": st.sampled_from(list(Sex)),
        "postmenopausal": MAYBE,
        "prior_fragility_fracture": MAYBE,
        "number_of_prior_fractures": st.none() | st.integers(0, 3),
        "prior_fracture_site": st.none() | st.sampled_from(list(FractureSite)),
        "prior_fracture_months_ago": st.none() | st.sampled_from([3.0, 11.0, 18.0, 60.0]),
        "glucocorticoids": MAYBE,
        "glucocorticoid_dose_mg_daily": st.none() | st.sampled_from([5.0, 10.0]),
        "glucocorticoid_duration_months": st.none() | st.sampled_from([2.0, 6.0]),
        "parent_hip_fracture": MAYBE,
        "current_smoker": MAYBE,
        "rheumatoid_arthritis": MAYBE,
        "secondary_osteoporosis": MAYBE,
        "alcohol_3_or_more_units_daily": MAYBE,
        "falls_last_year": st.none() | st.integers(0, 3),
        "body_mass_index": st.none() | st.sampled_from([17.0, 25.0]),
        "osteoporosis_treatment": st.none() | st.sampled_from(list(Treatment)),
        **dict.fromkeys(THREE_SITES, BONE),
    }
)
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
