"""What an engine rests on is found again on resamples, and chance is not."""

import numpy as np

from riskapp.laboratory.importance import importance_stability
from riskapp.training.completing import completed
from riskapp.training.fitting import engine_of, fit_completed, recipe_for
from riskapp.training.simulation.options import Options, SiteEffect
from riskapp.training.storing import simulated_cohort


def test_a_strong_column_of_the_site_is_important_every_time():
    world = Options(
        people=800,
        seed=6,
        site_effects=(SiteEffect(name="sway", hip=2.5, other=2.5),),
        noise_columns=1,
    )
    people = completed(simulated_cohort(world), 1)
    recipe = recipe_for("cox", 1)
    recipe["settings"] |= {"trust": [1.0], "ridge": [40.0], "folds": 2}
    engine = engine_of(fit_completed(people, recipe), "simulated")
    found = importance_stability(engine, people, recipe, resamples=3, seed=1)
    other = found["other_major_osteoporotic"]
    assert other.columns == people.columns
    sway = other.columns.index("sway")
    assert other.importance.argmax() == sway
    assert other.lower[sway] > other.upper[np.arange(len(other.columns)) != sway].max()
    assert 0 < other.rank_correlation <= 1
    assert set(found) == set(people.taught.follow_up)
