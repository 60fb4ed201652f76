"""Turned as scipy turns, to the last bit."""

import numpy as np
import pytest
from scipy import ndimage

from imaging.sheet import Sheet
from imaging.turned import turned


@pytest.mark.parametrize("degrees", [-25, -3, 0, 7, 90, 180])
@pytest.mark.parametrize("sides", [(1, 7), (40, 31), (130, 90)])
def test_it_is_what_the_library_says(degrees: float, sides: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    picture = rng.normal(size=sides).astype(np.float32)
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    offset, shape = rng.normal(scale=4, size=2), (sides[0] + 12, sides[1] + 5)
    said = ndimage.affine_transform(picture, turn, offset, shape, order=1, mode="nearest")
    np.testing.assert_array_equal(turned(Sheet(picture), turn, offset, shape), said)
