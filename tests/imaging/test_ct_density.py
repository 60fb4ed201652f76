"""From Hounsfield units to mg/cm3, published categories, and what the technique allows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.acquisition.technique import is_sharp, technique_findings, usual_voltage
from imaging.acquisition.tissue_peaks import Tissues, find_tissues, peak
from imaging.densitometry.calibration import (
    Calibration,
    from_tissues,
    hydroxyapatite_slope,
)
from imaging.densitometry.ct import trabecular_attenuation
from imaging.densitometry.ct_categories import attenuation_category, density_category
from imaging.densitometry.ct_density import DENSITY, spine_means, vertebral_density
from imaging.densitometry.ct_precision import half_widths
from imaging.identity.deidentify import Value
from imaging.quality.ct import volume_findings
from imaging.result import Region, Severity
from imaging.volume import Volume
from tests.imaging.conftest import DrawnCt


def square(name: str, left: int, top: int = 10, side: int = 8) -> Region:
    corners = ((left, top), (left + side, top), (left + side, top + side), (left, top + side))
    return Region(
        id=name.replace(" ", "-"),
        label=name,
        method="drawn",
        confidence=None,
        polygon=tuple((float(x), float(y)) for x, y in corners),
        slice_index=1,
        depth_slices=(0, 2),
    )


def test_hydroxyapatite_rises_as_phantoms_show_at_120_kv() -> None:
    # Solid hydroxyapatite phantoms at 120 kV rise by 1.1 to 1.4 HU per mg/cm3.
    assert 1.1 < hydroxyapatite_slope(68) < 1.4
    assert hydroxyapatite_slope(60) > hydroxyapatite_slope(80)


@given(st.floats(-15, 15), st.floats(0.97, 1.03), st.floats(20, 250))
def test_a_scale_that_is_off_by_a_line_is_put_right(offset: float, gain: float, mg: float) -> None:
    true = {"air": -1000.0, "fat": -100.0, "muscle": 50.0}
    line = from_tissues(Tissues(**{name: offset + gain * hu for name, hu in true.items()}))
    assert isinstance(line, Calibration)
    seen = offset + gain * hydroxyapatite_slope(68) * mg
    value, error = line.density(seen)
    assert value == pytest.approx(mg, abs=0.1)
    assert 3 < error < 25


@pytest.mark.parametrize(
    "tissues",
    [Tissues(None, None, 50.0), Tissues(-1000.0, None, 50.0), Tissues(None, -100.0, None)],
)
def test_fat_alone_or_without_fat_is_no_calibration(tissues: Tissues) -> None:
    assert isinstance(from_tissues(tissues), str)


def test_tissues_of_a_drawn_body_are_found(drawn_ct: DrawnCt) -> None:
    volume, _ = drawn_ct(0)
    tissues = find_tissues(volume, 10, len(volume.voxels) - 10)
    assert tissues.air == pytest.approx(-1000, abs=5)
    assert tissues.fat == pytest.approx(-100, abs=5)
    assert tissues.muscle == pytest.approx(55, abs=5)


def test_a_peak_at_the_end_of_its_range_or_of_few_voxels_is_none() -> None:
    rng = np.random.default_rng(1)
    assert peak(rng.normal(-100, 8, 5000), (-145.0, -50.0)) == pytest.approx(-100, abs=2)
    assert peak(rng.normal(-100, 8, 300), (-145.0, -50.0)) is None
    assert peak(rng.normal(-160, 8, 5000), (-145.0, -50.0)) is None


@pytest.mark.parametrize(
    ("hu", "words", "severity"),
    [
        (90.0, "90 HU or less", Severity.WARNING),
        (90.1, "90 to 100", Severity.WARNING),
        (110.0, "100 to 110", Severity.WARNING),
        (110.1, "110 to 135", Severity.INFO),
        (135.1, "135 to 160", Severity.INFO),
        (160.1, "above 160", Severity.INFO),
    ],
)
def test_attenuation_is_put_between_published_thresholds(
    hu: float, words: str, severity: Severity
) -> None:
    finding = attenuation_category(hu, 7.2, hu)
    assert "median" not in finding.advice
    assert f"{hu:.0f} HU (± 8)" in finding.advice
    assert words in finding.advice
    assert finding.severity is severity
    assert "cannot rule out" in finding.advice
    assert "normal" not in finding.advice


def test_a_median_in_another_range_is_told_and_the_lower_one_warns() -> None:
    """As a bone island does it: the mean is raised, the median is not."""
    finding = attenuation_category(114.0, 33.0, 96.0)
    assert "110 to 135 HU" in finding.advice
    assert "median of 96 HU falls elsewhere, 90 to 100 HU" in finding.advice
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("mg", "words"),
    [(79.9, "below 80"), (80.0, "80 to 120"), (119.9, "80 to 120"), (120.0, "above")],
)
def test_density_is_put_between_published_thresholds(mg: float, words: str) -> None:
    advice = density_category("L1-L2", mg).advice
    assert words in advice
    assert "cannot rule out" in advice
    assert "normal" not in advice


def test_means_leave_out_deformed_levels() -> None:
    voxels = np.full((3, 40, 120), 50, dtype=np.float32)
    regions = []
    for at, hu in enumerate((100, 120, 300, 140)):
        voxels[:, 10:19, 20 * at : 20 * at + 9] = hu
        regions.append(square(f"L{at + 1}", 20 * at))
    volume = Volume(voxels, (2.0, 1.0, 1.0), np.eye(4), "drawn")
    line = Calibration(0.0, 2.0, ((0.0, 0.0), (0.0, 0.0)), "drawn", "drawn")
    half = half_widths(volume, regions)
    numbers = trabecular_attenuation(volume, regions, half)
    numbers += vertebral_density(numbers, line, "generated images", half)
    means = {(m.name, m.region): m.value for m in spine_means(numbers, {"L3"}, half)}
    assert means == {
        ("trabecular_attenuation_hu", "L1-L2,L4"): pytest.approx(120),
        (DENSITY, "L1-L2"): pytest.approx(55),
    }
    assert spine_means(numbers, {"L1", "L2", "L3"}, half) == []


@pytest.mark.parametrize(
    ("kernel", "sharp"),
    [
        ("STANDARD", False), ("BONE", True), ("BONEPLUS", True), ("LUNG", True), ("SOFT", False),
        ("B30f", False), ("B60s", True), ("Br40d", False), ("Br64", True), ("I31f", False),
        ("FC08", False), ("FC30", True), ("FC59", True), ("FC81", True), ("B", False), ("YB", True),
    ],
)  # fmt: skip
def test_sharp_kernels_are_known_by_name(kernel: str, sharp: bool) -> None:
    assert is_sharp(kernel) is sharp


@pytest.mark.parametrize(
    ("tags", "slice_mm", "codes"),
    [
        ({"KVP": 125.0}, 3.0, set()),
        ({"KVP": 125.1}, 3.0, {"tube_voltage"}),
        ({"KVP": 120.0, "SliceThickness": 3.0}, 3.1, {"thick_slices"}),
        ({"KVP": 120.0, "SliceThickness": 2.0}, 2.4, set()),
        ({"KVP": 120.0, "SliceThickness": 2.0}, 2.5, {"slice_gap"}),
        ({"KVP": 120.0, "ConvolutionKernel": "B70f"}, 3.0, {"sharp_kernel"}),
        ({"KVP": 120.0, "GantryDetectorTilt": 0.9}, 3.0, set()),
        ({"KVP": 120.0, "GantryDetectorTilt": -15.0}, 3.0, {"gantry_tilt"}),
        ({}, 3.0, {"tube_voltage_unknown"}),
    ],
)
def test_the_technique_is_judged_by_its_tags(
    tags: dict[str, Value], slice_mm: float, codes: set[str]
) -> None:
    volume = Volume(np.zeros((3, 4, 4), np.float32), (slice_mm, 1.0, 1.0), np.eye(4), "drawn", tags)
    assert {finding.code for finding in technique_findings(volume)} == codes
    assert usual_voltage(volume) is (not codes & {"tube_voltage", "tube_voltage_unknown"})


@pytest.mark.parametrize(
    ("change", "code"),
    [("noise", "noise"), ("window", "saturation"), ("metal", "metal"), ("beside", "metal_near")],
)
def test_what_spoils_a_volume_is_named(change: str, code: str) -> None:
    rng = np.random.default_rng(2)
    voxels = rng.normal(50, 10, (3, 60, 120)).astype(np.float32)
    voxels[0, 0, :] = -1000
    voxels[0, 1, 0] = 1500
    region = square("L1", 40, 20)
    plain = Volume(voxels, (2.0, 1.0, 1.0), np.eye(4), "drawn", {"KVP": 120.0})
    assert code not in {finding.code for finding in volume_findings(plain, [region])}
    spoilt = voxels.copy()
    if change == "noise":
        spoilt += rng.normal(0, 60, voxels.shape)
    elif change == "window":
        spoilt = np.clip(voxels, -20, 60)
    elif change == "metal":
        spoilt[:, 22:26, 42:46] = 3000
    else:
        spoilt[:, 22:26, 60:66] = 3000
    volume = Volume(spoilt.astype(np.float32), (2.0, 1.0, 1.0), np.eye(4), "drawn", {"KVP": 120.0})
    assert code in {finding.code for finding in volume_findings(volume, [region])}
