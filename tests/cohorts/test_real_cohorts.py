"""Real cohorts are read with a JSON of some thirty lines each, and nothing in them is refused."""

import numpy as np

from riskapp.risk.bone_density import Site
from tests.cohorts.real import read_real


def test_the_longitudinal_cohort_keeps_everybody_but_ages_above_90_and_one_density() -> None:
    cohort = read_real("longitudinal")
    assert cohort.left_out == {
        "Age outside 40 to 90 years": 8,
        "Lumbar spine BMD outside 0.2 to 2 g/cm²": 1,
    }
    assert len(cohort.profiles) == 1235
    assert not cohort.first_events_only
    known = sum("quad" in profile.site_values for profile in cohort.profiles)
    assert 1150 < known < 1235
    assert cohort.profiles[0].t_score(Site.FEMORAL_NECK) is not None
    clamped = read_real("longitudinal", clamp_age=True)
    assert len(clamped.profiles) == 1243
    assert any(remark.startswith("8 people: age outside") for remark in clamped.remarks)


def test_hip_fractures_after_another_fracture_are_still_waited_for() -> None:
    follow_up = read_real("longitudinal", clamp_age=True).follow_up
    hip, any_fracture = follow_up["hip"], follow_up["any"]
    assert hip.event.sum() == 54
    after = hip.event & any_fracture.event & (hip.years > any_fracture.years)
    assert after.sum() == 19


def test_glow_has_no_times_and_says_what_is_made_of_that() -> None:
    cohort = read_real("glow")
    assert len(cohort.profiles) == 500
    assert set(cohort.follow_up) == {"any"}
    event, years = cohort.follow_up["any"].event, cohort.follow_up["any"].years
    assert event.sum() == 125
    assert set(years[event]) == {0.5}
    assert set(years[~event]) == {1.0}
    assert any("No times are given for any" in remark for remark in cohort.remarks)


def test_a_cohort_of_deaths_only_is_one_too() -> None:
    cohort = read_real("nhanes")
    assert len(cohort.profiles) == 4718
    assert cohort.follow_up["death"].event.sum() == 1653
    np.testing.assert_array_less(0, cohort.follow_up["death"].years)
    assert any("half a unit was added" in remark for remark in cohort.remarks)
