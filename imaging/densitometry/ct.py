"""Attenuation of trabecular bone on CT, vertebra by vertebra."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from imaging.densitometry.ct_precision import in_words
from imaging.polygons import inside
from imaging.result import Measurement, Region
from imaging.volume import Volume

HOUNSFIELD = "[hnsf'U]"  # UCUM
# Pickhardt et al. 2013, Ann Intern Med 158:588-595, doi 10.7326/0003-4819-158-8-201304160-00003:
# mean attenuation of an oval of trabecular bone in a vertebral body as a measure of density.
SOURCE = "Pickhardt 2013, doi:10.7326/0003-4819-158-8-201304160-00003"
METHOD = "mean over the drawn outline through its slices, not calibrated"
SPREAD_METHOD = "standard deviation of the voxels within the region"
MEDIAN_METHOD = "median of the voxels within the region: bone islands hardly move it"
VOLUME_METHOD = "voxels within the region times their size"
COUNT_METHOD = "voxels whose middle lies within the region"
SPREAD_PRECISION = "not established; noise and slice thickness change it"
FEWEST_VOXELS = 30
# Of an even spread a median wavers more than the mean by this factor, the square root of pi / 2.
MEDIAN_OVER_MEAN = 1.2533


def region_values(volume: Volume, region: Region) -> npt.NDArray[np.float64]:
    """Collect the HU of every voxel within a region: its own, or its outline's through slices."""
    if region.voxels is not None:
        box = zip(region.voxels.corner, region.voxels.shape, strict=True)
        within = volume.voxels[tuple(slice(at, at + n) for at, n in box)]
        return np.asarray(within[region.voxels.mask], dtype=np.float64)
    first, last = region.depth_slices or (region.slice_index or 0,) * 2
    shape = (volume.voxels.shape[1], volume.voxels.shape[2])
    mask = inside(region.polygon, shape)
    return np.asarray(volume.voxels[first : last + 1][:, mask].ravel(), dtype=np.float64)


def trabecular_attenuation(
    volume: Volume, regions: Sequence[Region], half_widths: Mapping[str, float]
) -> list[Measurement]:
    """Measure mean, median, spread, count and volume in each region of more than a few voxels.

    Parameters
    ----------
    half_widths : mapping of str to float
        Half of the 95 % interval of each region's mean, HU.
    """
    numbers: list[Measurement] = []
    for region in regions:
        values = region_values(volume, region)
        if values.size < FEWEST_VOXELS:
            continue
        half = half_widths[region.id]
        for name, value, unit, method, precision in (
            ("trabecular_attenuation_hu", values.mean(), HOUNSFIELD, METHOD, in_words(half)),
            (
                "trabecular_attenuation_sd_hu",
                values.std(),
                HOUNSFIELD,
                SPREAD_METHOD,
                SPREAD_PRECISION,
            ),
            (
                "trabecular_attenuation_median_hu",
                np.median(values),
                HOUNSFIELD,
                MEDIAN_METHOD,
                in_words(MEDIAN_OVER_MEAN * half),
            ),
            ("trabecular_voxels", values.size, "1", COUNT_METHOD, "exact"),
            (
                "trabecular_volume_ml",
                values.size * np.prod(volume.spacing_mm) / 1000,
                "mL",
                VOLUME_METHOD,
                "that of the drawn region, not of the vertebra",
            ),
        ):
            numbers.append(
                Measurement(
                    name=name,
                    region=region.id,
                    value=float(value),
                    unit=unit,
                    method=method,
                    source=SOURCE,
                    precision=precision,
                )
            )
    return numbers
