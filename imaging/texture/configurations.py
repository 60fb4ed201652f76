"""The configurations in which the standard's phantoms have reference values."""

from types import MappingProxyType

from imaging.texture.discretise import FixedBinNumber, FixedBinSize
from imaging.texture.settings import PLANAR, VOLUME, Settings

# The digital phantom has whole numbers from 1, which are the grey levels themselves.
DIGITAL = Settings(bins=FixedBinSize(1.0), volume_bins=None, aggregations=PLANAR + VOLUME)
# Zwanenburg et al. 2020, Radiology 295:328-338, doi 10.1148/radiol.2020191145, and the chapter on
# reference data sets of the manual, arXiv:1612.07003.
CONFIGURATIONS = MappingProxyType(
    {
        "digital": DIGITAL,
        "A": Settings(
            kept_range=(-500.0, 400.0),
            bins=FixedBinSize(25.0),
            volume_bins=None,
            aggregations=PLANAR,
        ),
        "B": Settings(
            voxel_mm=(None, 2.0, 2.0),
            round_intensities=True,
            kept_range=(-500.0, 400.0),
            bins=FixedBinNumber(32),
            volume_bins=None,
            aggregations=PLANAR,
        ),
        "C": Settings(
            voxel_mm=(2.0, 2.0, 2.0),
            round_intensities=True,
            kept_range=(-1000.0, 400.0),
            bins=FixedBinSize(25.0),
            volume_bins=FixedBinSize(2.5),
            aggregations=VOLUME,
        ),
        "D": Settings(
            voxel_mm=(2.0, 2.0, 2.0),
            round_intensities=True,
            outlier_sd=3.0,
            bins=FixedBinNumber(32),
            volume_bins=None,
            aggregations=VOLUME,
        ),
        "E": Settings(
            voxel_mm=(2.0, 2.0, 2.0),
            interpolation="cubic",
            round_intensities=True,
            kept_range=(-1000.0, 400.0),
            outlier_sd=3.0,
            bins=FixedBinNumber(32),
            volume_bins=FixedBinNumber(1000),
            aggregations=VOLUME,
        ),
    }
)
