"""Attenuation of trabecular bone on CT, vertebra by vertebra."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

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
# On five labelled vertebrae of one CT and 18 drawn ones, slices up to 5 mm, against the marrow
# without its rim (tests/imaging/test_ct_vertebrae.py).
PRECISION = "within 8 HU of the marrow's truth (23 vertebrae); between visits not established"
# How names of vertebrae begin: thoracic, lumbar, not named.
VERTEBRAE = ("T", "L", "V")
ELSEWHERE_PRECISION = "within its bone on one labelled CT; repeatability not established"
SPREAD_PRECISION = "not established; noise and slice thickness change it"
FEWEST_VOXELS = 30


def region_values(volume: Volume, region: Region) -> npt.NDArray[np.float64]:
    """Collect the HU of every voxel within a region's outline and slices."""
    first, last = region.depth_slices or (region.slice_index or 0,) * 2
    shape = (volume.voxels.shape[1], volume.voxels.shape[2])
    mask = inside(region.polygon, shape)
    return np.asarray(volume.voxels[first : last + 1][:, mask].ravel(), dtype=np.float64)


def trabecular_attenuation(volume: Volume, regions: Sequence[Region]) -> list[Measurement]:
    """Measure mean, median, spread, count and volume in each region of more than a few voxels."""
    numbers: list[Measurement] = []
    for region in regions:
        values = region_values(volume, region)
        if values.size < FEWEST_VOXELS:
            continue
        known = PRECISION if region.id[:1] in VERTEBRAE else ELSEWHERE_PRECISION
        for name, value, unit, method, precision in (
            ("trabecular_attenuation_hu", values.mean(), HOUNSFIELD, METHOD, known),
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
                known,
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
