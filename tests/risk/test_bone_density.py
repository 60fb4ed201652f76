"""T-scores against the published definition, and between manufacturers' scales."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskapp.risk.bone_density import (
    DxaManufacturer,
    Site,
    as_printed,
    as_printed_each,
    hologic_equivalent_g_cm2,
    t_score_at,
)

# Looker 1998 (NHANES III), femoral neck: 0.858 (SD 0.120) g/cm2; WHO criterion, Kanis 1994.
PUBLISHED = [
    pytest.param(0.858, 0.0, id="young adult mean"),
    pytest.param(0.738, -1.0, id="osteopenia begins"),
    pytest.param(0.558, -2.5, id="osteoporosis begins"),
]


@pytest.mark.parametrize(("bmd", "expected"), PUBLISHED)
def test_t_score_equals_published_value(bmd: float, expected: float) -> None:
    assert t_score_at(Site.FEMORAL_NECK, bmd, DxaManufacturer.HOLOGIC) == pytest.approx(expected)


def test_lunar_reads_the_young_adult_mean_as_its_own_reference() -> None:
    # The Lunar-equivalent of Hologic 0.858 is published as 1.038 (SD 0.139), to three figures.
    mean = t_score_at(Site.FEMORAL_NECK, 1.038, DxaManufacturer.GE_LUNAR)
    one_below = t_score_at(Site.FEMORAL_NECK, 1.038 - 0.139, DxaManufacturer.GE_LUNAR)
    assert mean == pytest.approx(0.0, abs=0.01)
    assert one_below == pytest.approx(-1.0, abs=0.01)


def test_spine_has_no_reference_yet() -> None:
    assert t_score_at(Site.LUMBAR_SPINE, 1.0, DxaManufacturer.HOLOGIC) is None


@given(
    bmd=st.floats(0.2, 1.9),
    made_by=st.sampled_from(DxaManufacturer),
    site=st.sampled_from([Site.FEMORAL_NECK, Site.TOTAL_HIP]),
)
def test_denser_bone_never_scores_lower(bmd: float, made_by: DxaManufacturer, site: Site) -> None:
    here, denser = t_score_at(site, bmd, made_by), t_score_at(site, bmd + 0.05, made_by)
    assert here is not None
    assert denser is not None
    assert denser > here


def test_hologic_is_its_own_equivalent() -> None:
    assert hologic_equivalent_g_cm2(Site.TOTAL_HIP, 0.9, DxaManufacturer.HOLOGIC) == 0.9


def test_many_are_printed_as_each_is() -> None:
    half_way = np.arange(-600, 600, 5) / 100
    near = [half_way + away for away in (0, 1e-15, -1e-15, 4e-10, -4e-10, 6e-10, -6e-10)]
    t_scores = np.concatenate([*near, np.random.default_rng(3).normal(-2, 2, 1000)])
    assert as_printed_each(t_scores).tolist() == [as_printed(one) for one in t_scores.tolist()]
