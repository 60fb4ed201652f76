"""The one reader: every door's answers, blanks, slips and contradictions."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.exchange.assessment_json import profile_json
from riskapp.exchange.choices import CHOICES
from riskapp.exchange.fields import FIELDS
from riskapp.exchange.reading import CHOICES as READ_CHOICES
from riskapp.exchange.reading import YES_OR_NO, read_profile
from riskapp.risk.errors import InvalidProfile
from riskapp.risk.profile import FIELD_NAMES

PERSON = {"population": "gb", "age_years": 70, "sex": "female"}


def refused(answers: dict[str, object], **options: bool) -> dict[str, str]:
    with pytest.raises(InvalidProfile) as refusal:
        read_profile(answers, **options)
    return refusal.value.by_field


def test_text_and_typed_values_give_one_profile() -> None:
    typed = PERSON | {"femoral_neck_t_score": -2.5, "current_smoker": True, "falls_last_year": 2}
    text = {
        "population": "GB",
        "age_years": "70",
        "sex": " Female",
        "femoral_neck_t_score": "-2.5",
        "current_smoker": "yes",
        "falls_last_year": "2.0",
    }
    assert read_profile(typed).profile == read_profile(text).profile


def test_blank_is_not_known_and_never_no() -> None:
    profile = read_profile(PERSON | {"current_smoker": "", "glucocorticoids": None}).profile
    assert profile.current_smoker is None
    assert profile.glucocorticoids is None


def test_a_slip_in_a_name_is_refused() -> None:
    assert "parental_hip" in refused(PERSON | {"parental_hip": True})["parental_hip"]


def test_all_problems_are_named_at_once() -> None:
    found = refused({"sex": "femal", "weight_kg": "heavy", "height_cm": 1.6, "wieght": 3})
    assert set(found) == {
        "population",
        "age_years",
        "sex",
        "weight_kg",
        "height_cm",
        "wieght",
    }


def test_contradictions_are_found_beside_unreadable_answers() -> None:
    found = refused(
        PERSON | {"age_years": "old", "weight_kg": 60, "height_cm": 160, "body_mass_index": 30}
    )
    assert set(found) == {"age_years", "body_mass_index"}


@pytest.mark.parametrize(
    "hostile", ["NaN", "inf", "-inf", "1e400", "seventy", "1_0", "9" * 50, True, [7], 10**400]
)
def test_what_is_no_plain_number_is_refused(hostile: object) -> None:
    assert "plain number" in refused(PERSON | {"weight_kg": hostile})["weight_kg"]


@pytest.mark.parametrize(("age", "accepted"), [(39.9, False), (40, True), (90, True), (91, False)])
def test_age_limits(age: float, accepted: bool) -> None:
    if accepted:
        assert read_profile(PERSON | {"age_years": age}).profile.age_years == age
    else:
        said = refused(PERSON | {"age_years": age})["age_years"]
        assert "expected 40 to 90" in said
        assert ". " not in said  # one sentence


@pytest.mark.parametrize(("age", "computed_at"), [(18, 40), (39, 40), (91, 90), (120, 90)])
def test_clamped_age_says_so(age: float, computed_at: float) -> None:
    reading = read_profile(PERSON | {"age_years": age}, clamp_age=True)
    assert reading.profile.age_years == computed_at
    assert f"{age:g}" in reading.warnings[0]


@pytest.mark.parametrize("age", [17, 17.99, 120.01, 121])
def test_an_impossible_age_is_refused_even_when_clamping(age: float) -> None:
    said = refused(PERSON | {"age_years": age}, clamp_age=True)["age_years"]
    assert said == f"Age is {age:g} years; expected 18 to 120 years."


@pytest.mark.parametrize(
    ("name", "slip"), [("age_years", "old"), ("sex", "f e"), ("population", 7)]
)
def test_what_is_needed_is_not_said_to_be_left_blank(name: str, slip: object) -> None:
    assert "blank" not in refused(PERSON | {name: slip})[name]
    assert "blank" in refused(PERSON | {"weight_kg": "old"})["weight_kg"]


def test_a_population_that_is_not_built_is_refused_beside_the_others() -> None:
    assert "gb" in refused(PERSON | {"population": "zz"})["population"]


@pytest.mark.parametrize("name", YES_OR_NO)
@pytest.mark.parametrize("answer", ["maybe", 2, 0.5, "y e s"])
def test_yes_or_no_is_not_guessed(name: str, answer: object) -> None:
    assert name in refused(PERSON | {name: answer})


@settings(deadline=None)
@given(
    st.fixed_dictionaries(
        {
            "population": st.just("gb"),
            "age_years": st.floats(40, 90),
            "sex": st.sampled_from(["female", "male"]),
        },
        optional={
            "body_mass_index": st.floats(10, 80),
            "femoral_neck_t_score": st.floats(-8, 6),
            "dxa_date": st.dates(date(1990, 1, 1), date(2026, 1, 1)),
            "falls_last_year": st.integers(0, 50),
            "prior_fracture_site": st.sampled_from(list(CHOICES["prior_fracture_site"])),
            "osteoporosis_treatment": st.sampled_from(list(CHOICES["osteoporosis_treatment"])),
        }
        | {name: st.booleans() for name in YES_OR_NO},
    )
)
def test_what_is_written_reads_back_equal(answers: dict[str, object]) -> None:
    if answers.get("prior_fragility_fracture") is False:
        answers.pop("prior_fracture_site", None)
    profile = read_profile(answers).profile
    assert read_profile(profile_json(profile)).profile == profile


@pytest.mark.parametrize(
    "detail",
    [
        {"prior_fracture_site": "hip"},
        {"number_of_prior_fractures": 1},
        {"prior_fracture_months_ago": 0},
    ],
)
def test_a_fracture_is_not_denied_and_described_at_once(detail: dict[str, object]) -> None:
    said = refused(PERSON | detail | {"prior_fragility_fracture": False})
    assert "correct one of the two" in said["prior_fragility_fracture"]
    for answer in (True, None):
        read_profile(PERSON | detail | {"prior_fragility_fracture": answer})
    read_profile(PERSON | {"prior_fragility_fracture": False, "number_of_prior_fractures": 0})


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("\u22122.5", -2.5),
        ("\u22122,5", -2.5),
        ("-2,5", -2.5),
        ("1,2345", 1.2345),
        ("0,712", 0.712),
        (" 3,0 ", 3.0),
    ],
)
def test_a_number_is_read_as_people_write_it(written: str, meant: float) -> None:
    profile = read_profile(PERSON | {"femoral_neck_t_score": written}).profile
    assert profile.femoral_neck_t_score == meant


@pytest.mark.parametrize("written", ["1,234", "-1,234", "1,2,3", "1,2.3", ",", "1.234,5"])
def test_a_comma_that_may_mean_thousands_is_not_guessed(written: str) -> None:
    said = refused(PERSON | {"femoral_neck_t_score": written})["femoral_neck_t_score"]
    assert ("write 70.5" in said) == (written.lstrip("-") == "1,234")


def test_sentences_show_units_as_clinicians_write_them() -> None:
    said = refused(
        PERSON
        | {"age_years": 96, "body_mass_index": 99, "femoral_neck_bmd_g_cm2": 5}
        | {"l1_attenuation_hu": 999, "lumbar_spine_t_score": -9}
    )
    assert "Age is 96 years" in said["age_years"]
    assert "10 to 80 kg/m\u00b2" in said["body_mass_index"]
    assert "0.2 to 2 g/cm\u00b2" in said["femoral_neck_bmd_g_cm2"]
    assert "999 HU" in said["l1_attenuation_hu"]
    assert "Lumbar spine T-score is \u22129" in said["lumbar_spine_t_score"]
    said = refused(
        PERSON
        | {"dxa_manufacturer": "hologic", "total_hip_bmd_g_cm2": 0.5, "total_hip_t_score": -1}
    )
    assert (
        "Total hip T-score is \u22121, but the BMD of 0.5 g/cm\u00b2" in said["total_hip_t_score"]
    )


def test_every_field_has_words_and_every_choice_a_label() -> None:
    assert list(FIELDS) == list(FIELD_NAMES)
    assert {name: set(choices) for name, choices in READ_CHOICES.items()} == {
        name: set(labels) for name, labels in CHOICES.items()
    }
    assert all(FIELDS[name].lay_no for name in YES_OR_NO)
