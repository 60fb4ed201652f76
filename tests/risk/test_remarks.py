"""What has to be said beside a number, and on both sides of where it begins."""

import pytest

from riskapp.exchange.reading import read_profile
from riskapp.risk.estimate import EstimateOptions
from riskapp.risk.modifier_reading import stored
from riskapp.risk.modifier_words import only_tells_what_is_left_out, remarks_by_field
from riskapp.risk.predicting import USED
from riskapp.risk.remarks import remarks

PERSON = {"population": "gb", "age_years": 70, "sex": "female", "osteoporosis_treatment": "none"}


def said(used: tuple[str, ...] = USED, **answers: object) -> str:
    profile = read_profile(PERSON | answers).profile
    return " ".join(remarks(profile, EstimateOptions(), used, "this"))


@pytest.mark.parametrize(
    ("answers", "direction"),
    [
        ({"falls_last_year": 1}, None),
        ({"falls_last_year": 2}, "higher"),
        ({"prior_fragility_fracture": True, "prior_fracture_months_ago": 24}, "higher"),
        ({"prior_fragility_fracture": True, "prior_fracture_months_ago": 25}, None),
        ({"glucocorticoids": True, "glucocorticoid_dose_mg_daily": 2.4}, "lower"),
        ({"glucocorticoids": True, "glucocorticoid_dose_mg_daily": 2.5}, None),
        ({"glucocorticoids": True, "glucocorticoid_dose_mg_daily": 7.4}, None),
        ({"glucocorticoids": True, "glucocorticoid_dose_mg_daily": 7.5}, "higher"),
        ({"glucocorticoids": True, "glucocorticoid_dose_mg_daily": 0}, "lower"),
        ({"glucocorticoids": False, "glucocorticoid_dose_mg_daily": 0}, None),
    ],
)
def test_a_decisive_answer_that_is_left_out_says_where_the_truth_lies(
    answers: dict[str, object], direction: str | None
) -> None:
    told = said(**answers)
    assert ("the true risk is probably" in told) == (direction is not None)
    assert direction is None or f"probably {direction} than shown" in told


def test_an_engine_that_uses_the_answer_says_nothing_of_it() -> None:
    assert "probably" not in said(used=(*USED, "falls_last_year"), falls_last_year=5)


def test_a_fracture_that_is_described_but_not_confirmed_is_said_not_to_count() -> None:
    assert "so the fracture is not counted" in said(prior_fracture_site="hip")
    assert "not counted" not in said(prior_fracture_site="hip", prior_fragility_fracture=True)


def test_what_counts_is_told_from_where_the_modifiers_count_it() -> None:
    falls, dose = stored("falls"), stored("glucocorticoid-dose")
    assert f"{falls['recurrent_from']} or more falls" in said(
        falls_last_year=falls["recurrent_from"]
    )
    high = dose["high_from_mg_daily"]
    told = said(glucocorticoids=True, glucocorticoid_dose_mg_daily=high)
    assert f"{high:g} mg of prednisolone daily or more: the true risk is probably higher" in told


@pytest.mark.parametrize(
    ("answers", "is_note"),
    [
        ({"hip_axis_length_mm": 104}, True),
        ({"prior_fragility_fracture": True, "prior_fracture_site": "vertebra"}, True),
        ({"femoral_neck_t_score": -2, "total_hip_t_score": -2}, True),
        ({"prior_fragility_fracture": True, "number_of_prior_fractures": 2}, False),
    ],
)
def test_a_remark_on_what_is_left_out_is_a_note_unless_more_follows_from_it(
    answers: dict[str, object], is_note: bool
) -> None:
    read = read_profile(PERSON | answers).profile
    (told,) = [one for one in remarks_by_field(read, "frax-2008").values() if "not used:" in one]
    assert only_tells_what_is_left_out(told) == is_note


def test_a_described_fracture_that_is_not_confirmed_stays_a_warning() -> None:
    read = read_profile(PERSON | {"prior_fracture_site": "hip"}).profile
    described = [one for one in remarks(read, EstimateOptions(), USED, "this") if "counted" in one]
    assert [only_tells_what_is_left_out(one) for one in described] == [False]


@pytest.mark.parametrize(
    ("neck", "end"), [(2.6, "check it: is the sign right?"), (6.0, "check it."), (-2.6, "")]
)
def test_a_femoral_neck_that_may_have_lost_its_minus_is_asked_for_its_sign(
    neck: float, end: str
) -> None:
    answers = PERSON | {"age_years": 75, "prior_fragility_fracture": True}
    answers |= {"femoral_neck_t_score": neck, "lumbar_spine_t_score": -2.0}
    told = remarks_by_field(read_profile(answers).profile, "frax-2008")
    assert told.get("femoral_neck_t_score", "").endswith(end)
    # The spine is held against a femoral neck that may be true.
    assert ("lumbar_spine_t_score" in told) is (neck == 6.0)


def test_one_prior_fracture_says_no_more_than_that_there_was_one() -> None:
    for number, told in ((1, 0), (2, 1)):
        answers = PERSON | {"prior_fragility_fracture": True, "number_of_prior_fractures": number}
        assert len(remarks_by_field(read_profile(answers).profile, "frax-2008")) == told
