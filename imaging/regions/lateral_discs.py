"""Discs of a spine seen from the side: dark bands between plates, joined to one smooth chain."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import fft, ndimage

from imaging.sheet import Sheet
from imaging.sliding import highest
from imaging.turned import Frame

Array = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]

STEP_MM = 0.75  # grid on which discs are sought
# Grey values are compared within this reach, so that neither gamma nor the lungs decide.
AROUND_MM = 10.0
BAND_MM = 16.0  # a disc is a band at least this long
HALF_HEIGHTS_MM = (1.5, 2.5, 4.0)  # of thoracic and lumbar discs
PLATE_MM = 3.0
# In steps: to both sides of the middle of a band, a plate and discs, and from a disc to its plates.
BAND, PLATE, *HALVES = (
    (round(mm / STEP_MM) | 1) // 2
    for mm in (BAND_MM, PLATE_MM, *(2 * half for half in HALF_HEIGHTS_MM))
)
TO_PLATES = [round((half + 2.5) / STEP_MM) for half in HALF_HEIGHTS_MM]
TALLEST, FARTHEST = max(PLATE, *HALVES), max(TO_PLATES)
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


def evened(image: Array, step_mm: float) -> Array:
    """Subtract the mean of the surroundings and divide by their spread."""
    reach = AROUND_MM / step_mm
    away = image - _surroundings(image, reach)
    # Where grey values hardly differ, rounding takes their mean square below nought.
    spread = np.sqrt(np.maximum(_surroundings(away**2, reach), 0))
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
    sheet = Sheet(even)
    deepest = np.full(even.size, -np.inf, dtype=np.float32)
    leans = np.zeros(even.size)
    for lean in np.deg2rad(np.asarray(TILTS_DEG, dtype=float)):
        places, depth = dark_places(sheet, float(lean))
        deeper = depth > deepest[places]
        deepest[places[deeper]] = depth[deeper]
        leans[places[deeper]] = lean
    depth, tilt = deepest.reshape(even.shape), leans.reshape(even.shape)
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


def dark_places(sheet: Sheet, tilt: float) -> tuple[npt.NDArray[np.intp], Array]:
    """Measure how much darker a band of this tilt is than the fainter of its two plates.

    Returns
    -------
    places : ndarray of int
        Of the picture, row after row; all where it is more than ``FAINTEST``.
    darkness : ndarray
    """
    frame = Frame(sheet.shape, tilt)
    high, wide = frame.shape
    # Beyond its ends the frame goes on mirrored.
    along = np.zeros((high + 2 * TALLEST, wide), dtype=np.float32)
    inner = along[TALLEST:-TALLEST]
    for rows, columns in frame.blocks(reach=FARTHEST + TALLEST):
        first, last = max(0, columns.start - BAND), min(wide, columns.stop + BAND)
        level = frame.filled(sheet, (rows, slice(first, last)))
        mean = ndimage.uniform_filter1d(level, 2 * BAND + 1, axis=1)
        inner[rows, columns] = mean[:, columns.start - first : columns.stop - first]
    along[:TALLEST] = inner[:TALLEST][::-1]
    along[-TALLEST:] = inner[-TALLEST:][::-1]
    darkness = np.zeros(frame.shape, dtype=np.float32)
    for rows, columns in frame.blocks(reach=0):
        darkness[rows, columns] = _below_plates(along[:, columns], rows)
    return frame.back(darkness, above=FAINTEST)


def _below_plates(along: Array, rows: slice) -> Array:
    """Compare bands of every height with their plates, in some rows of a frame with its margins."""
    last = len(along) - 2 * TALLEST - 1
    near = np.clip(np.arange(rows.start - FARTHEST, rows.stop + FARTHEST), 0, last)
    first, count = near[0], near[-1] + 1 - near[0]
    values = along[first : first + count + 2 * TALLEST].astype(np.float64)
    total = values[TALLEST : TALLEST + count].copy()
    means = {}
    for half in range(1, TALLEST + 1):
        for beside in (TALLEST - half, TALLEST + half):
            total += values[beside : beside + count]
        if half in (PLATE, *HALVES):
            means[half] = (total / (2 * half + 1)).astype(np.float32)
    plate = means[PLATE][near - first]
    found = []
    high = rows.stop - rows.start
    for half, off in zip(HALVES, TO_PLATES, strict=True):
        inner = means[half][rows.start - first :][:high]
        above, below = (plate[FARTHEST + side :][:high] for side in (-off, off))
        found.append(np.minimum(above, below) - inner)
    return np.asarray(np.maximum.reduce(found))


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
