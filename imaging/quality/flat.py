"""Findings about flat bone pictures that need pixels or numbers: metal, motion, one odd level."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imaging.polygons import inside
from imaging.projection import Projection
from imaging.regions.spine_column import STEP_MM, exposed_field, on_working_grid
from imaging.result import Finding, Measurement, Region, Severity
from imaging.wording import about, in_words, listed

# Cortex and processes reach the lightest value in strips of up to 5 mm; a broader patch of it in
# a region is metal, or contrast medium (limits of our own).
PATCH_MM = 6.5
TOP = 0.985
# ISCD Adult Official Positions 2019 (iscd.org): a vertebra is left out whose T-score differs by
# more than 1.0 from the adjacent ones. One T-score is about 12 % of spine density; grey grows with
# density to the power of 1.4 to 2.2 on the one display that could be compared (our own).
ODD_LEVEL = 0.25
# A jump of the whole picture by this much between two lines of the scan.
JUMP_MM = 1.5
BAND_MM = 1.5
SEARCH_MM = 4.0
# The jump must explain this much of how two neighbouring bands differ.
EXPLAINED = 0.4


def metal_in(image: Projection, regions: Sequence[Region]) -> list[Finding]:
    """Name regions in which a patch is as light as the picture gets."""
    if image.spacing is None:
        return []
    light = image.pixels >= TOP * image.pixels.max() + (1 - TOP) * image.pixels.min()
    light &= exposed_field(image.pixels)
    size = tuple(max(1, round(PATCH_MM / mm)) for mm in image.spacing.mm)
    # What holds no whole patch falls away: an opening, faster on numbers than on truths.
    patch = ndimage.grey_opening(light.view(np.uint8), size, mode="constant") > 0
    shape = (image.pixels.shape[0], image.pixels.shape[1])
    names = [
        region.id
        for region in regions
        if region.outline == "area" and (patch & inside(region.polygon, shape)).any()
    ]
    if not names:
        return []
    return [
        Finding(
            code="metal_or_implant",
            severity=Severity.WARNING,
            regions=tuple(names),
            advice=f"In {listed(map(in_words, names))} lies a patch as light as the picture "
            "gets: metal, a button, contrast medium or cement. Leave the region out.",
        )
    ]


def odd_levels(measured: Sequence[Measurement]) -> list[Finding]:
    """Name vertebrae that are much lighter or darker than their neighbours."""
    grey = {m.region: m.value for m in measured if m.name == "grey_median" and "-" not in m.region}
    names = list(grey)
    odd = []
    for at, name in enumerate(names):
        beside = [grey[names[k]] for k in (at - 1, at + 1) if 0 <= k < len(names)]
        if len(names) < 3 or min(beside) <= 0:
            continue
        ratios = [grey[name] / other for other in beside]
        if min(ratios) > 1 + ODD_LEVEL or max(ratios) < 1 / (1 + ODD_LEVEL):
            odd.append(name)
    if not odd:
        return []
    return [
        Finding(
            code="level_differs",
            severity=Severity.WARNING,
            regions=tuple(odd),
            advice=f"{about(odd, 'is', 'are')} much lighter or darker than the neighbours: look "
            "for degeneration, fracture, surgery or something that overlies it. A vertebra is left "
            "out where its T-score differs by more than 1.0 from the adjacent ones (ISCD).",
        )
    ]


def motion_in(image: Projection) -> list[Finding]:
    """Look for a line of the scan at which everything jumps sideways: the person moved."""
    if image.spacing is None:
        return []
    spacing = (image.spacing.mm[0], image.spacing.mm[1])
    shown = np.where(exposed_field(image.pixels), image.pixels, image.pixels.min())
    grid = ndimage.gaussian_filter1d(
        on_working_grid(shown.astype(np.float32), spacing), 1.0, axis=1
    )
    jumps = _jumps(np.asarray(grid, dtype=np.float64))
    if not jumps:
        return []
    rows = ", ".join(f"{row * STEP_MM:.0f} mm" for row in jumps[:3])
    return [
        Finding(
            code="motion",
            severity=Severity.WARNING,
            advice=f"The picture jumps sideways at {rows} from its top, as it does when a person "
            "moves: repeat the scan.",
        )
    ]


def _jumps(grid: npt.NDArray[np.float64]) -> list[int]:
    band = round(BAND_MM / STEP_MM)
    means = ndimage.uniform_filter1d(grid, band, axis=0)
    found: list[int] = []
    for row in range(2 * band, len(grid) - 2 * band):
        above, below = means[row - band + band // 2], means[row + band // 2 + 1]
        if _jumps_here(above, below) and (not found or row - found[-1] > 4 * band):
            found.append(row)
    return found


def _jumps_here(above: npt.NDArray[np.float64], below: npt.NDArray[np.float64]) -> bool:
    """Ask whether one shift brings two bands together, left and right of the middle alike.

    A bone that ends at this line looks like a jump too, but on its own side only.
    """
    reach = round(SEARCH_MM / STEP_MM)
    middle = above[reach:-reach]
    squares = np.stack(
        [
            (middle - below[reach + s : len(below) - reach + s]) ** 2
            for s in range(-reach, reach + 1)
        ]
    )
    apart = squares.mean(axis=1)
    best = int(apart.argmin())
    if abs(best - reach) * STEP_MM < JUMP_MM or apart[reach] < 0.01 * middle.var():
        return False
    # Halves of equal contrast, not of equal width.
    contrast = np.cumsum(np.abs(np.gradient(middle)))
    half = int(np.searchsorted(contrast, contrast[-1] / 2))
    return all(
        part[best].mean() < EXPLAINED * part[reach].mean()
        for part in (squares[:, :half], squares[:, half:])
        if part.shape[1]
    )
