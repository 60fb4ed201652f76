"""The paragraph says what is stored, in three to six sentences, and invents nothing."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.exchange.assessment_json import estimate_json, profile_json
from riskapp.exchange.narrative import Told, narrative, sentences
from riskapp.exchange.numbers import percent, percent_range
from riskapp.exchange.reading import read_profile
from riskapp.modelstore import engine_named
from riskapp.risk.estimate import EstimateOptions
from tests.web.estimates import contribution, estimate

WOMAN = {"sex": "female", "age_years": 72.0, "population": "gb"}
USED = {
    "slot": "density",
    "label": "Femoral neck density",
    "used": {"on": "2026-05-03", "on_is": "day of the scan", "region": "femoral_neck"},
}


def verdict(**changes: Any) -> dict[str, Any]:
    made = {
        "name": "NOGG 2024", "applies": True, "why_not": "", "category": "high risk",
        "at_least": "high risk", "possible": [], "missing": [], "missing_words": [],
    }  # fmt: skip
    return made | changes


def told(profile: Mapping[str, Any] | None = None, age_then: int = 72, **changes: Any) -> Told:
    beside = {name: changes.pop(name) for name in ("provenance", "measurements") if name in changes}
    return Told(
        estimate=estimate(**changes),
        profile=WOMAN | (profile or {}),
        population="United Kingdom",
        age_then=age_then,
        **beside,
    )


def test_the_whole_paragraph_of_one_person() -> None:
    person = told(
        {"femoral_neck_t_score": -2.2, "osteoporosis_treatment": "denosumab"},
        guidelines=[verdict()],
        measurements=[USED],
    )
    assert narrative(person).replace("\u00a0", " ") == (
        "This woman of 72 has an estimated 10-year probability of 21.6 % (95 % interval 17.4 to "
        "26.6 %) for a major osteoporotic fracture and of 5.9 % (4.0 to 8.7 %) for "
        "a hip fracture, by published results (United Kingdom; FRAX’s effects (2008): comparable "
        "with FRAX, not FRAX itself). "
        "A woman of this age of whom nothing else is known would have 13.8 % for major fracture; "
        "in percentage points, the difference goes with prior fragility fracture (+4.9), femoral "
        "neck T-score −2.2 (+3.3) and no current smoking (−0.4). "
        "The category by NOGG 2024 is “high risk”. "
        "Not known, and averaged over rather than read as no, is parental hip fracture. "
        "Femoral neck density is from the scan of 3 May 2026. "
        "Treatment is denosumab; the estimate is for people who take none."
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"applies": False, "why_not": "It is for women."}, "does not apply: it is for women."),
        (
            {"applies": None, "missing": ["postmenopausal"]},
            "Whether NOGG 2024 applies cannot be decided without postmenopausal.",
        ),
        (
            {"category": None, "possible": ["very high risk", "high risk"],
             "missing": ["femoral_neck_t_score"]},
            "what is known suffices for “high risk”; “very high risk” is also possible, which "
            "cannot be decided without femoral neck T-score.",
        ),
    ],
)  # fmt: skip
def test_a_guideline_is_told_as_far_as_it_decides(changes: dict[str, Any], said: str) -> None:
    assert said in narrative(told(guidelines=[verdict(**changes)]))


def test_what_is_not_stored_is_not_told() -> None:
    plain = told({"osteoporosis_treatment": "none"}, explanation=None, guidelines=[], unknown=[])
    answer, known = sentences(plain)
    assert known == "Everything that the estimate uses is known."
    bare = {name: one | {"interval_95": None} for name, one in plain.estimate["outcomes"].items()}
    first = sentences(told(outcomes=bare))[0]
    assert "interval" not in first
    assert "21.6" in first


def test_an_age_that_was_moved_is_said() -> None:
    person = narrative(told({"age_years": 90.0}, age_then=94))
    assert person.startswith("This woman of 94, estimated for the age of 90, has")


def test_density_that_no_scan_gave_is_said_to_be_given() -> None:
    typed = {"femoral_neck_t_score": -2.2}
    by_hand = "Bone density was typed in or sent, not read from an image."
    assert by_hand in narrative(told(typed, provenance={"femoral_neck_t_score": "typed"}))
    of_scan = {"femoral_neck_t_score": "scan 7 version 1"}
    assert by_hand not in narrative(told(typed, provenance=of_scan))
    assert by_hand not in narrative(told())


def test_what_one_scan_measured_is_told_together() -> None:
    hip = {**USED, "label": "Total hip density"}
    other = {"label": "L1 attenuation", "used": {"on": "2026-01-02", "on_is": "day of arrival"}}
    assert (
        "Femoral neck density and total hip density are from the scan of 3 May 2026 and L1 "
        "attenuation is from the scan received on 2 January 2026."
    ) in narrative(told(measurements=[USED, hip, other, {"label": "Spine", "used": None}]))


def test_few_reasons_are_named_and_groups_with_what_stands_beside_them() -> None:
    explanation = estimate()["explanation"]
    explanation["contributions"] += [
        contribution("trabecular_bone_score", 1.1, 2.0, 1.0) | {"beside": {"l1_attenuation_hu": 9}},
        contribution("glucocorticoids", False, -0.01, 0.0),
    ]
    paragraph = narrative(told(explanation=explanation))
    assert "most of the difference goes with" in paragraph
    assert "trabecular bone score 1.1 with L1 attenuation (+2.0)" in paragraph
    assert "glucocorticoids" not in paragraph


ANSWERS: dict[str, Any] = {
    "prior_fragility_fracture": st.booleans(),
    "parent_hip_fracture": st.booleans(),
    "current_smoker": st.booleans(),
    "glucocorticoids": st.booleans(),
    "alcohol_3_or_more_units_daily": st.booleans(),
    "body_mass_index": st.floats(15, 45),
    "femoral_neck_t_score": st.floats(-4.5, 2),
    "falls_last_year": st.integers(0, 6),
    "type_2_diabetes_years": st.floats(0, 30),
    "postmenopausal": st.just(True),
    "osteoporosis_treatment": st.sampled_from(["none", "denosumab", "other"]),
}


@settings(max_examples=8)
@given(
    answers=st.fixed_dictionaries({}, optional=ANSWERS),
    age=st.floats(40, 90),
    sex=st.sampled_from(["female", "male"]),
    population=st.sampled_from(["gb", "us"]),
)
def test_whoever_it_is_the_paragraph_holds(
    answers: dict[str, Any], age: float, sex: str, population: str
) -> None:
    given_ = answers | {"age_years": age, "sex": sex, "population": population}
    profile = read_profile(given_).profile
    options = EstimateOptions(interval=False)
    engine = engine_named("evidence", evidence_set=options.evidence_set)
    answered = estimate_json(engine.estimate(profile, options))
    person = Told(
        estimate=answered, profile=profile_json(profile), population="Somewhere", age_then=int(age)
    )
    parts = sentences(person)
    assert 3 <= len(parts) <= 6
    paragraph = narrative(person)
    for part in parts:
        assert part.endswith(".")
        assert part[0].isupper()
        assert not re.search(r"\.\.|  | ,|None|nan|True|False|\bframe\b", part), part
    # No name as programs know it, and every percentage is one that is stored.
    assert not re.search(r"\b[a-z]+_[a-z_]+\b", paragraph)
    outcomes = answered["outcomes"].values()
    stored = [percent(one["probability_10y"]) for one in outcomes]
    stored += [percent(one) for one in answered["explanation"]["baseline"].values()]
    stored += [percent_range(one["interval_95"]) or "" for one in outcomes]
    for number in re.findall(r"[\d.]+\u00a0%", paragraph):
        assert any(number in one for one in stored), number
