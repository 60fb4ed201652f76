"""Where the bone of one picture lies in another of the same kind: turned and shifted, no more."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imaging.polygons import inside
from imaging.projection import Projection
from imaging.result import Region

Array = npt.NDArray[np.float64]

# Size of the grid that pictures are compared on, coarse to fine.
STEPS_MM = (4.0, 2.0, 1.0)
MOST_DEGREES = 12.0
MOST_MM = 40.0
# Two pictures of the same bones, a visit apart, correlate by more.
ALIKE = 0.6
SAME_PLACE = 0.5  # of two outlines of one bone is in both


@dataclass(frozen=True, slots=True)
class Rigid:
    """A turn about the middle of the earlier picture, then a shift.

    Attributes
    ----------
    shift_mm : tuple of (row, column)
    correlation : float
        Of the two pictures where they overlap, once aligned.
    """

    degrees: float
    shift_mm: tuple[float, float]
    correlation: float


def align(earlier: Projection, later: Projection) -> Rigid | None:
    """Find the turn and shift that take the earlier picture onto the later one.

    Normalised correlation on grids of 4, 2 and 1 mm; independent of brightness and contrast.

    Returns
    -------
    Rigid or None
        None where a picture has no size in mm, or the two do not show the same.
    """
    if earlier.spacing is None or later.spacing is None:
        return None
    # It loads as long as Django does, and no process but one that compares two visits needs it.
    from scipy import optimize

    best = np.zeros(3)
    for step in STEPS_MM:
        fixed, moving = _on_grid(later, step), _on_grid(earlier, step)
        starts = _starts(best) if step == STEPS_MM[0] else [best]

        def cost(
            at: Array, fixed: Array = fixed, moving: Array = moving, mm: float = step
        ) -> float:
            return -_correlation(fixed, moving, at, mm)

        found = [
            optimize.minimize(
                cost, start, method="Powell", options={"xtol": 0.05 * step, "ftol": 1e-5}
            )
            for start in starts
        ]
        best = np.asarray(min(found, key=lambda one: float(one.fun)).x)
    agreed = -cost(best)
    if agreed < ALIKE or abs(best[0]) > MOST_DEGREES or max(abs(best[1:])) > MOST_MM:
        return None
    return Rigid(float(best[0]), (float(best[1]), float(best[2])), agreed)


def _starts(middle: Array) -> list[Array]:
    return [middle + np.array([0.0, row, 0.0]) for row in (-20.0, 0.0, 20.0)]


def _on_grid(image: Projection, step: float) -> Array:
    """Average a picture onto square pixels of this size in mm."""
    assert image.spacing is not None
    zoom = tuple(mm / step for mm in image.spacing.mm)
    smooth = ndimage.gaussian_filter(image.pixels.astype(float), [0.4 / one for one in zoom])
    return np.asarray(ndimage.zoom(smooth, zoom, order=1), dtype=np.float64)


def _correlation(fixed: Array, moving: Array, at: Array, step: float) -> float:
    """Correlate where both have pixels; little overlap counts against."""
    turn = _turn(at[0])
    middle = (np.array(moving.shape) - 1) / 2
    # Each pixel of the later picture looks up where it was in the earlier one.
    offset = middle - turn.T @ (middle + at[1:] / step)
    moved = ndimage.affine_transform(
        moving, turn.T, offset=offset, output_shape=fixed.shape, order=1, cval=np.nan
    )
    both = np.isfinite(moved)
    if both.mean() < 0.4:
        return -1.0
    a, b = fixed[both] - fixed[both].mean(), moved[both] - moved[both].mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 0 else -1.0


def _turn(degrees: float) -> Array:
    angle = np.deg2rad(degrees)
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def carried_over(
    regions: Sequence[Region], rigid: Rigid, earlier: Projection, later: Projection
) -> dict[str, tuple[tuple[float, float], ...]]:
    """Outlines of the earlier picture, in pixels (column, row) of the later one."""
    assert earlier.spacing is not None
    assert later.spacing is not None
    sizes, onto = np.array(earlier.spacing.mm), np.array(later.spacing.mm)
    middle = (np.array(earlier.pixels.shape) - 1) / 2 * sizes
    turn = _turn(rigid.degrees)
    moved = {}
    for region in regions:
        places = np.array([(row, column) for column, row in region.polygon]) * sizes
        there = ((places - middle) @ turn.T + middle + np.array(rigid.shift_mm)) / onto
        moved[region.id] = tuple((float(column), float(row)) for row, column in there)
    return moved


def elsewhere(
    earlier: Sequence[Region],
    later: Sequence[Region],
    rigid: Rigid,
    images: tuple[Projection, Projection],
) -> list[str]:
    """Name regions that lie on another bone than the region of that name did before."""
    moved = carried_over(earlier, rigid, *images)
    shape = (images[1].pixels.shape[0], images[1].pixels.shape[1])
    found = []
    for region in later:
        if region.id not in moved or region.outline != "area":
            continue
        now, then = inside(region.polygon, shape), inside(moved[region.id], shape)
        together = int((now | then).sum())
        if not together or (now & then).sum() < SAME_PLACE * together:
            found.append(region.id)
    return found
