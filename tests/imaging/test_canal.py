"""The coarse grid on which the canal is followed lies where it says it does."""

import numpy as np
import pytest

from imaging.regions.canal import GRID_MM, on_coarse_grid
from imaging.volume import Volume


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize(
    ("spacing_mm", "shape"),
    [((5.0, 0.7, 0.7), (41, 101, 99)), ((0.9, 1.4, 0.68), (71, 61, 90)), ((2, 2, 2), (9, 9, 9))],
)
def test_cells_are_two_mm_apart_from_end_to_end(
    spacing_mm: tuple[float, float, float], shape: tuple[int, int, int], axis: int
) -> None:
    # Every voxel holds its own place in mm, so every cell must hold the place of its middle.
    place = np.arange(shape[axis], dtype=np.float32) * spacing_mm[axis]
    voxels = np.moveaxis(np.broadcast_to(place, [*np.delete(shape, axis), shape[axis]]), -1, axis)
    coarse = on_coarse_grid(Volume(np.ascontiguousarray(voxels), spacing_mm, np.eye(4), "drawn"))
    cells = np.moveaxis(coarse, axis, -1)[1, 1]
    middles = (np.arange(len(cells)) + 0.5) * GRID_MM - 0.5 * spacing_mm[axis]
    within = (middles >= place[0]) & (middles <= place[-1] - spacing_mm[axis])
    assert within.sum() > 0.8 * len(cells)
    np.testing.assert_allclose(cells[within], middles[within], atol=1e-3)
