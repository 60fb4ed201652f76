"""Pages that were laid on the scanner askew, turned upright."""

import numpy as np
import numpy.typing as npt
from PIL import Image

WIDE = 800  # pixels are enough to see lines of print
STEEPEST = 5.0  # degrees
STEPS = (0.5, 0.1)  # degrees, coarse and fine
LEAST = 0.25  # degrees: less moves no word out of its line


def upright(page: Image.Image) -> Image.Image:
    """Turn a grey page, dark on bright, so that its lines of print are level."""
    angle = skew(page)
    if abs(angle) < LEAST:
        return page
    return page.rotate(-angle, resample=Image.Resampling.BICUBIC, fillcolor=255)


def skew(page: Image.Image) -> float:
    """Measure how far lines of print rise to the right, in degrees; 0 on a page without print.

    Ink falls into the fewest rows where rows run along the print (projection profile; Postl 1986).
    """
    scale = min(1.0, WIDE / page.width)
    small = page.resize((max(1, round(page.width * scale)), max(1, round(page.height * scale))))
    grey = np.asarray(small, dtype=np.float32)
    rows, columns = np.nonzero(grey < 0.6 * np.percentile(grey, 80))
    if rows.size == 0:
        return 0.0
    best = 0.0
    for reach, step in zip((STEEPEST, STEPS[0]), STEPS, strict=True):
        angles = best + np.arange(-reach, reach + step / 2, step)
        best = float(max(angles, key=lambda angle: _crowding(rows, columns, angle)))
    return best


def _crowding(
    rows: npt.NDArray[np.intp], columns: npt.NDArray[np.intp], angle: float
) -> tuple[float, float]:
    """Say how unevenly ink falls into rows that rise by this angle; of equals the least angle."""
    level = np.round(rows + columns * np.tan(np.radians(angle))).astype(np.intp)
    counts = np.bincount(level - level.min()).astype(np.float64)
    return float((counts**2).sum()), -abs(angle)
