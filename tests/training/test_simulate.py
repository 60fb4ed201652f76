"""Simulated people: reproducible, true to the evidence engine and to what is assumed."""

import numpy as np
import pandas as pd
import pytest

from riskapp.risk.competing import cumulative_incidence
from riskapp.risk.design_row import Floats
from riskapp.risk.evidence_sets import evidence_set
from riskapp.risk.hazards import Factors, hazards
from riskapp.risk.populations import population
from riskapp.training.assumptions import ASSUMPTIONS, assumed
from riskapp.training.calibrate import observed_incidence
from riskapp.training.simulate import STEP_YEARS, simulate, true_hazards
from tests.training.people import fresh_people


def columns() -> dict[str, Floats]:
    cohort = fresh_people()
    return {name: cohort.rows[:, i] for i, name in enumerate(cohort.columns)}


def test_the_same_seed_gives_the_same_people_and_another_seed_others() -> None:
    pd.testing.assert_frame_equal(simulate(300, 7), simulate(300, 7))
    assert not simulate(300, 7).equals(simulate(300, 8))


def test_what_happens_is_as_frequent_as_the_hazards_say() -> None:
    # Aalen-Johansen over 30,000 people against the average of their own probabilities.
    truth, follow_up = true_hazards(columns(), "gb"), fresh_people().follow_up
    major = truth.hip + truth.other_major_osteoporotic
    for name, hazard in (("hip", truth.hip), ("major_osteoporotic", major)):
        expected = cumulative_incidence(hazard, truth.death, STEP_YEARS)[:, -1].mean()
        seen = observed_incidence(follow_up[name], follow_up["death"])
        assert seen == pytest.approx(expected, abs=4 * np.sqrt(expected / 30_000))


def test_image_features_leave_the_average_hazard_with_the_evidence_engine() -> None:
    drawn = columns()
    clinical = {name: drawn[name] for name in Factors.__dataclass_fields__}
    parameters = evidence_set("frax-2008", "gb").parameters
    published = hazards(Factors(**clinical), population("gb"), parameters)
    truth = true_hazards(drawn, "gb")
    assert truth.hip.mean() == pytest.approx(published.hip.mean(), rel=0.02)
    np.testing.assert_array_equal(truth.death, published.death)


def test_an_attenuation_one_sd_lower_multiplies_the_hazard_as_assumed() -> None:
    drawn = columns()
    lower = drawn | {"l1_attenuation_hu": drawn["l1_attenuation_hu"] - assumed("hu_sd")}
    ratio = true_hazards(lower, "gb").hip / true_hazards(drawn, "gb").hip
    np.testing.assert_allclose(ratio, assumed("hu_hip"))


def test_another_fracture_does_not_end_the_wait_for_a_hip_fracture() -> None:
    people = simulate(20_000, 11)
    both = people[people["hip_event"] & people["major_event"]]
    assert (both["hip_time_years"] >= both["major_time_years"]).all()
    assert (both["hip_time_years"] > both["major_time_years"]).sum() > 20
    died = people[people["death_event"]]
    assert (died["hip_time_years"] <= died["death_time_years"]).all()


def test_attenuation_falls_with_age_about_as_published() -> None:
    # Jang 2019, doi:10.1148/radiol.2019181648: 2.5 HU a year, 89 HU (SD 38) past 90.
    people = simulate(20_000, 12)
    slope = np.polyfit(people["age_years"], people["l1_attenuation_hu"], 1)[0]
    assert slope == pytest.approx(-2.5, abs=0.5)
    oldest = people[people["age_years"] > 88]["l1_attenuation_hu"]
    assert oldest.mean() == pytest.approx(89, abs=25)


def test_every_assumption_is_marked_and_says_where_it_comes_from() -> None:
    for each in ASSUMPTIONS.values():
        assert each.mark in {"seen", "assumption"}
        assert each.source
