"""Which vertebrae stand for the spine, how far scans repeat, and makers' scales."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.densitometry.cross_calibration import (
    GENANT_SPINE,
    STANDARDISED,
    converted_bmd_g_cm2,
    standardised_bmd_mg_cm2,
)
from imaging.densitometry.dxa import numbers_by_region, recomputed, sites_measured
from imaging.densitometry.precision import (
    acceptable_precision,
    least_significant_change,
)
from imaging.densitometry.vertebrae import Vertebra, bmd_together, vertebrae_to_use
from imaging.result import Measurement

LEVELS = ("L1", "L2", "L3", "L4")


def spine(*t_scores: float) -> dict[str, Vertebra]:
    return {level: Vertebra(1.0, t) for level, t in zip(LEVELS, t_scores, strict=False)}


@pytest.mark.parametrize(
    ("t_scores", "kept"),
    [
        ((-2.0, -2.1, -1.9, -2.2), "L1 L2 L3 L4"),
        ((-2.0, -1.0, -2.0, -2.2), "L1 L2 L3 L4"),  # exactly 1.0 is not more than 1.0
        ((-2.0, -0.9, -2.0, -2.2), "L1 L3 L4"),
        ((-2.0, -2.1, -1.9, -0.8), "L1 L2 L3"),
        ((-3.2, -2.0, -1.9, -2.1), "L2 L3 L4"),
        ((-0.1, -0.4, 1.1, 1.7), "L1 L2"),  # a step: the denser side goes
        ((-3.0, -1.8, -0.6, 0.6), ""),  # each more than 1.0 from the next: none is believed
        ((-2.0, 0.5), ""),
        ((-2.0, -2.4), "L1 L2"),
    ],
)
def test_the_rule_of_the_iscd(t_scores: tuple[float, ...], kept: str) -> None:
    use = vertebrae_to_use(spine(*t_scores))
    assert " ".join(use.kept) == kept
    assert set(use.kept) | set(use.left_out) == set(LEVELS[: len(t_scores)])


def test_what_a_person_rules_out_stays_out_and_one_vertebra_is_none() -> None:
    whole = spine(-2.0, -2.1, -1.9, -2.2)
    use = vertebrae_to_use(whole, {"L1": "fractured"})
    assert (use.kept, use.left_out) == (("L2", "L3", "L4"), {"L1": "fractured"})
    alone = vertebrae_to_use(whole, dict.fromkeys(("L1", "L2", "L3"), "metal"))
    assert not alone.usable
    assert "single" in alone.left_out["L4"]


def test_without_t_scores_nothing_is_left_out() -> None:
    assert vertebrae_to_use({level: Vertebra(1.0) for level in LEVELS}).kept == LEVELS


@given(st.lists(st.floats(-5, 3).map(lambda t: round(t, 1)), min_size=2, max_size=4))
def test_what_remains_hangs_together_whatever_the_scores(scores: list[float]) -> None:
    use = vertebrae_to_use(spine(*scores))
    left = [scores[LEVELS.index(level)] for level in use.kept]
    assert len(left) != 1
    assert all(abs(a - b) <= 1.0 + 1e-9 for a, b in zip(left, left[1:], strict=False))


def test_bmd_of_several_is_mass_over_area() -> None:
    vertebrae = {"L1": Vertebra(0.7, -2.6, 8.47, 12.1), "L2": Vertebra(0.74, -2.6, 9.62, 13.0)}
    assert bmd_together(vertebrae, ("L1", "L2")) == pytest.approx((18.09, 25.1, 0.72072), abs=1e-4)
    assert bmd_together({"L1": Vertebra(0.7)}, ("L1",)) is None


def test_least_significant_change_at_the_iscd_limits() -> None:
    # ISCD: 5.3 % spine, 5.0 % total hip, 6.9 % femoral neck.
    for region, percent in (("L1-L4", 5.3), ("total_hip_left", 5.0), ("femoral_neck", 6.9)):
        precision = acceptable_precision(region)
        assert precision is not None
        assert 100 * least_significant_change(precision.of(1.0)) == pytest.approx(percent, abs=0.05)
    assert acceptable_precision("L2") is None
    assert acceptable_precision("radius_33_left") is None


def test_fewer_vertebrae_need_a_larger_change() -> None:
    limits = [acceptable_precision(region) for region in ("L1-L4", "L1-L2,L4", "L2-L3")]
    values = [limit.of(1.0) for limit in limits if limit is not None]
    assert values == pytest.approx([0.019, 0.019 * 1.07, 0.019 * 1.24])


@pytest.mark.parametrize("site", sorted(STANDARDISED))
def test_makers_scales_lead_back_to_where_they_began(site: str) -> None:
    for maker in STANDARDISED[site]:
        there = converted_bmd_g_cm2(site, 0.85, "hologic", maker)
        assert converted_bmd_g_cm2(site, there, maker, "hologic") == pytest.approx(0.85)


def test_spine_equations_meet_at_the_phantom_mean_and_agree_with_the_older_ones() -> None:
    # Hui 1997: each maker's own mean of the same people is 1043.6 mg/cm2.
    for maker, mean in (("hologic", 0.972), ("ge_lunar", 1.100), ("norland", 0.969)):
        assert standardised_bmd_mg_cm2("lumbar_spine", mean, maker) == pytest.approx(1043.6)
        assert GENANT_SPINE[maker] * mean == pytest.approx(1043.6, rel=0.02)


def number(name: str, region: str, value: float) -> Measurement:
    return Measurement(
        name=name, region=region, value=value, unit="", method="", source="", precision=""
    )


def test_a_site_is_listed_once_with_the_vertebrae_that_may_be_used() -> None:
    numbers = [number("t_score", f"L{n}", t) for n, t in enumerate((-2.0, -2.1, -1.9, 0.5), 1)]
    numbers += [number("areal_bmd", f"L{n}", 0.8) for n in range(1, 5)]
    numbers += [number("areal_bmd", region, 0.8) for region in ("L1-L4", "L1-L3")]
    numbers.append(number("areal_bmd", "femoral_neck_left", 0.6))
    found = {(site.site, site.side, site.region) for site in sites_measured(numbers)}
    assert found == {
        ("lumbar_spine", None, "L1-L3"),
        ("femoral_neck", "left", "femoral_neck_left"),
    }


def test_what_remains_is_recomputed_only_with_areas() -> None:
    numbers = [
        number(name, level, value)
        for level in ("L1", "L2")
        for name, value in (("areal_bmd", 0.7), ("bmc", 7.0), ("area", 10.0))
    ]
    by_region = numbers_by_region(numbers)
    again = {n.name: n.value for n in recomputed(by_region, "L1-L2", ("L1", "L2"))}
    assert again == {"bmc": 14.0, "area": 20.0, "areal_bmd": 0.7}
    assert recomputed(numbers_by_region(numbers[:1]), "L1", ("L1",)) == []
