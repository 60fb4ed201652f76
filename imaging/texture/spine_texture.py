"""Texture of vertebrae on a densitometer's display image."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imaging.polygons import inside
from imaging.projection import Projection
from imaging.regions.dxa_spine import LEVELS
from imaging.regions.spine_column import exposed_field
from imaging.result import Measurement, Region
from imaging.texture.catalogue import COOCCURRENCE, FIRST_ORDER, IBSI, Feature
from imaging.texture.cooccurrence import Aggregation, cooccurrence_features
from imaging.texture.discretise import fixed_bin_number
from imaging.texture.first_order import first_order

# One grid for every scanner: after it a 5 % error of scale moves co-occurrence by 1-2 %, not by
# 10. As coarse as the coarsest densitometer in use, so that no detail is made up.
GRID_MM = 0.5
BLUR_MM = 0.25
BINS = 16
AGGREGATION = Aggregation.SLICES_AND_DIRECTIONS_MERGED
# Fewer points than this give a co-occurrence table of mostly empty cells.
FEWEST_POINTS = 200
COMBINED = "-".join((LEVELS[0], LEVELS[-1]))

SHOWN_FIRST_ORDER = (
    "mean",
    "coefficient_of_variation",
    "skewness",
    "excess_kurtosis",
    "median",
    "percentile_10",
    "percentile_90",
    "interquartile_range",
)
SHOWN_COOCCURRENCE = (
    "correlation",
    "joint_entropy",
    "inverse_difference_moment",
    "angular_second_moment",
    "contrast",
    "dissimilarity",
)
# Largest change of the four levels together over shifts of the region by 1 mm, 5 % of scale,
# noise of 5 grey levels and a display gamma of 1.2, on synthetic spines
# (tests/imaging/test_texture_repeatability.py). Between two visits nothing has been measured.
CORRELATION_PRECISION = (
    "within 1.5 % on shifted, scaled and noisy synthetic images; between visits not established"
)
NO_PRECISION = "not established"
FIRST_ORDER_METHOD = "display grey levels inside the region, relative only"
COOCCURRENCE_METHOD = (
    f"co-occurrence at 1 step on a {GRID_MM} mm grid after {BLUR_MM} mm blur, fixed bin number "
    f"{BINS} (IBSI K15C), directions merged (IBSI {AGGREGATION.value})"
)
SCORE_METHOD = (
    f"co-occurrence correlation (IBSI NI2N) over {COMBINED}: {COOCCURRENCE_METHOD}; "
    "our own scale from -1 to 1, not the trabecular bone score and not convertible to it"
)


def spine_texture(projection: Projection, regions: Sequence[Region]) -> list[Measurement]:
    """Measure every region, and all four levels together where they are all there.

    Co-occurrence needs a grid in millimetres: without spacing only first-order values are given.
    """
    shape = (projection.pixels.shape[0], projection.pixels.shape[1])
    exposed = exposed_field(projection.pixels)
    masks = {region.id: inside(region.polygon, shape) & exposed for region in regions}
    if all(level in masks for level in LEVELS):
        union = np.zeros(shape, dtype=bool)
        for level in LEVELS:
            union |= masks[level]
        masks[COMBINED] = union
    numbers: list[Measurement] = []
    for name, mask in masks.items():
        numbers += _first_order(projection.pixels, mask, name)
    if projection.spacing is None:
        return numbers
    spacing = (projection.spacing.mm[0], projection.spacing.mm[1])
    image = _on_grid(projection.pixels, spacing)
    for name, mask in masks.items():
        on_grid = _on_grid(mask.astype(np.float32), spacing, blur=False) > 0.5
        numbers += _cooccurrence(image, on_grid, name)
    return numbers


def _first_order(
    pixels: npt.NDArray[np.float32], mask: npt.NDArray[np.bool_], region: str
) -> list[Measurement]:
    if mask.sum() < FEWEST_POINTS:
        return []
    found = first_order(pixels[mask].astype(np.float64))
    return [
        _measurement(f"grey_{name}", region, found[name], FIRST_ORDER[name], FIRST_ORDER_METHOD)
        for name in SHOWN_FIRST_ORDER
        if name in found
    ]


def _cooccurrence(
    image: npt.NDArray[np.float32], mask: npt.NDArray[np.bool_], region: str
) -> list[Measurement]:
    if mask.sum() < FEWEST_POINTS:
        return []
    levels = fixed_bin_number(image, mask, BINS)
    found = cooccurrence_features(levels, BINS, AGGREGATION)
    numbers = [
        _measurement(f"glcm_{name}", region, found[name], COOCCURRENCE[name], COOCCURRENCE_METHOD)
        for name in SHOWN_COOCCURRENCE
    ]
    if region == COMBINED:
        numbers.insert(
            0,
            _measurement(
                "lumbar_texture_score",
                region,
                found["correlation"],
                COOCCURRENCE["correlation"],
                SCORE_METHOD,
            ),
        )
    return numbers


def _measurement(
    name: str, region: str, value: float, feature: Feature, method: str
) -> Measurement:
    return Measurement(
        name=name,
        region=region,
        value=value,
        unit=feature.unit,
        method=method,
        source=f"{IBSI}, id {feature.ibsi_id}",
        precision=(
            CORRELATION_PRECISION if feature is COOCCURRENCE["correlation"] else NO_PRECISION
        ),
    )


def _on_grid(
    values: npt.NDArray[np.float32], spacing: tuple[float, float], *, blur: bool = True
) -> npt.NDArray[np.float32]:
    """Blur in millimetres, then sample on the common grid."""
    smooth = ndimage.gaussian_filter(values, [BLUR_MM / mm for mm in spacing]) if blur else values
    counts = [max(2, int(n * mm / GRID_MM)) for n, mm in zip(values.shape, spacing, strict=True)]
    where = [
        (np.arange(count) + 0.5) * GRID_MM / mm - 0.5
        for count, mm in zip(counts, spacing, strict=True)
    ]
    grid = np.meshgrid(*where, indexing="ij")
    sampled = ndimage.map_coordinates(smooth, grid, order=1, mode="nearest")
    return np.asarray(sampled, dtype=np.float32)
