"""Discs of a spine seen from the side: dark bands between plates, joined to one smooth chain."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import fft, ndimage

from imaging.sliding import highest
from imaging.turned import turned

Array = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]

STEP_MM = 0.75  # grid on which discs are sought
# Grey values are compared within this reach, so that neither gamma nor the lungs decide.
AROUND_MM = 10.0
BAND_MM = 16.0  # a disc is a band at least this long
HALF_HEIGHTS_MM = (1.5, 2.5, 4.0)  # of thoracic and lumbar discs
PLATE_MM = 3.0
# Discs lean to this angle against the picture: kyphosis of the upper thoracic spine, lordosis.
TILTS_DEG = tuple(range(-40, 41, 8))
FAINTEST = 0.3  # a band darker than its plates by this many standard deviations
MOST_BANDS = 160
APART_MM = 6.0
# From disc to disc: T4 is about 20 mm with its disc, L4 about 40; a crushed body is shorter.
# Limits of our own, to be confirmed.
GAP_MM = (14.0, 50.0)
GROWTH, GROWTH_SD = 1.035, 0.15  # of a gap over the one above it
# A link between discs crosses both squarely; neighbouring discs lean alike. Spreads of our own.
LEAST_SQUARE = 0.8
SQUARE_SD_DEG, TILT_SD_DEG = 12.0, 12.0
LARGEST_TURN_DEG = 25.0
# The middle of a band jitters along its disc, so that over a short gap the chain seems to bend.
BEND_SD_MM, LARGEST_BEND_DEG = 4.5, 45.0
SURPRISE_COST = 0.06


@dataclass(frozen=True, slots=True)
class LateralChain:
    """Discs from head to foot.

    Attributes
    ----------
    centres : ndarray, shape (discs, 2)
        (row, column) of the middle of each band in mm from the first corner of the picture.
    tilts : ndarray, shape (discs,)
        Angle in radians between the band and the picture's rows; positive falls to the right.
    depths : ndarray, shape (discs,)
        How much darker than its plates, in standard deviations of the grey values around it.
    score : float
    """

    centres: Numbers
    tilts: Numbers
    depths: Numbers
    score: float


def resampled(pixels: Array, spacing_mm: tuple[float, float], step_mm: float) -> Array:
    """Bring a picture to square pixels of one size, blurred just enough not to alias."""
    zoom = [side / step_mm for side in spacing_mm]
    smooth = ndimage.gaussian_filter(pixels, [max(0.0, 0.4 / each - 0.2) for each in zoom])
    shape = [max(2, round(n * each)) for n, each in zip(pixels.shape, zoom, strict=True)]
    rows, columns = ((np.arange(n) + 0.5) / each - 0.5 for n, each in zip(shape, zoom, strict=True))
    grid = np.meshgrid(rows, columns, indexing="ij")
    return np.asarray(
        ndimage.map_coordinates(smooth, grid, order=1, mode="nearest"), dtype=np.float32
    )


def evened(image: Array, step_mm: float) -> Array:
    """Subtract the mean of the surroundings and divide by their spread."""
    reach = AROUND_MM / step_mm
    away = image - _surroundings(image, reach)
    spread = np.sqrt(_surroundings(away**2, reach))
    # Where nothing is shown there is only noise: it is not raised to the rank of bone.
    floor = 0.15 * float(image.std()) or 1.0
    return np.asarray(np.clip(away / (spread + floor), -2.5, 2.5), dtype=np.float32)


def _surroundings(values: Array, reach: float) -> Array:
    """Blur by a bell of this standard deviation, mirrored at the edges.

    In cosines that is one product, ten times as fast as sums over a wide window.
    """
    faint = [np.exp(-0.5 * (np.pi * reach / n * np.arange(n)) ** 2) for n in values.shape]
    return np.asarray(fft.idctn(fft.dctn(values) * np.outer(*faint)), dtype=np.float32)


def find_chain(image: Array) -> LateralChain | None:
    """Choose the chain of dark bands that is most like the discs of a spine.

    Parameters
    ----------
    image : ndarray, shape (rows, columns)
        On a grid of ``STEP_MM``, bone bright.

    Returns
    -------
    LateralChain or None
        None where no two bands follow each other as discs do.
    """
    bands = _bands(evened(image, STEP_MM))
    best = _best_chain(bands)
    if best is None:
        return None
    score, members = best
    chosen = bands[members]
    return LateralChain(chosen[:, :2], chosen[:, 2], chosen[:, 3], score)


def _bands(even: Array) -> Numbers:
    """List dark bands: row and column in mm, tilt in radians, depth; from the top."""
    found = np.stack([_darkness(even, np.deg2rad(tilt)) for tilt in TILTS_DEG])
    depth = found.max(axis=0)
    tilt = np.deg2rad(np.asarray(TILTS_DEG, dtype=float))[found.argmax(axis=0)]
    around = highest(depth, round(APART_MM / STEP_MM))
    rows, columns = np.nonzero((depth == around) & (depth > FAINTEST))
    strongest = np.argsort(-depth[rows, columns], kind="stable")[:MOST_BANDS]
    rows, columns = rows[strongest], columns[strongest]
    order = np.lexsort((columns, rows))
    rows, columns = rows[order], columns[order]
    return np.column_stack(
        [
            (rows + 0.5) * STEP_MM,
            (columns + 0.5) * STEP_MM,
            tilt[rows, columns],
            depth[rows, columns],
        ]
    )


def _darkness(even: Array, tilt: float) -> Array:
    """Measure how much darker a band of this tilt is than the fainter of its two plates."""
    high, wide = even.shape
    pad = int(0.5 * abs(np.sin(tilt)) * max(high, wide)) + 2
    turn = np.array([[np.cos(tilt), np.sin(tilt)], [-np.sin(tilt), np.cos(tilt)]])
    middle = np.array([(high - 1) / 2, (wide - 1) / 2])
    shape = (high + 2 * pad, wide + 2 * pad)
    turned_middle = middle + pad
    level = turned(even, turn, middle - turn @ turned_middle, shape)
    along = ndimage.uniform_filter1d(level, round(BAND_MM / STEP_MM) | 1, axis=1)
    plate = ndimage.uniform_filter1d(along, round(PLATE_MM / STEP_MM) | 1, axis=0)
    darkest = np.full(shape, -np.inf, dtype=np.float32)
    for half_mm in HALF_HEIGHTS_MM:
        inner = ndimage.uniform_filter1d(along, round(2 * half_mm / STEP_MM) | 1, axis=0)
        off = round((half_mm + 2.5) / STEP_MM)
        padded = np.pad(plate, ((off, off), (0, 0)), mode="edge")
        above, below = padded[: shape[0]], padded[2 * off :]
        np.maximum(darkest, np.minimum(above, below) - inner, out=darkest)
    back = turn.T
    return turned(darkest, back, turned_middle - back @ middle, (high, wide))


@dataclass(slots=True)
class _Links:
    """Links that end at one band, each with the best chain up to it."""

    start: npt.NDArray[np.intp]
    gap: Numbers
    heading: Numbers  # unit vectors
    score: Numbers
    came_from: npt.NDArray[np.intp]  # which link of the start; -1 where the chain begins


def _best_chain(bands: Numbers) -> tuple[float, list[int]] | None:
    """Extend chains band by band; the state is a link, because gaps must grow smoothly."""
    gain = bands[:, 3] - FAINTEST
    normal = np.column_stack([np.cos(bands[:, 2]), -np.sin(bands[:, 2])])
    ending: list[_Links] = []
    best: tuple[float, int, int] | None = None
    for end in range(len(bands)):
        links = _links_to(end, bands, normal, gain, ending)
        ending.append(links)
        if len(links.start):
            top = int(links.score.argmax())
            if best is None or links.score[top] > best[0]:
                best = (float(links.score[top]), end, top)
    if best is None:
        return None
    score, end, link = best
    members = [end]
    while link >= 0:
        links = ending[members[-1]]
        members.append(int(links.start[link]))
        link = int(links.came_from[link])
    return score, members[::-1]


def _links_to(
    end: int, bands: Numbers, normal: Numbers, gain: Numbers, ending: list[_Links]
) -> _Links:
    apart = bands[end, :2] - bands[:end, :2]
    gaps = np.hypot(*apart.T)
    headings = apart / np.maximum(gaps, 1e-9)[:, None]
    leaving = np.clip((headings * normal[:end]).sum(axis=1), -1, 1)
    arriving = np.clip(headings @ normal[end], -1, 1)
    turn = np.degrees(bands[end, 2] - bands[:end, 2])
    likely = (
        (gaps >= GAP_MM[0])
        & (gaps <= GAP_MM[1])
        & (np.minimum(leaving, arriving) >= LEAST_SQUARE)
        & (np.abs(turn) <= LARGEST_TURN_DEG)
    )
    start = np.flatnonzero(likely)
    lean = (np.degrees(np.arccos(leaving)) ** 2 + np.degrees(np.arccos(arriving)) ** 2) / 2
    cost = SURPRISE_COST * (lean / SQUARE_SD_DEG**2 + (turn / TILT_SD_DEG) ** 2)
    score = np.empty(len(start))
    came_from = np.full(len(start), -1, dtype=np.intp)
    for k, at in enumerate(start):
        longer, before = _longer(ending[at], gaps[at], headings[at])
        score[k] = gain[end] - cost[at] + max(longer, gain[at])
        if longer > gain[at]:
            came_from[k] = before
    return _Links(start, gaps[start], headings[start], score, came_from)


def _longer(links: _Links, gap: float, heading: Numbers) -> tuple[float, int]:
    """Find the best chain that a link may prolong, less what their difference surprises."""
    if not len(links.start):
        return -np.inf, -1
    growth = (np.log(gap / links.gap) - np.log(GROWTH)) / GROWTH_SD
    bend = np.arccos(np.clip(links.heading @ heading, -1, 1))
    jitter = bend * np.minimum(links.gap, gap) / BEND_SD_MM
    score = links.score - SURPRISE_COST * (growth**2 + jitter**2)
    score[bend > np.radians(LARGEST_BEND_DEG)] = -np.inf
    top = int(score.argmax())
    return float(score[top]), top
