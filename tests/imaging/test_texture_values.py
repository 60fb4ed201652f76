"""What needs no grey levels: values in order, and the mean in a ball around each voxel."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from imaging.texture.first_order import in_order
from imaging.texture.local_intensity import RADIUS_MM, local_intensity

Floats = npt.NDArray[np.float64]
SPACING_MM = (3.0, 2.0, 2.5)


@pytest.mark.parametrize("drawn", [np.rint, np.positive], ids=["whole", "between"])
def test_values_are_put_in_order_as_numpy_does(drawn: Callable[[Floats], Floats]) -> None:
    values = drawn(np.random.default_rng(1).normal(-50, 30, 4000))
    assert np.array_equal(in_order(values), np.sort(values))


def test_whole_numbers_far_apart_are_not_counted_one_by_one() -> None:
    values = np.array([3e18, -7.0, 5.0])
    assert in_order(values).tolist() == [-7.0, 5.0, 3e18]


@pytest.mark.parametrize("shape", [(6, 9, 8), (1, 9, 8), (1, 1, 3), (12, 3, 3)])
def test_peaks_are_those_of_balls_around_each_voxel(shape: tuple[int, int, int]) -> None:
    rng = np.random.default_rng(2)
    values = np.rint(rng.normal(100, 20, shape))
    mask = rng.random(shape) < 0.4
    mask[0, 0, 0] = mask[-1, -1, -1] = True
    places = np.argwhere(np.ones(shape, dtype=bool))
    means = np.zeros(shape)
    for middle in np.argwhere(mask):
        apart = ((places - middle) * SPACING_MM) ** 2
        near = places[apart.sum(axis=1) <= RADIUS_MM**2]
        means[tuple(middle)] = values[tuple(near.T)].mean()
    found = local_intensity(values, mask, SPACING_MM)
    highest = mask & (values == values[mask].max())
    assert found["global_peak"] == pytest.approx(means[mask].max(), rel=1e-12)
    assert found["local_peak"] == pytest.approx(means[highest].max(), rel=1e-12)
