"""Read between pixels, turned and turned back as scipy does it, to the last bit."""

import numpy as np
import pytest
from scipy import ndimage

from imaging.regions import lateral_discs
from imaging.regions.lateral_discs import FAINTEST, TILTS_DEG, evened
from imaging.sheet import AT_ONCE, Picture, Sheet, resampled
from imaging.turned import Frame

SIDES = [(1, 7), (9, 3), (40, 31), (75, 120)]


def drawn(sides: tuple[int, int], seed: int = 1) -> Picture:
    noise = np.random.default_rng(seed).normal(size=sides)
    return np.asarray(40 * ndimage.gaussian_filter(noise, 2), dtype=np.float32)


@pytest.mark.parametrize("sides", SIDES)
def test_places_within_and_beyond_a_picture_are_read_as_the_library_does(
    sides: tuple[int, int],
) -> None:
    picture, rng = drawn(sides), np.random.default_rng(2)
    places = [rng.uniform(-5, side + 5, (3, AT_ONCE // 2)) for side in sides]
    places[1][0] = np.rint(places[1][0])
    said = ndimage.map_coordinates(picture, places, order=1, mode="nearest")
    np.testing.assert_array_equal(Sheet(picture).read(places[0], places[1]), said)


@pytest.mark.parametrize("spacing_mm", [(0.4, 0.4), (0.9, 0.3), (0.5, 0.5)])
def test_a_picture_is_brought_to_square_pixels_as_the_library_does(
    spacing_mm: tuple[float, float],
) -> None:
    picture = drawn((60, 45))
    zoom = np.array(spacing_mm) / 0.5
    smooth = ndimage.gaussian_filter(picture, np.maximum(0.0, 0.4 / zoom - 0.2))
    shape = [round(side * each) for side, each in zip(picture.shape, zoom, strict=True)]
    places = [(np.arange(n) + 0.5) / each - 0.5 for n, each in zip(shape, zoom, strict=True)]
    grid = np.meshgrid(*places, indexing="ij")
    said = ndimage.map_coordinates(smooth, grid, order=1, mode="nearest")
    np.testing.assert_array_equal(resampled(picture, spacing_mm, 0.5), said)


def in_the_whole_frame(even: Picture, tilt: float) -> Picture:
    """Turn, average, compare and turn back all of a frame, with the library alone."""
    frame = Frame((even.shape[0], even.shape[1]), tilt)
    level = ndimage.affine_transform(
        even, frame.turn, frame.offset, frame.shape, order=1, mode="nearest"
    )
    along = ndimage.uniform_filter1d(level, 21, axis=1)
    plate = ndimage.uniform_filter1d(along, 5, axis=0)
    darkest = np.full(frame.shape, -np.inf, dtype=np.float32)
    for size, off in ((5, 5), (7, 7), (11, 9)):
        inner = ndimage.uniform_filter1d(along, size, axis=0)
        padded = np.pad(plate, ((off, off), (0, 0)), mode="edge")
        above, below = padded[: frame.shape[0]], padded[2 * off :]
        darkest = np.maximum(darkest, np.minimum(above, below) - inner)
    back = ndimage.affine_transform(
        darkest, frame.turn.T, frame.offset_back, even.shape, order=1, mode="nearest"
    )
    return np.asarray(back, dtype=np.float32)


@pytest.mark.parametrize("tilt_deg", TILTS_DEG)
@pytest.mark.parametrize("sides", [*SIDES, (210, 95)])
def test_dark_bands_are_those_of_the_whole_frame(sides: tuple[int, int], tilt_deg: int) -> None:
    even, tilt = evened(drawn(sides), 0.75), float(np.deg2rad(tilt_deg))
    whole = in_the_whole_frame(even, tilt).ravel()
    places, found = lateral_discs.dark_places(Sheet(even), tilt)
    np.testing.assert_array_equal(found, whole[places])
    assert set(np.flatnonzero(whole > FAINTEST)) <= set(places)


def test_where_nothing_differs_grey_values_are_even_and_not_unknown() -> None:
    picture = np.zeros((400, 300), dtype=np.float32)
    picture[:60, :60] = 1000 * drawn((60, 60))
    assert np.isfinite(evened(picture, 0.75)).all()
