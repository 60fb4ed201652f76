"""Benefits of medicines as counts of people: they add up, and small is not none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.web.presenters.treatments import counted, group_for, medicines, trials
from tests.web.estimates import estimate

WOMAN = {"sex": "female", "age_years": 72.0}


@settings(deadline=None)
@given(st.floats(1e-6, 1), st.floats(0, 1), st.sampled_from([100, 1_000, 10_000]))
def test_counts_add_up(without: float, share: float, of: int) -> None:
    told = counted(without, without * share, of)
    assert told.with_medicine + told.fewer == told.without
    assert min(told.with_medicine, told.fewer) >= 0
    assert told.without <= of
    assert told.is_below_one == (told.fewer == 0)


def test_the_group_grows_until_every_benefit_is_people() -> None:
    assert group_for([0.02, 0.05]) == 100
    assert group_for([0.02, 0.004]) == 1_000
    assert group_for([0.0004]) == 10_000
    assert group_for([0.000001]) == 10_000
    assert counted(0.00001, 0.000001, 10_000).is_below_one


def test_benefits_stand_over_the_trials_own_years() -> None:
    # The estimate by hand: 0.59 % of hip fractures a year. FIT-1: 0.49 over 3 years.
    told = {one.name: one for one in medicines(estimate(), WOMAN)}
    first = told["Alendronate"]
    assert (first.years, first.counted.group) == ("3", "1,000")
    assert (first.counted.without, first.counted.with_medicine, first.counted.fewer) == (18, 9, 9)
    assert told["Estrogen plus progestin"].years == "5.6"
    assert told["Estrogen plus progestin"].counted.without == 33
    # Denosumab's interval was not seen: none is made up from half of it.
    assert told["Denosumab"].most is None
    assert first.most is not None


def test_the_same_troubles_are_told_once() -> None:
    told = {one.name: one.same_harms_as for one in medicines(estimate(), WOMAN)}
    assert told["Alendronate"] == ""
    assert told["Risedronate"] == "Alendronate"
    assert told["Zoledronate"] == ""


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
    ],
)
def test_only_women_known_to_be_past_the_menopause_are_told_numbers(
    who: dict[str, object], is_told: bool
) -> None:
    assert bool(medicines(estimate(), WOMAN | who)) == is_told


def test_points_are_given_for_hip_fracture_against_placebo_only() -> None:
    for name, lines, harms in trials(estimate()):
        assert name
        assert harms
        for line in lines:
            if line.absolute:
                assert line.measured == "hip fracture"
                assert line.against == "placebo"
                assert line.years
