"""Whether a picture is of a printed page: paper of one colour, and many small letters on it."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

# Paper covers at least this share of a report; pictures of bone have no such flat part, or a
# black one without letters.
PAPER = 0.4
NEAR_PAPER = 4.0  # of 255 grey values
FEWEST_LETTERS = 60
LETTER_SIDES = (3, 60)  # pixels
# Of all that is not paper, what is as small as letters: 0.23-0.90 on report pages of two makers,
# at most 0.03 on radiographs and pictures of densitometers.
LETTERS = 0.08


def looks_like_page(pixels: npt.NDArray[np.generic]) -> bool:
    """Tell a page of a report from a picture of bone, without reading it."""
    values = np.asarray(pixels, dtype=np.float32)
    low, high = float(values.min()), float(values.max())
    if high <= low:
        return False
    grey = 255 * (values - low) / (high - low)
    counts, edges = np.histogram(grey, bins=64, range=(0, 255))
    paper = float(edges[int(counts.argmax())] + 2)
    if float((np.abs(grey - paper) <= NEAR_PAPER).mean()) < PAPER:
        return False
    marked, count = ndimage.label(np.abs(grey - paper) > 60, np.ones((3, 3)))
    if count < FEWEST_LETTERS:
        return False
    heights = np.array([rows.stop - rows.start for rows, _ in ndimage.find_objects(marked)])
    small = (heights >= LETTER_SIDES[0]) & (heights <= LETTER_SIDES[1])
    sizes = np.bincount(marked.ravel())[1:]
    return bool(small.sum() >= FEWEST_LETTERS and sizes[small].sum() > LETTERS * sizes.sum())
