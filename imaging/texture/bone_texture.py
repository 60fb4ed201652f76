"""Texture of any region of bone, flat or in a volume: the numbers that are shown."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from imaging.result import Measurement, TriedOn
from imaging.texture import anisotropy, fractal, variogram
from imaging.texture.aggregation import HOW, Aggregation, pieces
from imaging.texture.catalogue import COOCCURRENCE, FIRST_ORDER, IBSI, Feature
from imaging.texture.cooccurrence import cooccurrence_features
from imaging.texture.discretise import fixed_bin_number
from imaging.texture.first_order import first_order
from imaging.texture.grid import Grid, Mask, Millimetres, Sampled, sample, stacked
from imaging.texture.stability import Stability, stabilities

# One grid for every scanner: after it a 5 % error of scale moves co-occurrence by 1-2 %, not by
# 10. As coarse as the coarsest densitometer in use, so that no detail is made up.
FLAT = Grid(step_mm=0.5, blur_mm=0.25)
# A body CT of any vendor resolves about a millimetre.
SOLID = Grid(step_mm=1.0, blur_mm=0.5)
# Slices further apart than this many steps of the grid would be made up between; then every slice
# is a picture of its own, and the slices' counts are added up.
THICKEST_SLICE = 1.5
BINS = 16
# Fewer points than this give a co-occurrence table of mostly empty cells.
FEWEST_POINTS = 200

# Of the whole set those that a shift by 1 mm and a scale error of 5 % move by about 1 %; skewness,
# kurtosis, contrast, dissimilarity and energy move by several.
SHOWN_FIRST_ORDER = (
    "mean",
    "coefficient_of_variation",
    "median",
    "percentile_10",
    "percentile_90",
    "interquartile_range",
)
SHOWN_COOCCURRENCE = (
    "correlation",
    "joint_entropy",
    "inverse_difference_moment",
)
NOT_THE_SCORE = "our own scale, not the trabecular bone score and not convertible to it"


class Intensity(NamedTuple):
    """What a value of the picture is: the first part of a number's name, and its unit (UCUM)."""

    name: str
    unit: str


GREY = Intensity("grey", "1")
HOUNSFIELD = Intensity("attenuation", "[hnsf'U]")
# In the intensity's unit; the others have none.
IN_INTENSITY = {"mean", "median", "percentile_10", "percentile_90", "interquartile_range"}


class _Shown(NamedTuple):
    unit: str
    method: str
    source: str


def texture_measurements(
    image: npt.NDArray[Any],
    mask: Mask,
    spacing_mm: tuple[float, ...] | None,
    region: str,
    *,
    intensity: Intensity = GREY,
    grid: Grid | None = None,
    tried_on: TriedOn = "real scans",
) -> list[Measurement]:
    """Measure the texture of one region, each number with its stability in this very picture.

    Parameters
    ----------
    image : ndarray, shape (rows, columns) or (slices, rows, columns)
    mask : ndarray of bool, shape of ``image``
    spacing_mm : tuple of float or None
        Size of a pixel (row, column) or voxel (slice, row, column); without it only first-order
        values are given, since the rest needs a grid in millimetres.
    region : str
        Name that the measurements carry.
    intensity : Intensity
        ``GREY`` (display values) or ``HOUNSFIELD``.
    grid : Grid, optional
        Another grid than 0.5 mm for a flat picture and 1 mm for a volume.

    Returns
    -------
    list of Measurement
        Empty for a region of fewer than 200 points; co-occurrence, variogram, fractal dimension
        and anisotropy only where at least 200 points of the grid lie in the region.
    """
    values, inside = stacked(np.asarray(image)), stacked(np.asarray(mask, dtype=bool))
    if inside.sum() < FEWEST_POINTS:
        return []
    plain = _first_order(values[inside].astype(np.float64), intensity)
    if spacing_mm is None:
        return _measurements(plain, {}, _descriptions(intensity, None, ()), region, tried_on)
    grid = grid or (FLAT if np.ndim(image) == 2 else SOLID)
    slice_mm = spacing_mm[0] if len(spacing_mm) == 3 else grid.step_mm
    size: Millimetres = (slice_mm, spacing_mm[-2], spacing_mm[-1])
    flat = len(values) == 1 or size[0] > THICKEST_SLICE * grid.step_mm
    base = sample(values, inside, size, grid, (1, 2) if flat else (0, 1, 2))

    def measure(sampled: Sampled) -> dict[str, float]:
        found = _first_order(sampled.values[sampled.inside].astype(np.float64), intensity)
        return found | _on_grid(sampled)

    found = plain | _on_grid(base)
    stable = stabilities(values, inside, size, grid, base, measure) if base.inside.any() else {}
    shown = _descriptions(intensity, grid, base.resampled)
    return _measurements(found, stable, shown, region, tried_on)


def _first_order(values: npt.NDArray[np.float64], intensity: Intensity) -> dict[str, float]:
    if values.size < FEWEST_POINTS:
        return {}
    found = first_order(values)
    return {f"{intensity.name}_{name}": found[name] for name in SHOWN_FIRST_ORDER if name in found}


def _on_grid(sampled: Sampled) -> dict[str, float]:
    if sampled.inside.sum() < FEWEST_POINTS:
        return {}
    levels = fixed_bin_number(sampled.values, sampled.inside, BINS)
    how = HOW[_aggregation(sampled.resampled)]
    pairs = cooccurrence_features(pieces(levels, how.dimension), BINS, merged=how.merged)
    found = {f"glcm_{name}": pairs[name] for name in SHOWN_COOCCURRENCE if pairs}
    others: dict[str, Callable[[Sampled], float | None]] = {
        "variogram_slope": variogram.variogram_slope,
        "fractal_dimension": fractal.fractal_dimension,
        "texture_anisotropy": anisotropy.gradient_anisotropy,
    }
    for name, function in others.items():
        value = function(sampled)
        if value is not None:
            found[name] = value
    return found


def _aggregation(resampled: tuple[int, ...]) -> Aggregation:
    if len(resampled) == 3:
        return Aggregation.VOLUME_MERGED
    return Aggregation.SLICES_AND_DIRECTIONS_MERGED


def _descriptions(
    intensity: Intensity, grid: Grid | None, resampled: tuple[int, ...]
) -> dict[str, _Shown]:
    """Say unit, method and source of every number that can be shown."""
    method = (
        "display grey levels inside the region, relative only"
        if intensity is GREY
        else "values of the voxels inside the region"
    )
    shown = {
        f"{intensity.name}_{name}": _Shown(
            intensity.unit if name in IN_INTENSITY else "1", method, _of(FIRST_ORDER[name])
        )
        for name in SHOWN_FIRST_ORDER
    }
    if grid is None:
        return shown
    on = f"on a {grid.step_mm:g} mm grid after {grid.blur_mm:g} mm blur"
    if len(resampled) == 2:
        on += ", within slices"
    method = (
        f"co-occurrence at 1 step {on}, fixed bin number {BINS} (IBSI K15C), directions merged "
        f"(IBSI {_aggregation(resampled).value})"
    )
    for name in SHOWN_COOCCURRENCE:
        feature = COOCCURRENCE[name]
        shown[f"glcm_{name}"] = _Shown(feature.unit, method, _of(feature))
    lags = f"{variogram.SHORTEST * grid.step_mm:g} to {variogram.LONGEST * grid.step_mm:g} mm"
    reach = f"{fractal.RADII[0] * grid.step_mm:g} to {fractal.RADII[-1] * grid.step_mm:g} mm"
    shown["variogram_slope"] = _Shown(
        "1",
        f"slope of log variogram over log lag at {lags} {on}; {NOT_THE_SCORE}",
        variogram.SOURCE,
    )
    shown["fractal_dimension"] = _Shown(
        "1", f"upper and lower blanket at {reach} {on}", fractal.SOURCE
    )
    shown["texture_anisotropy"] = _Shown(
        "1", f"1 - smallest / largest eigenvalue of the gradients' tensor {on}", anisotropy.SOURCE
    )
    return shown


def _of(feature: Feature) -> str:
    return f"{IBSI}, id {feature.ibsi_id}"


def _measurements(
    found: Mapping[str, float],
    stable: Mapping[str, Stability],
    shown: Mapping[str, _Shown],
    region: str,
    tried_on: TriedOn,
) -> list[Measurement]:
    numbers = []
    for name, value in found.items():
        known = stable.get(name)
        moved = "not established" if known is None else known.in_words()
        numbers.append(
            Measurement(
                name=name,
                region=region,
                value=value,
                unit=shown[name].unit,
                method=shown[name].method,
                source=shown[name].source,
                precision=f"{moved}; between visits not established" if known else moved,
                stability=None if known is None else known.together,
                tried_on=tried_on,
            )
        )
    return numbers
