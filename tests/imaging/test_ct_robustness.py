"""Levels, outlines and attenuation under what happens to scans: the table that must hold."""

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import numpy as np
import pytest

from imaging.morphometry.ct_heights import ct_morphometry
from imaging.phantoms import ct_lumbar
from imaging.regions.ct_vertebrae import CtRegions, find_regions
from imaging.volume import Volume
from imaging.ways.ct_spine import is_sure
from tests.imaging import ct_cases
from tests.imaging.ct_cases import (
    FEMUR_RIGHT,
    LUMBAR,
    S1,
    SACRUM,
    Labelled,
    judged,
    labelled,
    region_mask,
)

Change = Callable[[Labelled], Labelled]
FoundAfter = Callable[[Change], tuple[Labelled, CtRegions]]


def as_it_is(ct: Labelled) -> Labelled:
    return ct


@pytest.fixture(scope="module")
def found_after(shared: Callable[[str], Path]) -> FoundAfter:
    """Find the regions of the labelled CT after a change, once for all who ask."""
    ct = labelled(shared)

    @cache
    def found(change: Change) -> tuple[Labelled, CtRegions]:
        changed = change(ct)
        return changed, find_regions(changed.volume)

    return found


@pytest.mark.parametrize(
    ("name", "change", "mean_dice", "least_dice", "hu"),
    [
        ("as it is", as_it_is, 0.925, 0.90, 6),
        ("slices of 6 mm", lambda ct: ct_cases.thick(ct, 2), 0.90, 0.88, 22),
        ("slices of 9 mm", lambda ct: ct_cases.thick(ct, 3), 0.90, 0.86, None),
        ("noise of 50 HU", ct_cases.noisy, 0.92, 0.89, 9),
        ("vessels of +200 HU", ct_cases.enhanced, 0.925, 0.90, 6),
        ("bone of -100 HU", ct_cases.porous, 0.86, 0.80, 20),
        ("pedicle screws", ct_cases.screwed, 0.90, 0.85, None),
        ("patient leaning", ct_cases.leaning, 0.90, 0.87, 15),
    ],
)
def test_every_level_of_the_labelled_ct_is_found(
    name: str,
    change: Change,
    mean_dice: float,
    least_dice: float,
    hu: float | None,
    found_after: FoundAfter,
) -> None:
    ct, found = found_after(change)
    # Two of the voxels are 6 mm in-plane; of thick slices one is left out at either plate.
    rows = judged(ct, found, depth=2 if hu is not None else 1)
    table = [f"{name}: {row}" for row in rows]
    assert {row.level for row in rows} == set(LUMBAR), table
    assert np.mean([row.dice for row in rows]) > mean_dice, table
    assert min(row.dice for row in rows) > least_dice, table
    assert min(row.share_inside for row in rows) >= 0.98, table
    if hu is not None:
        assert max(abs(row.hu_error) for row in rows) < hu, table


def test_the_first_sacral_body_and_a_hip_without_metal_are_measured(
    found_after: FoundAfter,
) -> None:
    ct, found = found_after(as_it_is)
    pelvis = found.pelvis
    places = {
        "S1": (S1,), "sacral_ala_left": (SACRUM, S1), "sacral_ala_right": (SACRUM, S1),
        "femoral_head_right": (FEMUR_RIGHT,),
    }  # fmt: skip
    assert [region.id for region in pelvis.regions] == list(places)
    assert [finding.code for finding in pelvis.findings] == ["metal_hip"]
    assert "Left hip" in pelvis.findings[0].advice
    for region in pelvis.regions:
        inside = np.isin(ct.structures[region_mask(ct.volume, region)], places[region.id]).mean()
        assert inside > (0.95 if "ala" in region.id else 0.98)


@pytest.mark.parametrize(
    ("seed", "drawn"),
    [
        (2, {"bend_mm": 20.0}),
        (5, {"marrow_hu": 0.0}),
        (4, {"wedged": {"L2": 0.35}}),
        (6, {"dented": {"L2": 0.4}}),
        (7, {"crushed": {"L2": 0.4}}),
    ],
    ids=["scoliosis", "very porous", "wedge", "biconcave", "crush"],
)
def test_drawn_spines_out_of_the_ordinary_are_measured(seed: int, drawn: dict[str, float]) -> None:
    voxels, truth = ct_lumbar(seed, slice_mm=3.0, pixel_mm=1.6, **drawn)  # type: ignore[arg-type]
    volume = Volume(voxels.astype(np.float32), truth.spacing_mm, np.eye(4), "drawn")
    bodies = {name: truth.labels == at + 1 for at, name in enumerate(truth.names)}
    found = find_regions(volume)
    rows = judged(Labelled(volume, bodies, truth.labels.astype(int)), found)
    assert {row.level for row in rows} >= set(LUMBAR)
    for row in rows:
        assert row.dice > 0.86
        assert row.share_inside >= 0.98
    for region in found.regions:
        values = volume.voxels[region_mask(volume, region)]
        assert values.mean() == pytest.approx(truth.trabecular_hu[region.id], abs=6)
    heights = ct_morphometry(found.bodies)
    graded = {m.region: m.value for m in heights.measurements if "grade" in m.name}
    fractured = {"L2"} if {"wedged", "dented", "crushed"} & set(drawn) else set()
    assert {name for name, grade in graded.items() if grade >= 2} == fractured


@pytest.mark.parametrize("degrees", [3, 4, 5])
def test_no_body_of_a_turned_patient_is_called_fractured(
    degrees: int, found_after: FoundAfter
) -> None:
    # At these angles a bone island in L1, near the end of the field, has been taken for its disc.
    _, found = found_after(partial(ct_cases.sideways, degrees=degrees))
    assert _graded(found) == set()


def test_no_very_porous_body_is_called_fractured(found_after: FoundAfter) -> None:
    _, found = found_after(ct_cases.porous)
    assert _graded(found) == set()


def _graded(found: CtRegions) -> set[str]:
    sure = {region.id for region in found.regions if is_sure(region)}
    judged_by_height = ct_morphometry({n: b for n, b in found.bodies.items() if n in sure})
    numbers = judged_by_height.measurements
    assert {"L2", "L3"} <= {number.region for number in numbers}
    return {m.region for m in numbers if m.name == "vertebral_deformity_grade" and m.value}
