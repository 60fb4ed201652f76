"""Two visits: the change beside what repeating a scan changes, and when there is none to give."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from imaging.densitometry.precision import Precision
from imaging.errors import UnsuitableScan
from imaging.over_time.change import compare
from imaging.over_time.comparable import CrossCalibration
from imaging.over_time.registration import align, carried_over, elsewhere
from imaging.projection import Projection
from imaging.result import Acquired, Kind, Measurement, Region, ScanMeasurement, Spacing, Status
from tests.imaging.conftest import DrawnSpine

HIP = Kind(modality="dxa", body_part="hip", view="ap", laterality="left")
SCANNER = Acquired(manufacturer="hologic", model="Horizon A", serial="1")


def number(name: str, region: str, value: float, stability: float | None = None) -> Measurement:
    return Measurement(
        name=name,
        region=region,
        value=value,
        unit="g/cm2",
        method="",
        source="",
        precision="",
        stability=stability,
    )


def visit(
    on: str | None, *numbers: Measurement, kind: Kind = HIP, **made: object
) -> ScanMeasurement:
    acquired = replace(SCANNER, on=on, **made)  # type: ignore[arg-type]
    return ScanMeasurement(
        status=Status.MEASURED, kind=kind, measurements=numbers, acquired=acquired
    )


def hip(on: str | None, bmd: float, **made: object) -> ScanMeasurement:
    return visit(on, number("areal_bmd", "total_hip_left", bmd), **made)


def test_a_change_beyond_the_iscd_limit_is_larger_than_repeating_explains() -> None:
    found = compare(hip("2020-01-01", 0.800), hip("2022-01-01", 0.740))
    (change,) = found.changes
    assert found.years == pytest.approx(2.0, abs=0.01)
    # 2.77 x 1.8 % of the mean of both.
    assert change.least_significant == pytest.approx(2.77 * 0.018 * 0.770)
    assert change.absolute == pytest.approx(-0.060)
    assert change.percent == pytest.approx(-7.5)
    assert change.per_year == (pytest.approx(-0.030, abs=1e-4), pytest.approx(-3.75, abs=0.01))
    assert change.interval == pytest.approx((-0.0984, -0.0216), abs=1e-4)
    assert change.verdict == "larger"
    assert "larger than what repeating the scan alone would explain" in change.words
    assert change.words.endswith("by the ISCD’s limit of precision.")
    assert change.tried_on == "generated images"


@pytest.mark.parametrize(("later", "verdict"), [(0.7723, "larger"), (0.7724, "within")])
def test_both_sides_of_the_least_significant_change(later: float, verdict: str) -> None:
    own = {"total_hip_left": Precision("own study", sd=0.010)}  # 0.0277
    (change,) = compare(hip("2020-01-01", 0.800), hip("2021-06-01", later), own).changes
    assert change.verdict == verdict
    assert change.repeatability == "own study"
    assert change.words.endswith("by the site’s own precision.")


@given(st.floats(0.3, 1.5), st.floats(0.3, 1.5))
def test_the_order_of_the_visits_plays_no_part(first: float, second: float) -> None:
    one, other = hip("2020-01-01", first), hip("2021-01-01", second)
    assert compare(one, other) == compare(other, one)
    (change,) = compare(one, other).changes
    assert change.interval is not None
    assert change.interval[0] <= change.absolute <= change.interval[1]
    covers_zero = change.interval[0] < 0 < change.interval[1]
    assert (change.verdict == "within") == covers_zero


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (hip("2021-01-01", 0.7, manufacturer="ge_lunar"), "differ in maker"),
        (hip("2021-01-01", 0.7, model="Discovery W"), "differ in model"),
        (hip("2021-01-01", 0.7, serial="2"), "differ in serial number"),
        (hip("2021-01-01", 0.7, manufacturer=None), "who made"),
        (hip(None, 0.7), "which day"),
        (hip("2020-01-01", 0.7), "same day"),
        (hip("2999-01-01", 0.7), "lies in the future"),
        (hip("2021-01-01", 0.7, kind=replace(HIP, laterality="right")), "different sides"),
        (hip("2021-01-01", 0.7, kind=replace(HIP, modality="ct")), "cannot be compared"),
        (visit("2021-01-01", number("areal_bmd", "femoral_neck_left", 0.7)), "same region"),
        (visit("2021-01-01", number("t_score", "total_hip_left", -1.0)), "same region"),
        (ScanMeasurement(status=Status.REFUSED, reason="no"), "Only scans that were measured"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_sentence(
    other: ScanMeasurement, why: str
) -> None:
    with pytest.raises(UnsuitableScan, match=why):
        compare(hip("2020-01-01", 0.8), other)


def test_two_scanners_are_compared_through_the_sites_own_study() -> None:
    study = CrossCalibration(slope=0.95, intercept=0.01, precision_sd=0.015, source="own phantom")
    before = hip("2020-01-01", 0.800, manufacturer="ge_lunar")
    (change,) = compare(before, hip("2021-01-01", 0.740), cross=study).changes
    assert change.earlier == pytest.approx(0.77)
    assert change.least_significant == pytest.approx(2.77 * 0.015)
    assert change.verdict == "within"
    assert change.words.endswith("by the site’s cross-calibration.")


def test_a_cross_calibration_of_density_is_of_nothing_else() -> None:
    study = CrossCalibration(slope=1.0, intercept=0.0, precision_sd=0.015, source="own phantom")
    texture = number("lumbar_texture_score", "L1-L4", 0.6, stability=0.01)
    density = number("areal_bmd", "total_hip_left", 0.8)
    before = visit("2020-01-01", texture, density, manufacturer="ge_lunar")
    found = compare(before, visit("2021-01-01", texture, density), cross=study)
    assert [change.name for change in found.changes] == ["areal_bmd"]


def test_one_scanner_that_is_told_once_is_compared_with_itself() -> None:
    before = hip("2020-01-01", 0.8, serial=None, model=None)
    assert compare(before, hip("2021-01-01", 0.8)).changes


def test_a_short_time_and_a_borrowed_precision_are_said() -> None:
    found = compare(hip("2020-01-01", 0.8), hip("2020-05-01", 0.79))
    assert any("4 months apart" in sentence for sentence in found.advice)
    assert any("own precision study" in sentence for sentence in found.advice)


@pytest.mark.parametrize(("serial", "is_said"), [("1", False), (None, True)])
def test_that_one_scanner_made_both_is_known_or_said_to_be_unknown(
    serial: str | None, is_said: bool
) -> None:
    found = compare(hip("2020-01-01", 0.8, serial=serial), hip("2022-01-01", 0.79))
    assert any("serial number" in sentence for sentence in found.advice) is is_said


SPINE = Kind(modality="dxa", body_part="lumbar_spine", view="ap")


def spine(on: str, densities: list[float], t_scores: list[float]) -> ScanMeasurement:
    numbers = []
    for level, (bmd, t) in enumerate(zip(densities, t_scores, strict=True), 1):
        numbers += [
            number("areal_bmd", f"L{level}", bmd),
            number("t_score", f"L{level}", t),
            number("area", f"L{level}", 10.0),
            number("bmc", f"L{level}", 10 * bmd),
        ]
    numbers.append(number("areal_bmd", "L1-L4", sum(densities) / 4))
    return visit(on, *numbers, kind=SPINE)


def test_a_vertebra_that_may_not_be_used_is_left_out_at_both_visits() -> None:
    before = spine("2018-01-01", [0.80, 0.82, 0.84, 0.86], [-2.0, -2.0, -2.0, -2.0])
    # L4 has become denser by degeneration: with it the spine would seem to gain.
    after = spine("2021-01-01", [0.76, 0.78, 0.80, 1.20], [-2.4, -2.4, -2.3, 1.0])
    found = compare(before, after)
    (change,) = found.changes
    assert change.region == "L1-L3"
    assert (change.earlier, change.later) == (pytest.approx(0.82), pytest.approx(0.78))
    assert any("L4 left out" in sentence for sentence in found.not_compared)


@pytest.mark.parametrize("first", [True, False])
def test_visits_that_print_other_vertebrae_are_compared_over_the_same(first: bool) -> None:
    four = spine("2018-01-01", [0.80, 0.82, 0.84, 0.86], [-2.0, -2.0, -2.0, -2.0])
    three = spine("2021-01-01", [0.70, 0.80, 0.82, 0.84], [-2.2, -2.2, -2.2, -2.2])
    printed = [one for one in three.measurements if one.region not in {"L1", "L1-L4"}]
    three = replace(three, measurements=(*printed, number("areal_bmd", "L2-L4", 0.82)))
    found = compare(four, three) if first else compare(three, four)
    (change,) = found.changes
    assert change.region == "L2-L4"
    assert (change.earlier, change.later) == (pytest.approx(0.84), pytest.approx(0.82))
    assert any("L2, L3, L4 are compared" in sentence for sentence in found.not_compared)


def test_regions_that_share_no_vertebrae_are_not_compared() -> None:
    before = visit("2018-01-01", number("areal_bmd", "L1-L4", 0.8), kind=SPINE)
    after = visit("2021-01-01", number("areal_bmd", "L2-L4", 0.8), kind=SPINE)
    with pytest.raises(UnsuitableScan, match="no measurement of the same region"):
        compare(before, after)


CT = Kind(modality="ct", body_part="trunk", view="axial")


def test_attenuation_is_compared_under_one_protocol_only() -> None:
    def ct(on: str, hu: float, kernel: str, serial: str = "1") -> ScanMeasurement:
        numbers = (
            number("trabecular_attenuation_hu", "L1", hu, stability=0.01),
            number("trabecular_attenuation_hu", "V3", hu),
        )
        protocol = {"kernel": kernel, "tube voltage": "120.0"}
        return visit(on, *numbers, kind=CT, protocol=protocol, serial=serial)

    (change,) = compare(ct("2020-01-01", 120.0, "B30f"), ct("2022-01-01", 100.0, "B30f")).changes
    with pytest.raises(UnsuitableScan, match="differ in serial number"):
        compare(ct("2020-01-01", 120.0, "B30f"), ct("2022-01-01", 100.0, "B30f", serial="2"))
    assert change.region == "L1"  # of V3 nobody knows the level
    assert change.least_significant == pytest.approx(2.77 * 0.01 * 110)
    assert "placing the region again" in change.words
    with pytest.raises(UnsuitableScan, match="differ in kernel"):
        compare(ct("2020-01-01", 120.0, "B30f"), ct("2022-01-01", 100.0, "B60f"))


def moved(image: Projection, degrees: float, rows: float, columns: float) -> Projection:
    """The same bones at another visit: turned, shifted, brighter and noisy."""
    pixels = ndimage.rotate(image.pixels, -degrees, reshape=False, order=1, mode="nearest")
    pixels = ndimage.shift(pixels, (rows, columns), order=1, mode="nearest")
    noise = np.random.default_rng(5).normal(0, 5, pixels.shape)
    return replace(image, pixels=(0.8 * pixels + 20 + noise).astype(np.float32))


def test_two_pictures_of_one_spine_are_laid_upon_each_other(drawn_spine: DrawnSpine) -> None:
    pixels, _ = drawn_spine(2)
    spacing = Spacing(mm=(0.5, 0.5), source="drawn")
    before = Projection(pixels.astype(np.float32), spacing)
    after = moved(before, 4.0, 14.0, -9.0)
    found = align(before, after)
    assert found is not None
    assert abs(found.degrees) == pytest.approx(4.0, abs=0.5)
    assert found.shift_mm == (pytest.approx(7.0, abs=0.5), pytest.approx(-4.5, abs=0.5))
    middle = (pixels.shape[1] / 2, pixels.shape[0] / 2)
    corners = tuple(
        (middle[0] + dx, middle[1] + dy) for dx, dy in ((-40, -30), (40, -30), (40, 30), (-40, 30))
    )
    region = Region(id="L2", label="L2", method="", confidence=None, polygon=corners)
    there = carried_over([region], found, before, after)["L2"]
    assert np.mean([x for x, _ in there]) == pytest.approx(middle[0] - 9, abs=3)
    assert np.mean([y for _, y in there]) == pytest.approx(middle[1] + 14, abs=3)
    same = replace(region, polygon=there)
    below = replace(region, polygon=tuple((x, y + 75) for x, y in there))
    assert elsewhere([region], [same], found, (before, after)) == []
    assert elsewhere([region], [below], found, (before, after)) == ["L2"]


def test_pictures_that_do_not_show_the_same_are_not_aligned(drawn_spine: DrawnSpine) -> None:
    pixels, _ = drawn_spine(2)
    spacing = Spacing(mm=(0.5, 0.5), source="drawn")
    before = Projection(pixels.astype(np.float32), spacing)
    noise = np.random.default_rng(1).normal(100, 40, pixels.shape).astype(np.float32)
    assert align(before, Projection(noise, spacing)) is None
    assert align(before, Projection(pixels.astype(np.float32))) is None
