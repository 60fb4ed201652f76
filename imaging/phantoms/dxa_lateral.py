"""A drawn lateral spine from T3 to the sacrum, as a densitometer shows and stores it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydicom.uid import ComputedRadiographyImageStorage
from scipy import ndimage

from imaging.phantoms.writing import MARK, header, with_pixels

Array = npt.NDArray[np.float64]
TOP_GREY = 252  # densitometers show 127 levels, 0 to 252
WIDTH_MM, HEIGHT_MM = 200.0, 438.0
LEVELS = (*(f"T{level}" for level in range(3, 13)), *(f"L{level}" for level in range(1, 6)))
INSET_MM = 2.0  # the corners of the truth lie this far inside front and back
# Lean of each body against the picture's rows, degrees, at some of the levels: kyphosis, lordosis.
LEAN_AT = (0, 2, 4, 7, 10, 12, 13, 14)
LEAN_DEG = (24.0, 10.0, -1.0, -8.0, -6.0, -4.0, 5.0, 20.0)


@dataclass(frozen=True, slots=True)
class LateralTruth:
    """Where things are, in mm from the top and left of the picture.

    Attributes
    ----------
    points_mm : dict of ndarray, shape (6, 2)
        (row, column) of the six points of each body, in the order of
        ``morphometry.six_points.POINTS``.
    heights_mm : dict of tuple
        Anterior, middle and posterior height of each body.
    """

    points_mm: dict[str, Array]
    heights_mm: dict[str, tuple[float, float, float]]
    pixel_mm: float


@dataclass(frozen=True, slots=True)
class _Body:
    centre: Array  # (row, column) mm
    lean: float  # radians
    depth: float
    heights: tuple[float, float, float]  # anterior, middle, posterior
    disc_below: float

    def local(self, rows: Array, columns: Array) -> tuple[Array, Array]:
        """Give (towards the front, downward) of each place, mm from the middle of the body."""
        down, right = rows - self.centre[0], columns - self.centre[1]
        sine, cosine = np.sin(self.lean), np.cos(self.lean)
        return right * cosine + down * sine, down * cosine - right * sine

    def half_height(self, forward: Array) -> Array:
        """Give half the height at each place from back to front: a parabola through three."""
        front, middle, back = self.heights
        at = np.clip(forward / (self.depth / 2 - INSET_MM), -1.4, 1.4)
        return np.asarray(
            (middle + (front - back) / 2 * at + ((front + back) / 2 - middle) * at**2) / 2
        )

    def six_points(self) -> Array:
        reach = self.depth / 2 - INSET_MM
        forward = np.array([reach, 0.0, -reach])
        half = self.half_height(forward)
        local = np.concatenate(
            [np.column_stack([forward, -half]), np.column_stack([forward, half])[::-1]]
        )
        sine, cosine = np.sin(self.lean), np.cos(self.lean)
        turn = np.array([[sine, cosine], [cosine, -sine]])  # (forward, down) to (row, column)
        return np.asarray(self.centre + local @ turn.T)


def dxa_lateral(
    seed: int,
    deformed: Mapping[str, tuple[str, float]] | None = None,
    *,
    pixel_mm: float = 0.5,
) -> tuple[npt.NDArray[np.uint8], LateralTruth]:
    """Draw a lateral spine, front to the right, head up.

    Parameters
    ----------
    seed : int
        Anatomy and noise; the same seed gives the same picture.
    deformed : mapping of level to (kind, loss), optional
        ``wedge``, ``biconcave`` or ``crush`` with the share of height lost.

    Returns
    -------
    pixels : ndarray of uint8, shape (rows, columns)
    truth : LateralTruth
    """
    rng = np.random.default_rng(seed)
    rows, columns = np.meshgrid(
        np.arange(0, HEIGHT_MM, pixel_mm) + pixel_mm / 2,
        np.arange(0, WIDTH_MM, pixel_mm) + pixel_mm / 2,
        indexing="ij",
    )
    bodies = _anatomy(rng, deformed or {})
    image = _surroundings(rng, rows, columns, bodies)
    for level, body in bodies.items():
        image = np.maximum(image, _behind(body, rows, columns))
        image += _vertebra(body, rows, columns, 62.0 + rng.normal(0, 4) + _scapula(level))
    image += _pelvis(bodies["L5"], rows, columns)
    image += 7 * _clouds(rng, rows.shape, 0.6 / pixel_mm) * np.clip(image / 60 - 0.4, 0, 1)
    image += rng.normal(0, 5, rows.shape)
    image = ndimage.gaussian_filter(image, 0.35 / pixel_mm)
    grey = (np.clip(np.rint(image / 2), 0, TOP_GREY // 2) * 2).astype(np.uint8)
    read = LEVELS[1:-1]
    truth = LateralTruth(
        {level: bodies[level].six_points() for level in read},
        {level: bodies[level].heights for level in read},
        pixel_mm,
    )
    return grey, truth


def _anatomy(
    rng: np.random.Generator, deformed: Mapping[str, tuple[str, float]]
) -> dict[str, _Body]:
    bodies: dict[str, _Body] = {}
    leans = np.deg2rad(np.interp(np.arange(len(LEVELS)), LEAN_AT, LEAN_DEG) + rng.normal(0, 1.5))
    size = rng.uniform(0.95, 1.04)
    place = np.array([rng.uniform(-2, 3), rng.uniform(66, 72)])
    for at, level in enumerate(LEVELS):
        share = at / (len(LEVELS) - 1)
        tall = size * (19.0 + 9.5 * share) * rng.normal(1, 0.012)
        disc = size * (3.4 + 7.0 * share**1.4)
        own = _lowered((0.97 * tall, 0.965 * tall, tall), deformed.get(level))
        lean = float(leans[at])
        down = np.array([np.cos(lean), -np.sin(lean)])
        place = place + down * own[1] / 2
        bodies[level] = _Body(place, lean, size * (21.0 + 14.0 * share), own, disc)
        place = place + down * (own[1] / 2 + disc)
    return bodies


def _lowered(
    sound: tuple[float, float, float], loss: tuple[str, float] | None
) -> tuple[float, float, float]:
    if loss is None:
        return sound
    front, middle, back = sound
    kind, share = loss
    if kind == "wedge":
        return back * (1 - share), (back + back * (1 - share)) / 2, back
    if kind == "biconcave":
        return front, back * (1 - share), back
    left = back * (1 - share)
    return left, 0.97 * left, left


def _vertebra(body: _Body, rows: Array, columns: Array, bright: float) -> Array:
    """Give body, endplates and cortex."""
    forward, down = body.local(rows, columns)
    half = body.half_height(forward)
    ends = half - np.abs(down)
    waist = body.depth / 2 - 1.2 * np.cos(np.clip(down / (2 * half) * np.pi, -np.pi, np.pi))
    inside = _soft(ends, 0.35) * _soft(waist - np.abs(forward), 0.45)
    sides = _soft(body.depth / 2 - np.abs(forward), 0.5)
    plates = 55 * np.exp(-(((ends - 0.9) / 0.8) ** 2)) * sides
    cortex = 22 * np.exp(-(((waist - forward - 0.5) / 0.8) ** 2)) * _soft(ends, 0.35)
    return np.asarray(bright * inside + plates + cortex)


def _behind(body: _Body, rows: Array, columns: Array) -> Array:
    """Give pedicle, facets, spinous process, with the dark foramen between two pedicles."""
    forward, down = body.local(rows, columns)
    tall = max(body.heights)
    behind = -forward - body.depth / 2
    span = _soft(tall / 2 + body.disc_below - np.abs(down), 1.0)
    facets = 150 * _soft(7.5 - np.abs(behind - 15.0), 1.2) * span
    pedicle = (
        115
        * _soft(6 - np.abs(behind - 4.0), 1.0)
        * np.exp(-(((down + 0.2 * tall) / (0.27 * tall)) ** 4))
    )
    spinous = 75 * np.exp(-(((behind - 33) / 9) ** 4) - ((down - 0.3 * tall) / (0.3 * tall)) ** 4)
    return np.asarray(np.maximum(np.maximum(facets, pedicle), spinous))


def _surroundings(
    rng: np.random.Generator, rows: Array, columns: Array, bodies: Mapping[str, _Body]
) -> Array:
    """Give soft tissue, the dark lung before the thoracic spine, and ribs across it."""
    diaphragm = bodies["T11"].centre[0] + 0.35 * (columns - bodies["T11"].centre[1])
    belly = _soft(rows - diaphragm, 6.0)
    skin = _soft(columns - 14 - 8 * np.sin(rows / 140), 2.0)
    image = skin * (20 + 22 * belly + 6 * _clouds(rng, rows.shape, 30.0))
    for start in np.arange(20.0, 230.0, 31.0):
        line = rows - start - 0.75 * (columns - 50)
        image += 22 * np.exp(-((line / 4.0) ** 4)) * skin * _soft(230 - rows, 12.0)
    return np.asarray(image)


def _scapula(level: str) -> float:
    """The shoulder lies over the upper thoracic spine."""
    return {"T3": 40.0, "T4": 25.0, "T5": 10.0}.get(level, 0.0)


def _pelvis(lowest: _Body, rows: Array, columns: Array) -> Array:
    """Give the iliac wings over L5 and the sacrum below it."""
    top = lowest.centre[0] - 0.62 * max(lowest.heights)
    middle = lowest.centre[1] - 12
    crest = _soft(rows - top - 0.004 * (columns - middle) ** 2, 1.0)
    return np.asarray(80 * crest * _soft(52 - np.abs(columns - middle), 4.0))


def _clouds(rng: np.random.Generator, shape: tuple[int, ...], size: float) -> Array:
    noise = ndimage.gaussian_filter(rng.normal(0, 1, shape), size)
    return np.asarray(noise / noise.std(), dtype=np.float64)


def _soft(inside: Array, blur: float) -> Array:
    """Turn a signed distance in mm into a smooth edge."""
    return np.asarray(1 / (1 + np.exp(-np.clip(inside / blur, -40, 40))), dtype=np.float64)


def dxa_lateral_dicom(seed: int, deformed: Mapping[str, tuple[str, float]] | None = None) -> bytes:
    """Wrap ``dxa_lateral`` as a densitometer stores it: CR, 8 bit, Exposed Area, no spacing."""
    pixels, _ = dxa_lateral(seed, deformed)
    dataset = header(f"dxa-lateral-{seed}", ComputedRadiographyImageStorage, "CR")
    dataset.StudyDescription = f"{MARK} DXA Exam"
    dataset.SeriesDescription = f"{MARK} DXA Images"
    dataset.ProtocolName = "LVA"
    dataset.ExposedArea = [round(WIDTH_MM), round(HEIGHT_MM)]
    return with_pixels(dataset, pixels, bits=8, signed=False)
