"""Guidelines without thresholds by age: both sides of every published limit."""

from riskapp.risk.guideline_data import guideline
from riskapp.risk.profile import FractureSite, Sex, Treatment
from tests.risk.guideline_cases import NO_FRACTURE, THREE_SITES, T, around, says


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
    nothing, severe, osteoporosis, osteopenia, normal = (
        one.name for one in guideline("who-1994").categories
    )
    # Without a T-score at the femoral neck nobody is called normal.
    for scores in ({}, {"total_hip_t_score": -1.0}):
        told = says("who-1994", **scores)
        assert (told.category, told.asks_for) == (nothing, "bone density")
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
