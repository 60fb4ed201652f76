"""The tables that texture is counted in: by hand, by a slower way, and by what must hold."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from imaging.texture import kernels
from imaging.texture.aggregation import HOW, Aggregation, Dimension, directions, pieces
from imaging.texture.compiled import compiled
from imaging.texture.cooccurrence import cooccurrence_features, counted_pairs
from imaging.texture.discretise import OUTSIDE

# Haralick, Shanmugam and Dinstein 1973, figure 3: a 4 x 4 image with four grey tones.
HARALICK = np.array([[0, 0, 1, 1], [0, 0, 1, 1], [0, 2, 2, 2], [2, 2, 3, 3]])
HORIZONTAL = [[4, 2, 1, 0], [2, 4, 0, 0], [1, 0, 6, 1], [0, 0, 1, 2]]
LEVELS = 4
regions = arrays(
    np.intp,
    st.tuples(st.integers(1, 4), st.integers(1, 6), st.integers(1, 6)),
    elements=st.integers(OUTSIDE, LEVELS - 1),
).filter(lambda levels: bool((levels >= 0).any()))
both_ways = pytest.mark.parametrize("count", [kernels.pairs, counted_pairs])


def horizontal(levels: npt.NDArray[np.intp]) -> tuple[npt.NDArray[np.int32], int]:
    return pieces(levels, Dimension.SLICES)[0].levels, 1


@both_ways
def test_counts_equal_haralicks_matrix(count) -> None:
    flat, step = horizontal(HARALICK)
    np.testing.assert_array_equal(count(flat, step, 4), HORIZONTAL)


@both_ways
def test_voxels_outside_the_region_join_no_pair(count) -> None:
    flat, step = horizontal(np.where(HARALICK == 3, OUTSIDE, HARALICK))
    assert count(flat, step, 4)[3].sum() == 0


def test_runs_are_counted_by_level_and_length() -> None:
    flat, step = horizontal(HARALICK)
    # Two of level 0 and length 2, one of length 1, and so on.
    expected = [[1, 2, 0, 0], [0, 2, 0, 0], [0, 1, 1, 0], [0, 1, 0, 0]]
    np.testing.assert_array_equal(kernels.runs(flat, step, 4, 4), expected)


def test_there_are_four_directions_in_a_plane_and_thirteen_in_a_volume() -> None:
    assert (len(directions(2)), len(directions(3))) == (4, 13)


@settings(max_examples=60, deadline=None)
@given(regions)
def test_compiled_pairs_equal_the_plain_ones(levels: npt.NDArray[np.intp]) -> None:
    for dimension in Dimension:
        for piece in pieces(levels, dimension):
            for step in piece.steps:
                np.testing.assert_array_equal(
                    kernels.pairs(piece.levels, int(step), LEVELS),
                    counted_pairs(piece.levels, int(step), LEVELS),
                )


@settings(max_examples=60, deadline=None)
@given(regions)
def test_runs_hold_every_voxel_once(levels: npt.NDArray[np.intp]) -> None:
    (piece,) = pieces(levels, Dimension.VOLUME)
    for step in piece.steps:
        counts = kernels.runs(piece.levels, int(step), LEVELS, piece.longest)
        held = counts @ np.arange(1, piece.longest + 1)
        np.testing.assert_array_equal(held, np.bincount(levels[levels >= 0], minlength=LEVELS))


@settings(max_examples=60, deadline=None)
@given(regions)
def test_zones_are_those_of_labelling_level_by_level(levels: npt.NDArray[np.intp]) -> None:
    outline = np.ones(levels.shape, dtype=bool)
    (piece,) = pieces(levels, Dimension.VOLUME, outline)
    far = ndimage.distance_transform_cdt(np.pad(outline, 1), metric="taxicab")[1:-1, 1:-1, 1:-1]
    expected = []
    for level in range(LEVELS):
        labels, count = ndimage.label(levels == level, np.ones((3, 3, 3)))
        expected += [
            (level, int((labels == one).sum()), int(far[labels == one].min()))
            for one in range(1, count + 1)
        ]
    found = kernels.zones(piece.levels, piece.distances, piece.steps, piece.across)
    assert sorted(zip(*(part.tolist() for part in found), strict=True)) == sorted(expected)


@settings(max_examples=60, deadline=None)
@given(regions)
def test_neighbours_are_those_found_one_by_one(levels: npt.NDArray[np.intp]) -> None:
    padded = np.pad(levels, 1, constant_values=OUTSIDE)
    counts, differences = np.zeros(LEVELS), np.zeros(LEVELS)
    alike = np.zeros((LEVELS, 27), dtype=int)
    for z, y, x in np.argwhere(padded >= 0):
        cube = padded[z - 1 : z + 2, y - 1 : y + 2, x - 1 : x + 2].ravel()
        here, others = cube[13], np.delete(cube, 13)
        others = others[others >= 0]
        alike[here, (others == here).sum()] += 1
        if len(others):
            counts[here] += 1
            differences[here] += abs(here - others.mean())
    (piece,) = pieces(levels, Dimension.VOLUME)
    found = kernels.neighbours(piece.levels, piece.steps, LEVELS)
    np.testing.assert_array_equal(found[0], counts)
    np.testing.assert_allclose(found[1], differences, atol=1e-12)
    np.testing.assert_array_equal(found[2], alike)


@settings(max_examples=40, deadline=None)
@given(regions)
def test_a_mirrored_region_has_the_same_texture(levels: npt.NDArray[np.intp]) -> None:
    how = HOW[Aggregation.VOLUME_MERGED]
    there, back = (
        cooccurrence_features(pieces(one, how.dimension), LEVELS, merged=how.merged)
        for one in (levels, levels[:, ::-1, ::-1])
    )
    assert there == pytest.approx(back, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(regions)
def test_what_is_a_share_lies_between_nought_and_one(levels: npt.NDArray[np.intp]) -> None:
    how = HOW[Aggregation.SLICES_AND_DIRECTIONS_MERGED]
    found = cooccurrence_features(pieces(levels, how.dimension), LEVELS, merged=how.merged)
    for name in ("joint_maximum", "angular_second_moment", "inverse_difference"):
        assert 0 <= found.get(name, 0) <= 1 + 1e-12
    assert -1 - 1e-9 <= found.get("correlation", 0) <= 1 + 1e-9


def test_what_cannot_be_kept_on_disk_is_compiled_all_the_same() -> None:
    # A function without a file has no place beside it for what was compiled.
    made: dict[str, Callable[[int], int]] = {}
    exec("def double(number): return 2 * number", made)
    assert compiled(made["double"])(21) == 42
