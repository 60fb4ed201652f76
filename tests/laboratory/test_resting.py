"""What an engine rests on, told: a true column leads, and nothing learned is said in words."""

import numpy as np
import pytest

from riskapp.laboratory.page.resting import resting, top_fifths
from riskapp.laboratory.resting import rests_on
from riskapp.training.fitting import recipe_for
from tests.training.made import made_cohort


def test_a_true_column_leads_and_its_curve_falls() -> None:
    cohort = made_cohort(400, grip_effect=-0.9, per_year=0.04, outcomes=("hip", "death"))
    recipe = recipe_for("cox", 1)
    recipe["settings"] |= {"trust": [1.0], "ridge": [10.0], "folds": 2}
    told = {one["cause"]: one for one in rests_on(cohort, recipe, resamples=2, seed=1)}
    hip = told["hip"]
    assert hip["columns"][0]["label"] == "Grip strength"
    assert hip["columns"][0]["interval"][0] > 0.2
    curve = hip["curves"][0]
    assert curve["column"] == "grip"
    assert np.all(np.diff(curve["hazard_ratio"]) < 0)
    grip = np.array(curve["values"])
    slope = np.polyfit(grip, np.log(curve["hazard_ratio"]), 1)[0] * 6  # per SD
    assert slope == pytest.approx(-0.9, abs=0.25)
    page = resting({"rests_on": [hip]})
    assert page is not None
    assert "Grip strength" in page
    assert "cox, hip fracture" in page


def test_nothing_learned_and_nothing_judged_are_told_plainly() -> None:
    nothing = {
        "engine": "cox", "cause": "hip", "resamples": 2, "rank_correlation": None,
        "columns": [], "curves": [],
    }  # fmt: skip
    page = resting({"rests_on": [nothing]})
    assert page is not None
    assert "nothing was learned beside the evidence" in page
    assert resting({"rests_on": []}) is None
    assert top_fifths({"cross_validated": [{"top_fifth": None}]}) is None


def test_the_top_fifth_stands_with_what_was_seen() -> None:
    fifth = {
        "people": 80, "events": 20, "predicted": 0.3, "observed": 0.25, "interval": [0.2, 0.31],
        "ratio": 0.25 / 0.3, "ratio_interval": [0.2 / 0.3, 0.31 / 0.3],
    }  # fmt: skip
    page = top_fifths({"cross_validated": [{"engine": "cox", "top_fifth": fifth}]})
    assert page is not None
    assert "0.83" in page
    assert "20.0 to 31.0" in page
