"""What an open question would bring: the numbers are those of the person with that answer."""

from dataclasses import replace

import pytest

from riskapp.actions.deciding import EitherWay, SpineImage, either_way, spine_image
from riskapp.actions.scoring import Scored, score
from riskapp.actions.supposing import Person
from riskapp.exchange.assessment_json import profile_json
from riskapp.exchange.guideline_wording import either_way_wording, spine_image_wording
from riskapp.risk.estimate import EstimateOptions, Outcome
from riskapp.risk.profile import FACTORS

pytestmark = pytest.mark.django_db
NOGG = EstimateOptions(guideline="nogg-2024")
LOW = "a T-score below \u22121.0"
KNOWN = {
    "population": "gb",
    "age_years": 72,
    "sex": "female",
    "weight_kg": 60,
    "height_cm": 160,
    "prior_fragility_fracture": True,
    "femoral_neck_t_score": -2.0,
}


def asked(answers: dict[str, object]) -> tuple[Person, Scored]:
    scored = score(answers, options=replace(NOGG, explain=False))
    return Person(profile_json(scored.profile), NOGG), scored


def test_each_answer_has_the_number_of_the_person_who_gave_it() -> None:
    person, scored = asked(KNOWN)
    found = either_way(person, scored.estimates[0])
    assert found is not None
    for answer, then in ((False, found.if_no), (True, found.if_yes)):
        other = score(KNOWN | {found.field: answer}, options=NOGG).estimates[0]
        major = other.outcomes[Outcome.MAJOR_OSTEOPOROTIC].probability_10y
        assert then.major == pytest.approx(major, abs=1e-12)
        assert then.at_least == other.guidelines[0].at_least


def test_a_complete_record_has_no_open_question() -> None:
    whole = KNOWN | dict.fromkeys(FACTORS, False) | {"postmenopausal": True}
    person, scored = asked(whole)
    assert either_way(person, scored.estimates[0]) is None


def test_the_sentence_says_whether_the_verdict_changes() -> None:
    same, other = ("high risk", 0.204, 0.051), ("high risk", 0.271, 0.079)
    assert either_way_wording("parent_hip_fracture", same, other, changes=False) == (
        "Parental hip fracture would not change the verdict: major 20.4\u00a0% if no, "
        "27.1\u00a0% if yes."
    )
    told = either_way_wording("postmenopausal", (None, 0.1, 0.02), other, changes=True)
    assert told == (
        "Postmenopausal: does not apply (major 10.0\u00a0%, hip 2.0\u00a0%) if no, "
        "high risk (major 27.1\u00a0%, hip 7.9\u00a0%) if yes."
    )


def test_an_answer_that_leaves_more_open_does_not_pass_for_a_decision() -> None:
    # BHOF treats after a fracture of hip or vertebra: that there was one does not say which.
    asked_of = EstimateOptions(guideline="bhof-2022", explain=False)
    answers = {"population": "us", "age_years": 70, "sex": "female", "postmenopausal": True}
    scored = score(answers, options=asked_of)
    person = Person(profile_json(scored.profile), asked_of)
    found = either_way(person, scored.estimates[0])
    assert found is not None
    assert found.field == "prior_fragility_fracture"
    assert found.still_possible == ("treatment threshold met",)
    same = ("treatment threshold not met", 0.112, 0.03)
    told = either_way_wording(
        found.field, same, same, changes=False, still_possible=found.still_possible
    )
    assert told == (
        "Prior fragility fracture alone would not change the verdict: major 11.2\u00a0% if no, "
        "11.2\u00a0% if yes. Still possible then: treatment threshold met."
    )


def test_changing_means_that_either_answer_gives_another_category() -> None:
    person, scored = asked(KNOWN)
    found = either_way(person, scored.estimates[0])
    assert isinstance(found, EitherWay)
    assert found.changes == ({found.if_no.at_least, found.if_yes.at_least} != {found.now})


# International Society for Clinical Densitometry, official positions 2019 (recalled).
@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({}, (LOW, "age 70 or more")),
        ({"age_years": 69}, ()),
        ({"age_years": 69, "glucocorticoids": True}, (LOW, "glucocorticoids")),
        ({"femoral_neck_t_score": -1.0}, ()),
        ({"prior_fracture_site": "vertebra"}, ()),
        ({"sex": "male"}, ()),
    ],
)
def test_an_image_of_the_spine_has_its_reasons(
    changes: dict[str, object], reasons: tuple[str, ...]
) -> None:
    person, scored = asked(KNOWN | changes)
    image = spine_image(person, scored.profile, scored.estimates[0])
    assert (image.reasons if image else ()) == reasons


def test_what_a_vertebral_fracture_would_make_of_the_verdict_is_said() -> None:
    low = KNOWN | {"prior_fragility_fracture": False}
    person, scored = asked(low)
    image = spine_image(person, scored.profile, scored.estimates[0])
    assert isinstance(image, SpineImage)
    assert image.category not in ("", scored.estimates[0].guidelines[0].at_least)
    told = spine_image_wording(image.reasons, image.category, "the source")
    assert told.endswith(f"A vertebral fracture on it would make it {image.category}.")
    assert spine_image_wording(("one", "two"), "", "S") == "An image of the spine: one and two (S)."
