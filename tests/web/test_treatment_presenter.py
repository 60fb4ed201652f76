"""Choices as counts of people: they add up, small is not none, and no trouble is told twice."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.web.presenters.choices import Choice, choices, counted, group_for, named
from riskapp.web.presenters.treatments import trials
from tests.web.estimates import estimate

WOMAN = {"sex": "female", "age_years": 72.0}


def single() -> dict[str, Choice]:
    told = choices(estimate(), WOMAN)
    assert told is not None
    return {one.name: one for one in told.single}


@settings(deadline=None)
@given(st.floats(1e-6, 1), st.floats(0, 1), st.sampled_from([100, 1_000, 10_000]))
def test_counts_add_up(without: float, share: float, of: int) -> None:
    told = counted(without, without * share, of)
    assert told.with_medicine + told.fewer == told.without
    assert min(told.with_medicine, told.fewer) >= 0
    assert told.without <= of


def test_the_group_grows_until_every_benefit_is_people() -> None:
    assert group_for([0.02, 0.05]) == 100
    assert group_for([0.02, 0.0199]) == 1_000
    assert group_for([0.002, 0.02]) == 1_000
    assert group_for([0.00199]) == 10_000
    assert group_for([0.000001]) == 10_000
    assert counted(0.00001, 0.000001, 10_000).fewer == 0


def test_benefits_stand_over_the_trials_own_years_and_never_beside_other_years() -> None:
    # The estimate by hand: 0.59 % of hip fractures a year. FIT-1: 0.49 over 3 years.
    told = choices(estimate(), WOMAN)
    assert told is not None
    assert told.of == 1_000
    three, longer = told.comparisons
    assert (three.years, longer.years) == (3.0, 5.6)
    assert (three.without, longer.without) == (18, 33)
    first = three.choices[0]
    assert (first.name, first.counted.with_medicine, first.counted.fewer) == ("Alendronate", 9, 9)
    assert [one.name for one in longer.choices] == ["Estrogen plus progestin"]
    assert [one.number for one in told.single] == [1, 2, 3, 4, 5]
    for each in told.comparisons:
        assert {one.counted.without for one in each.choices} == {each.without}
        assert {one.counted.of for one in each.choices} == {told.of}


def test_an_interval_that_was_not_seen_is_not_made_up() -> None:
    told = single()
    assert told["Denosumab"].most is None
    # FIT-1: 0.23 to 0.99 of 18 broken hips among 1,000.
    assert (told["Alendronate"].least, told["Alendronate"].most) == (0, 14)
    assert all(one.most <= one.counted.without for one in told.values() if one.most is not None)


def test_harms_are_counted_out_of_the_same_group_where_somebody_counted_them() -> None:
    told = single()
    # Bauer 2000: 47.5 against 46.2 %; Black 2022: 42.4 against 11.8 %; FREEDOM: 3.0 against 1.7 %.
    stomach = told["Alendronate"].harms.counted[0]
    flu = told["Zoledronate"].harms.counted[0]
    rash = told["Denosumab"].harms.counted[0]
    assert [(one.with_medicine, one.without) for one in (stomach, flu, rash)] == [
        (475, 462),
        (424, 118),
        (30, 17),
    ]
    # WHI: 8 more of 10,000 with breast cancer each year, over 5.6 years.
    assert told["Estrogen plus progestin"].harms.counted[0].more == 4
    assert told["Denosumab"].harms.other == ("Very rarely: a jaw that heals badly.",)


def test_the_same_troubles_are_told_once() -> None:
    told = single()
    assert told["Alendronate"].as_with == ""
    assert told["Risedronate"].as_with == "Alendronate"
    assert told["Zoledronate"].as_with == "Alendronate"
    assert told["Zoledronate"].as_with_number == told["Alendronate"].number
    # In full for whoever leaves the first out of the page.
    assert told["Risedronate"].again.counted == told["Alendronate"].harms.counted[1:]
    says = [harm.says for one in told.values() for harm in one.harms.counted]
    assert len(says) == len(set(says))


@pytest.mark.parametrize(
    ("who", "is_told"),
    [
        ({"sex": "male"}, False),
        ({"sex": "male", "postmenopausal": True}, False),
        ({"age_years": 42.0}, False),
        ({"age_years": 59.9}, False),
        ({"age_years": 60.0}, True),
        ({"age_years": 59.9, "postmenopausal": False}, False),
        ({"age_years": 42.0, "postmenopausal": True}, True),
        ({"osteoporosis_treatment": "zoledronate"}, False),
        ({"osteoporosis_treatment": "none"}, True),
    ],
)
def test_only_untreated_women_known_to_be_past_the_menopause_are_told_numbers(
    who: dict[str, object], is_told: bool
) -> None:
    """On the patient's page and on the clinician's alike."""
    assert (choices(estimate(), WOMAN | who) is not None) == is_told
    assert (trials(estimate(), WOMAN | who).uncounted == "") == is_told


def test_men_are_named_no_menopausal_hormones() -> None:
    assert "Estrogen plus progestin" in [one.name for one in named(WOMAN)]
    names = [one.name for one in named({"sex": "male"})]
    assert names == ["Alendronate", "Risedronate", "Zoledronate", "Denosumab"]


def test_points_are_given_for_hip_fracture_against_placebo_only() -> None:
    for name, lines, harms in trials(estimate(), WOMAN).treatments:
        assert name
        assert harms
        for line in lines:
            if line.absolute:
                assert line.measured == "hip fracture"
                assert line.against == "placebo"
                assert line.years
