"""Rods of a phantom give the line they were drawn with, or a reason why they were not used."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.densitometry.calibration import Calibration, hydroxyapatite_slope
from imaging.densitometry.ct_density import impossible_density, vertebral_density
from imaging.densitometry.rods import NOT_USED, SLOPE, from_rods, is_rod, read_rod
from imaging.kinds.recognising import Recognised
from imaging.result import Kind, Measurement, Region
from imaging.volume import Volume
from imaging.ways import ct_spine
from tests.imaging.conftest import DrawnCt

RISE, ZERO = 1.3, 4.0  # HU per mg/cm3, HU of water
USUAL = (0.0, 50.0, 100.0, 150.0, 200.0)


def square(label: str, at: int, side: int = 8) -> Region:
    left, right, top, foot = 10.0 * at, 10.0 * at + side, 10.0, 10.0 + side
    return Region(
        id=f"R{at}",
        label=label,
        method="drawn",
        confidence=None,
        polygon=((left, top), (right, top), (right, foot), (left, foot)),
        slice_index=1,
        depth_slices=(0, 2),
    )


def phantom(
    densities: Sequence[float],
    hu: Sequence[float] | None = None,
    *,
    kilovolts: float = 120.0,
    noise: float = 3.0,
    side: int = 8,
) -> tuple[Volume, list[Region]]:
    voxels = np.random.default_rng(0).normal(0, noise, (3, 40, 120)).astype(np.float32)
    seen = hu if hu is not None else [ZERO + RISE * density for density in densities]
    rods = []
    for at, (density, value) in enumerate(zip(densities, seen, strict=True)):
        voxels[:, 10:18, 10 * at : 10 * at + 8] += value
        rods.append(square(f"rod {density:g} mg/cm3", at, side))
    return Volume(voxels, (2.0, 1.0, 1.0), np.eye(4), "drawn", {"KVP": float(kilovolts)}), rods


@given(
    st.floats(0.95, 1.7),
    st.floats(-60, 60),
    st.lists(st.sampled_from(range(-50, 401, 25)), min_size=3, max_size=8, unique=True).filter(
        lambda told: max(told) - min(told) >= 75
    ),
)
def test_a_sound_phantom_gives_the_line_it_was_drawn_with(
    rise: float, zero: float, densities: list[int]
) -> None:
    hu = [zero + rise * density for density in densities]
    volume, rods = phantom(densities, hu)
    line = from_rods(volume, rods)
    assert isinstance(line, Calibration)
    value, error = line.density(zero + rise * 120)
    assert value == pytest.approx(120, abs=4)
    assert error < 4


@pytest.mark.parametrize(
    ("label", "density", "mineral"),
    [
        ("rod 75 mg/cm3", 75.0, ""),
        ("Rod -50", -50.0, ""),
        ("rod \u221250 mg/ml", -50.0, ""),
        ("rod 100.5 mg", 100.5, ""),
        ("rod 50,0 mg/cm3", 50.0, ""),
        ("rod 0.05 g/cm3", 50.0, ""),
        ("rod 0,125 g/cc", 125.0, ""),
        ("rod 75 mg HA/cm\u00b3", 75.0, "ha"),
        ("rod 75 mg/cm3 K2HPO4", 75.0, "k2hpo4"),
    ],
)
def test_a_rod_is_named_with_its_density(label: str, density: float, mineral: str) -> None:
    rod = read_rod(label)
    assert rod is not None
    assert rod.density == pytest.approx(density)
    assert rod.mineral == mineral


@pytest.mark.parametrize(
    ("label", "rod"),
    [
        ("rod", True), ("rod mg/cm3", True), ("rod 1,234.5 mg/cm3", True), ("rod 5 kg/cm3", True),
        ("rod 50 mg/dl", True), ("rod1", True), ("75 mg/cm3", True), ("phantom 75", True),
        ("L1", False), ("rodent", False), ("left sacral ala", False),
    ],
)  # fmt: skip
def test_what_is_meant_as_a_rod_is_never_bone(label: str, rod: bool) -> None:
    assert is_rod(square(label, 0)) is rod


@pytest.mark.parametrize(
    "label", ["rod", "rod 1,234.5 mg/cm3", "rod 5 kg/cm3", "rod 50 mg/dl", "75 mg/cm3"]
)
def test_a_density_that_cannot_be_read_is_named(label: str) -> None:
    volume, rods = phantom(USUAL)
    answer = from_rods(volume, [replace(rods[0], label=label), *rods[1:]])
    assert isinstance(answer, str)
    assert answer.startswith(NOT_USED)
    assert f'"{label}"' in answer


@pytest.mark.parametrize(
    ("densities", "hu", "words"),
    [
        ([0, 100], None, "at least 3"),
        ([0, 100, 100], None, "at least 3"),
        ([0, 100, 105], None, "at least 3"),
        # Grams read as milligrams.
        ([0, 0.05, 0.1, 0.15, 0.2], [4, 69, 134, 199, 264], "at least 3"),
        ([0, 20, 74], None, "span 74"),
        ([0, 100, 1400], None, "no phantom holds 1400"),
        # Exchanged, in air, in soft tissue.
        ([0, 100, 200], [264, 134, 4], "no brighter"),
        (USUAL, [-1000.9, -1000.7, -1000.5, -1000.3, -1000.1], "lies in air"),
        (USUAL, [55, 55.4, 56, 57, 58], "they rise by"),
        ([0, 100, 200], [4, 224, 264], "one line"),
        ([0, 100, 200], [104, 234, 364], "no mineral at 104 HU"),
    ],
)
def test_rods_that_no_phantom_has_are_not_used(
    densities: Sequence[float], hu: Sequence[float] | None, words: str
) -> None:
    answer = from_rods(*phantom(densities, hu, noise=0.1))
    assert isinstance(answer, str)
    assert answer.startswith(NOT_USED)
    assert words in answer
    assert answer.count(". ") == 0  # one sentence


@pytest.mark.parametrize(
    ("rise", "kilovolts", "used"),
    [
        (0.85, 120, False), (0.95, 120, True), (1.75, 120, True), (1.85, 120, False),
        (1.85, 80, True), (0.75, 140, False), (0.85, 140, True), (2.45, 80, True),
        (2.55, 80, False),
    ],
)  # fmt: skip
def test_the_slope_is_held_to_that_of_phantoms(rise: float, kilovolts: float, used: bool) -> None:
    hu = [ZERO + rise * density for density in USUAL]
    answer = from_rods(*phantom(USUAL, hu, kilovolts=kilovolts))
    assert isinstance(answer, Calibration) is used


def test_physics_lies_within_the_slopes_that_are_taken() -> None:
    # Mean energies of beams of 80 to 140 kV behind a body.
    assert all(SLOPE[0] < hydroxyapatite_slope(kev) < SLOPE[1] for kev in (50, 60, 68, 75, 85))


def test_small_and_noisy_rods_are_not_used() -> None:
    small = from_rods(*phantom(USUAL, side=3))
    assert isinstance(small, str)
    assert "27 voxels" in small
    assert isinstance(from_rods(*phantom(USUAL, side=4)), Calibration)
    noisy = from_rods(*phantom(USUAL, noise=130))
    assert isinstance(noisy, str)
    assert "varies by" in noisy
    assert isinstance(from_rods(*phantom(USUAL, noise=50)), Calibration)
    wavering = from_rods(*phantom(USUAL, noise=70, side=4))
    assert isinstance(wavering, str)
    assert "no better than" in wavering


def test_minerals_are_not_mixed_and_the_one_named_is_told() -> None:
    volume, rods = phantom((0, 100, 200))
    named = [replace(rod, label=f"{rod.label} K2HPO4") for rod in rods]
    mixed = from_rods(volume, [*named[:2], rods[2]])
    assert isinstance(mixed, str)
    assert "different minerals" in mixed
    line = from_rods(volume, named)
    assert isinstance(line, Calibration)
    assert "potassium phosphate" in line.method


def test_a_density_that_no_bone_has_is_not_given() -> None:
    line = Calibration(0.0, 1.0, ((0.0, 0.0), (0.0, 0.0)), "drawn", "drawn")
    numbers = [
        Measurement(
            name="trabecular_attenuation_hu",
            region=region,
            value=value,
            unit="[hnsf'U]",
            method="drawn",
            source="drawn",
            precision="drawn",
        )
        for region, value in (("L1", 500.0), ("L2", 500.1), ("L3", -100.0), ("L4", -100.1))
    ]
    densities = vertebral_density(
        numbers, line, "generated images", dict.fromkeys(("L1", "L2", "L3", "L4"), 5.0)
    )
    assert [one.region for one in densities] == ["L1", "L3"]
    (finding,) = impossible_density(numbers, densities)
    assert "L2 and L4" in finding.advice
    assert impossible_density(numbers[::2], densities) == ()


@pytest.mark.parametrize(("unit", "factor", "used"), [("g/cm3", 0.001, True), ("mm", 1.0, False)])
def test_either_the_rods_or_nothing_calibrates_a_scan(
    unit: str, factor: float, used: bool, drawn_ct: DrawnCt
) -> None:
    """Rods beside a drawn spine: the tissues never stand in for them without a word."""
    volume, truth = drawn_ct(0)
    voxels = volume.voxels.copy()
    regions = []
    for at, density in enumerate(USUAL):
        column = 60 + 20 * at
        voxels[:, 215:231, column : column + 16] = 5 + 1.2 * density
        rod = square(f"rod {density * factor:g} {unit}", at)
        corners = ((0, 0), (12, 0), (12, 12), (0, 12))
        polygon = tuple((float(column + 2 + x), float(217 + y)) for x, y in corners)
        regions.append(replace(rod, polygon=polygon))
    where = np.argwhere(truth.labels == truth.names.index("L2") + 1).mean(axis=0)
    middle, row, column_ = (round(float(at)) for at in where)
    corners = ((-5, -4), (5, -4), (5, 4), (-5, 4))
    bone = replace(
        square("L2", 0),
        id="L2",
        polygon=tuple((float(column_ + x), float(row + y)) for x, y in corners),
        slice_index=middle,
        depth_slices=(middle - 1, middle + 1),
    )
    tags = {**volume.tags, "KVP": 120.0, "ContrastBolusAgent": "NONE"}
    spine = replace(volume, voxels=voxels, tags=tags)
    seen = Recognised(Kind(modality="ct", body_part="lumbar_spine", view="axial"))
    result = ct_spine.measure(spine, seen, (), [bone, *regions]).measurement
    attenuation = {
        one.region: one.value
        for one in result.measurements
        if one.name == "trabecular_attenuation_hu"
    }
    assert set(attenuation) == {"L2"}
    density_of = {
        one.region: one for one in result.measurements if one.name == "trabecular_vbmd_mg_cm3"
    }
    codes = {finding.code for finding in result.quality}
    assert ("rods_not_used" in codes) is not used
    assert set(density_of) == ({"L2"} if used else set())
    if used:
        assert density_of["L2"].value == pytest.approx((attenuation["L2"] - 5) / 1.2, abs=1)
        assert "marked rods" in density_of["L2"].method
