"""Where a learned engine was taught and where not: strangers, values never seen, warnings."""

from dataclasses import replace

import numpy as np
import pytest

from riskapp import modelstore
from riskapp.risk.errors import OutsideModelRange
from riskapp.risk.profile import Treatment
from tests.risk.shipped import (
    BARE,
    KNOWN,
    LEARNED,
    OPTIONS,
    engine,
    major,
)


@pytest.mark.parametrize("name", LEARNED)
def test_elsewhere_the_evidence_goes_on_with_a_warning(name: str) -> None:
    abroad = engine(name).estimate(replace(KNOWN, population="us"), BARE)
    assert "learned from people of population gb" in " ".join(abroad.warnings)
    there = modelstore.engine_named("evidence").estimate(replace(KNOWN, population="us"), BARE)
    here = modelstore.engine_named("evidence").estimate(KNOWN, BARE)
    assert abs(major(there) - major(here)) > 0.01
    at_home = major(engine(name).estimate(KNOWN, BARE))
    assert major(abroad) / at_home == pytest.approx(major(there) / major(here), rel=0.1)


@pytest.mark.parametrize("name", LEARNED)
def test_what_was_learned_is_not_carried_beyond_what_was_seen(name: str) -> None:
    answering = engine(name)
    low, lower = (
        answering.completed_rows(replace(KNOWN, lumbar_texture_score=value)) for value in (0.7, 0.6)
    )
    np.testing.assert_allclose(
        answering.log_hazard_ratios("hip", low), answering.log_hazard_ratios("hip", lower)
    )


def test_an_engine_without_evidence_to_start_from_refuses_strangers() -> None:
    alone = replace(engine("cox"), anchored=False, age_years=(60.0, 75.0))
    assert (alone.evidence_set, engine("cox").evidence_set) == ("", "frax-2008")
    with pytest.raises(OutsideModelRange, match="population gb only"):
        alone.estimate(replace(KNOWN, population="us"), OPTIONS)
    with pytest.raises(OutsideModelRange, match="aged 60 to 75"):
        alone.estimate(replace(KNOWN, age_years=75.1), OPTIONS)
    assert alone.estimate(replace(KNOWN, age_years=75), OPTIONS)


@pytest.mark.parametrize("name", LEARNED)
def test_warnings_mark_simulation_treatment_and_values_never_seen(name: str) -> None:
    odd = replace(KNOWN, lumbar_texture_score=0.2, osteoporosis_treatment=Treatment.DENOSUMAB)
    warnings = " ".join(engine(name).estimate(odd, OPTIONS).warnings)
    assert "simulated people" in warnings
    assert "On osteoporosis treatment" in warnings
    assert "lumbar_texture_score is 0.2" in warnings
    site = replace(KNOWN, site_values={"grip": 20.0})
    assert f"Given but not used by the engine {name}: grip." in " ".join(
        engine(name).estimate(site, OPTIONS).warnings
    )
    usual = " ".join(engine(name).estimate(KNOWN, OPTIONS).warnings)
    assert "trained on ranged" not in usual
    assert "not used" not in usual
