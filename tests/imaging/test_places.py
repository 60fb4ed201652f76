"""Grey values between pixels and windows around them are scipy's, to the last bit."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from imaging.regions.places import Places, Vector
from imaging.sliding import highest, lowest

HIGH, WIDE = 23, 31
PICTURE = np.random.default_rng(1).normal(size=(HIGH, WIDE)).astype(np.float32)


def by_scipy(rows: Vector, columns: Vector) -> Vector:
    where = np.broadcast_arrays(rows, columns)
    found = ndimage.map_coordinates(PICTURE, where, order=1, mode="constant", cval=0.0)
    return np.asarray(found, dtype=np.float64)


def between() -> tuple[Vector, Vector]:
    rng = np.random.default_rng(2)
    return rng.uniform(-3, HIGH + 3, (40, 50)), rng.uniform(-3, WIDE + 3, (40, 50))


def on_rows() -> tuple[Vector, Vector]:
    """Give whole rows, sheared, as a shaft is looked for."""
    rows = np.arange(-2.0, HIGH + 2)[:, None]
    return rows, np.arange(-4.0, WIDE + 4) - 0.37 * rows


def on_pixels() -> tuple[Vector, Vector]:
    rows, columns = np.indices((HIGH + 4, WIDE + 4), dtype=np.float64) - 2
    return rows, columns


@pytest.mark.parametrize("drawn", [between, on_rows, on_pixels])
def test_between_pixels_it_is_as_scipy_has_it(
    drawn: Callable[[], tuple[Vector, Vector]],
) -> None:
    rows, columns = drawn()
    found = Places(PICTURE.shape, rows, columns).read(PICTURE)
    assert np.array_equal(found, by_scipy(rows, columns))


def test_a_mirrored_picture_is_read_as_one_that_is_not() -> None:
    rows, columns = between()
    places = Places(PICTURE.shape, rows, columns)
    mirrored = PICTURE[::-1, ::-1]
    assert np.array_equal(places.read(mirrored), places.read(mirrored.copy()))


@pytest.mark.parametrize("edge", [0.0, -1e-9, HIGH - 1.0, HIGH - 1 + 1e-9, 1e9, -1e9])
def test_at_the_edge_it_is_as_scipy_has_it(edge: float) -> None:
    rows, columns = np.full(3, edge), np.array([0.0, 4.5, WIDE - 1.0])
    found = Places(PICTURE.shape, rows, columns).read(PICTURE)
    assert np.array_equal(found, by_scipy(rows, columns))


@given(size=st.integers(1, 40), high=st.integers(1, 12), wide=st.integers(1, 12))
@settings(max_examples=60, deadline=None)
def test_windows_are_those_of_scipy(size: int, high: int, wide: int) -> None:
    picture = PICTURE[:high, :wide]
    assert np.array_equal(lowest(picture, size), ndimage.minimum_filter(picture, size))
    assert np.array_equal(highest(picture, size), ndimage.maximum_filter(picture, size))
