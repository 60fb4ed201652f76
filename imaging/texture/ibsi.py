"""All features of the image biomarker standardisation initiative: one call."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import numpy as np
import numpy.typing as npt

from imaging.errors import UnsuitableScan
from imaging.texture import kernels
from imaging.texture.aggregation import DIMENSION_TAG, HOW, How, Piece, pieces
from imaging.texture.catalogue import FAMILIES
from imaging.texture.cooccurrence import cooccurrence_features
from imaging.texture.discretise import discretised
from imaging.texture.first_order import first_order
from imaging.texture.grid import stacked
from imaging.texture.histogram import histogram_features
from imaging.texture.local_intensity import local_intensity
from imaging.texture.neighbours import neighbour_features
from imaging.texture.preparing import Mask, Prepared, prepare
from imaging.texture.run_length import run_length_features
from imaging.texture.settings import Settings
from imaging.texture.volume_histogram import volume_histogram
from imaging.texture.zones import zone_features

Named = dict[str, float]


def features(
    image: npt.NDArray[Any],
    mask: npt.NDArray[Any],
    spacing_mm: tuple[float, ...],
    settings: Settings | None = None,
) -> Named:
    """Compute the standard's features of one region.

    Parameters
    ----------
    image : ndarray, shape (slices, rows, columns) or (rows, columns)
    mask : ndarray, shape of ``image``
        The region: where it is not 0.
    spacing_mm : tuple of float
        Size of a voxel along the axes of ``image``.
    settings : Settings, optional
        How to prepare the picture; ``configurations.CONFIGURATIONS`` has those of the reference
        values. As it is and with 32 bins where left out.

    Returns
    -------
    dict of str to float
        By the standard's short name with the aggregation, such as ``cm_joint_max_3D_avg``; what
        ``catalogue`` tells about each is found with ``described``. A feature that is not defined
        for the region is left out.

    Raises
    ------
    UnsuitableScan
        With a sentence, where the region is empty or the settings do not fit the picture.
    """
    settings = settings or Settings()
    values, inside = stacked(np.asarray(image)), stacked(np.asarray(mask) != 0)
    _check(values, inside, spacing_mm)
    column_mm, row_mm = spacing_mm[-1], spacing_mm[-2]
    # A flat picture has no thickness; as one slice any would do.
    size = (spacing_mm[0] if len(spacing_mm) == 3 else row_mm, row_mm, column_mm)
    prepared = prepare(values, inside, size, settings)
    found = _of_values(prepared, settings) | _of_levels(prepared, settings)
    return {name: value for name, value in found.items() if np.isfinite(value)}


def _check(values: npt.NDArray[Any], inside: Mask, spacing_mm: tuple[float, ...]) -> None:
    if values.ndim != 3 or values.shape != inside.shape:
        raise UnsuitableScan("Picture and region must have the same size, flat or in slices.")
    if len(spacing_mm) not in (2, 3) or not all(0 < mm < np.inf for mm in spacing_mm):
        raise UnsuitableScan("The size of a voxel must be known along each axis.")
    if not inside.any():
        raise UnsuitableScan("The region is empty.")
    if not np.isfinite(values).all():
        raise UnsuitableScan("The picture holds values that are not numbers.")


def _of_values(prepared: Prepared, settings: Settings) -> Named:
    """Compute what needs no grey levels."""
    found: Named = {}
    inside = prepared.values[prepared.kept]
    if "local" in settings.families:
        peaks = local_intensity(prepared.values, prepared.kept, prepared.spacing_mm)
        found |= _named("local", peaks)
    if "first_order" in settings.families:
        found |= _named("first_order", first_order(inside))
    if "volume_histogram" in settings.families:
        curve = volume_histogram(inside, settings.volume_bins, settings.kept_range)
        found |= _named("volume_histogram", curve)
    return found


def _of_levels(prepared: Prepared, settings: Settings) -> Named:
    """Compute histogram and texture tables, on the part of the picture that holds the region."""
    box = tuple(
        slice(int(held[0]), int(held[-1]) + 1)
        for held in (
            np.flatnonzero(prepared.outline.any(axis=others)) for others in ((1, 2), (0, 2), (0, 1))
        )
    )
    values, outline, kept = prepared.values[box], prepared.outline[box], prepared.kept[box]
    levels, n = discretised(values, kept, settings.bins, settings.kept_range[0])
    found: Named = {}
    if "histogram" in settings.families:
        found |= _named("histogram", histogram_features(levels[kept], n))
    wanted = set(settings.families)
    for dimension in dict.fromkeys(HOW[one].dimension for one in settings.aggregations):
        edge = outline if "distance_zone" in wanted else None
        pictures = pieces(levels, dimension, edge)
        for how in (HOW[one] for one in settings.aggregations):
            if how.dimension is dimension:
                found |= _directional(pictures, n, how, wanted)
        found |= _without_direction(pictures, n, DIMENSION_TAG[dimension], wanted)
    return found


def _directional(pictures: Sequence[Piece], n: int, how: How, wanted: AbstractSet[str]) -> Named:
    found: Named = {}
    if "cooccurrence" in wanted:
        pairs = cooccurrence_features(pictures, n, merged=how.merged, pairs=kernels.pairs)
        found |= _named("cooccurrence", pairs, how.tag)
    if "run_length" in wanted:
        runs = run_length_features(pictures, n, merged=how.merged)
        found |= _named("run_length", runs, how.tag)
    return found


def _without_direction(
    pictures: Sequence[Piece], n: int, tag: str, wanted: AbstractSet[str]
) -> Named:
    found: Named = {}
    families: dict[tuple[str, str], Callable[[Sequence[Piece], int], tuple[Named, Named]]] = {
        ("size_zone", "distance_zone"): zone_features,
        ("tone_difference", "dependence"): neighbour_features,
    }
    for pair, compute in families.items():
        if wanted & set(pair):
            for family, values in zip(pair, compute(pictures, n), strict=True):
                found |= _named(family, values, tag) if family in wanted else {}
    return found


def _named(family: str, found: Named, tag: str = "") -> Named:
    """Give features the standard's short names."""
    listed = FAMILIES[family].features
    return {
        f"{listed[name].ibsi_name}_{tag}" if tag else listed[name].ibsi_name: value
        for name, value in found.items()
    }
