"""Interpolation, re-segmentation and bins, at their edges; and configurations from JSON."""

from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imaging.errors import UnreadableScan, UnsuitableScan
from imaging.texture.aggregation import Aggregation
from imaging.texture.configurations import CONFIGURATIONS
from imaging.texture.discretise import (
    MOST_LEVELS,
    OUTSIDE,
    FixedBinNumber,
    FixedBinSize,
    fixed_bin_number,
    fixed_bin_size,
)
from imaging.texture.files import read_pair
from imaging.texture.histogram import histogram_features
from imaging.texture.ibsi import features
from imaging.texture.preparing import prepare, resampled
from imaging.texture.settings import Settings
from imaging.texture.volume_histogram import volume_histogram

ALL = (None, None)


def test_grids_are_aligned_by_their_middle() -> None:
    # Four voxels of 1 mm have their middle at 1.5; three of 1.5 mm lie at 0, 1.5 and 3.
    ramp = np.arange(4.0)[None, None]
    found = resampled(ramp, (1.0, 1.0, 1.0), (1.0, 1.0, 1.5), "linear")
    np.testing.assert_allclose(found.ravel(), [0.0, 1.5, 3.0], atol=1e-12)


def test_as_many_voxels_as_cover_the_extent() -> None:
    image = np.zeros((60, 201, 204))
    assert resampled(image, (3, 0.977, 0.977), (2, 2, 2), "linear").shape == (90, 99, 100)
    # A rounding error in the quotient adds no voxel.
    assert resampled(np.zeros((1, 1, 3)), (1, 1, 0.1), (1, 1, 0.3), "linear").shape == (1, 1, 1)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.3, 3.0), st.sampled_from(["nearest", "linear", "cubic"]))
def test_a_flat_image_stays_flat(mm: float, how: Any) -> None:
    found = resampled(np.full((5, 6, 7), 3.25), (1.0, 1.0, 1.0), (mm, mm, mm), how)
    np.testing.assert_allclose(found, 3.25, rtol=1e-9)


@pytest.mark.parametrize(("share", "voxels"), [(0.5, 2), (0.51, 1)])
def test_a_voxel_half_inside_belongs_to_the_region(share: float, voxels: int) -> None:
    # New voxels lie at 0.5 and 2.5: the first half inside, the second wholly, and so on.
    mask = np.array([0, 1, 1, 1, 0, 0], dtype=bool)[None, None]
    asked = Settings(voxel_mm=(1.0, 1.0, 2.0), mask_share=share)
    prepared = prepare(np.zeros(mask.shape), mask, (1.0, 1.0, 1.0), asked)
    assert prepared.outline.sum() == voxels


def test_both_ends_of_the_range_are_kept_and_outliers_leave() -> None:
    values = np.array([-501, -500, 0, 400, 401], dtype=float)[None, None]
    inside = np.ones(values.shape, dtype=bool)
    kept = prepare(values, inside, (1, 1, 1), Settings(kept_range=(-500.0, 400.0))).kept
    np.testing.assert_array_equal(kept.ravel(), [False, True, True, True, False])
    assert prepare(values, inside, (1, 1, 1), Settings()).kept.all()
    far = np.array([0.0] * 30 + [1.0] * 30 + [50.0])[None, None]
    kept = prepare(far, np.ones(far.shape, dtype=bool), (1, 1, 1), Settings(outlier_sd=3.0)).kept
    assert kept.sum() == 60


def test_nothing_left_is_refused_with_a_sentence() -> None:
    image, mask = np.zeros((2, 4, 4)), np.ones((2, 4, 4))
    with pytest.raises(UnsuitableScan, match="No voxel of the region is left"):
        features(image, mask, (1, 1, 1), Settings(kept_range=(10.0, 20.0)))
    with pytest.raises(UnsuitableScan, match="empty"):
        features(image, mask * 0, (1, 1, 1))
    with pytest.raises(UnsuitableScan, match="not numbers"):
        features(image + np.nan, mask, (1, 1, 1))
    with pytest.raises(UnsuitableScan, match="same size"):
        features(image, mask[:1], (1, 1, 1))
    with pytest.raises(UnsuitableScan, match="size of a voxel"):
        features(image, mask, (1, 1, 0))


def test_bins_cover_the_range_and_nothing_else() -> None:
    values = np.arange(10, dtype=np.float64)
    mask = values < 9
    assert fixed_bin_number(values, mask, 4)[[0, 8, 9]].tolist() == [0, 3, OUTSIDE]
    assert fixed_bin_size(values, mask, 4.0, None)[[0, 3, 4, 8, 9]].tolist() == [0, 0, 1, 2, -1]
    # From the lowest value of re-segmentation, whether or not it occurs.
    assert fixed_bin_size(values, mask, 4.0, -4.0)[0] == 1


def test_more_levels_than_a_table_may_have_are_refused() -> None:
    values, mask = np.array([0.0, MOST_LEVELS - 1]), np.ones(2, dtype=bool)
    assert fixed_bin_size(values, mask, 1.0, None).max() == MOST_LEVELS - 1
    with pytest.raises(UnsuitableScan, match="choose wider ones"):
        fixed_bin_size(values + [0, 1], mask, 1.0, None)


def test_the_mode_nearest_to_the_mean_is_taken() -> None:
    levels = np.array([0, 0, 4, 4, 5, 6])
    assert histogram_features(levels, 7)["mode"] == 5
    assert "maximum_gradient" not in histogram_features(np.zeros(4, dtype=np.intp), 1)


def test_volume_histogram_of_a_ramp() -> None:
    found = volume_histogram(np.arange(101.0), None, ALL)
    assert found["volume_at_10_percent_intensity"] == pytest.approx(91 / 101)
    assert found["intensity_at_10_percent_volume"] == 91
    bins = volume_histogram(np.arange(0.5, 100), FixedBinNumber(100), ALL)
    assert bins["intensity_at_90_percent_volume"] == 11
    sized = volume_histogram(np.arange(0.5, 100), FixedBinSize(10.0), (0.0, 100.0))
    assert sized["intensity_at_10_percent_volume"] == 95.0


def test_fractions_without_bins_are_refused() -> None:
    with pytest.raises(UnsuitableScan, match="needs bins"):
        volume_histogram(np.array([0.5, 1.0]), None, ALL)
    with pytest.raises(UnsuitableScan, match="too far"):
        volume_histogram(np.array([0.0, 1e9]), FixedBinSize(1e-3), ALL)


def test_configuration_c_as_json() -> None:
    written = {
        "voxel_mm": [2, 2, 2],
        "interpolation": "linear",
        "round_intensities": True,
        "kept_range": [-1000, 400],
        "bins": {"bin_size": 25},
        "volume_bins": {"bin_size": 2.5},
        "aggregations": ["3D_avg", "3D_comb"],
    }
    assert Settings.from_json(written) == CONFIGURATIONS["C"]
    more = {"families": ["cooccurrence"], "outlier_sd": 3, "mask_share": 0.4, "volume_bins": None}
    assert Settings.from_json(more | {"aggregations": ["2D_comb"]}) == Settings(
        families=("cooccurrence",),
        outlier_sd=3.0,
        mask_share=0.4,
        volume_bins=None,
        aggregations=(Aggregation.DIRECTIONS_MERGED_SLICES_AVERAGED,),
    )


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ("voxels", [1, 1, 1]),
        ("voxel_mm", [1, 1]),
        ("voxel_mm", [0, 1, 1]),
        ("interpolation", "sinc"),
        ("kept_range", [5, 5]),
        ("kept_range", [0]),
        ("mask_share", True),
        ("round_intensities", 1),
        ("outlier_sd", float("nan")),
        ("bins", {"bin_number": 1}),
        ("bins", {"bin_number": MOST_LEVELS + 1}),
        ("bins", None),
        ("bins", {"bin_size": 0}),
        ("aggregations", []),
        ("aggregations", ["4D"]),
        ("families", "cooccurrence"),
    ],
)
def test_what_a_configuration_cannot_be_is_refused(entry: str, value: object) -> None:
    with pytest.raises(UnsuitableScan, match=r"\.$"):
        Settings.from_json({entry: value})


def written(path: Path, values: np.ndarray, mm: tuple[float, ...] = (0.5, 0.7, 3.0)) -> Path:
    nibabel.save(nibabel.Nifti1Image(values, np.diag([*mm, 1.0])), path)
    return path


def test_files_are_read_slice_by_slice(tmp_path: Path) -> None:
    values = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
    image = written(tmp_path / "image.nii.gz", values)
    mask = written(tmp_path / "mask.nii", (values > 4).astype(np.uint8))
    read, inside, spacing = read_pair(image, mask)
    np.testing.assert_array_equal(read, values.T)
    assert inside.sum() == 19
    assert spacing == pytest.approx((3.0, 0.7, 0.5))


def test_files_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    values = np.zeros((2, 3, 4), dtype=np.int16)
    image = written(tmp_path / "image.nii", values)
    with pytest.raises(UnsuitableScan, match="same grid"):
        read_pair(image, written(tmp_path / "moved.nii", values, (0.5, 0.8, 3.0)))
    with pytest.raises(UnsuitableScan, match="2 x 3 x 4 voxels and the region 1 x 3 x 4"):
        read_pair(image, written(tmp_path / "cut.nii", values[:1]))
    (tmp_path / "broken.nii").write_bytes(image.read_bytes()[:360])
    for name in ("broken.nii", "absent.nii"):
        with pytest.raises(UnreadableScan, match="cannot be read"):
            read_pair(tmp_path / name, image)
    four = written(tmp_path / "four.nii", np.zeros((2, 3, 4, 2), dtype=np.int16))
    with pytest.raises(UnreadableScan, match="single volume"):
        read_pair(four, four)
