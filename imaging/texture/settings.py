"""How a picture is prepared before its texture is counted: IBSI's image processing scheme."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, Literal

from imaging.errors import UnsuitableScan
from imaging.texture.aggregation import HOW, Aggregation
from imaging.texture.catalogue import FAMILIES
from imaging.texture.discretise import MOST_LEVELS, Bins, FixedBinNumber, FixedBinSize

Interpolation = Literal["nearest", "linear", "cubic"]
INTERPOLATIONS = ("nearest", "linear", "cubic")
PLANAR = (
    Aggregation.SLICES_AND_DIRECTIONS_AVERAGED,
    Aggregation.DIRECTIONS_MERGED_SLICES_AVERAGED,
    Aggregation.SLICES_MERGED_DIRECTIONS_AVERAGED,
    Aggregation.SLICES_AND_DIRECTIONS_MERGED,
)
VOLUME = (Aggregation.VOLUME_AVERAGED, Aggregation.VOLUME_MERGED)
# Beyond these a value is a slip of the pen: finest and coarsest voxel, most bins of the volume
# histogram.
VOXEL_MM = (0.001, 100.0)
MOST_VOLUME_BINS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One configuration of the standard's scheme, in the order in which it is applied.

    Attributes
    ----------
    voxel_mm : tuple of float or None, optional
        New size of a voxel (slice, row, column); None keeps an axis as it is, and None for all
        three does not interpolate.
    interpolation : str
        Of the image: ``nearest``, ``linear`` or ``cubic`` (spline); grids are aligned by centre.
    mask_interpolation : str
        Of the region; a voxel belongs to it where at least ``mask_share`` of it does.
    round_intensities : bool
        Round to whole numbers after interpolation, as HU are.
    kept_range : tuple of (low, high), optional
        Re-segmentation: values outside leave the region for all that is about intensity.
    outlier_sd : float, optional
        Re-segmentation: values further than this many standard deviations from the mean leave.
    bins : FixedBinNumber or FixedBinSize
        Of the histogram and the texture tables.
    volume_bins : FixedBinNumber, FixedBinSize or None
        Of the intensity-volume histogram; None counts whole numbers.
    aggregations : tuple of Aggregation
        How directions and slices are put together.
    families : tuple of str
        Keys of ``catalogue.FAMILIES``.
    """

    voxel_mm: tuple[float | None, float | None, float | None] | None = None
    interpolation: Interpolation = "linear"
    mask_interpolation: Interpolation = "linear"
    mask_share: float = 0.5
    round_intensities: bool = False
    kept_range: tuple[float | None, float | None] = (None, None)
    outlier_sd: float | None = None
    bins: Bins = FixedBinNumber(32)
    volume_bins: Bins | None = FixedBinNumber(1000)
    aggregations: tuple[Aggregation, ...] = VOLUME
    families: tuple[str, ...] = tuple(FAMILIES)

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> "Settings":
        """Read a configuration; ``{"bin_number": 32}`` and ``{"bin_size": 25}`` are bins.

        Aggregations are told by the end of the standard's short names, such as ``3D_avg``.

        Raises
        ------
        UnsuitableScan
            With a sentence about the first thing that cannot be used.
        """
        unknown = set(written) - {field.name for field in fields(cls)}
        if unknown:
            raise UnsuitableScan(f"The configuration has an unknown entry, {min(unknown)}.")
        return cls(**{name: _READERS[name](name, value) for name, value in written.items()})


def _number(name: str, value: Any, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise UnsuitableScan(f"{name} must be a number from {low:g} to {high:g}.")
    return float(value)


def _voxel(name: str, value: Any) -> Any:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 3:
        raise UnsuitableScan(f"{name} must be three sizes in mm: slice, row and column.")
    return tuple(None if mm is None else _number(name, mm, *VOXEL_MM) for mm in value)


def _range(name: str, value: Any) -> Any:
    if not isinstance(value, list) or len(value) != 2:
        raise UnsuitableScan(f"{name} must be two numbers, either of which may be null.")
    low, high = (None if end is None else _number(name, end, -1e9, 1e9) for end in value)
    if low is not None and high is not None and low >= high:
        raise UnsuitableScan(f"{name} must rise from the first number to the second.")
    return low, high


def _bins(name: str, value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"bin_number"}:
        most = MOST_LEVELS if name == "bins" else MOST_VOLUME_BINS
        return FixedBinNumber(int(_number("bin_number", value["bin_number"], 2, most)))
    if isinstance(value, dict) and set(value) == {"bin_size"}:
        return FixedBinSize(_number("bin_size", value["bin_size"], 1e-6, 1e6))
    if value is None and name == "volume_bins":
        return None
    raise UnsuitableScan(f'{name} must be {{"bin_number": ...}} or {{"bin_size": ...}}.')


def _choice(name: str, value: Any) -> Any:
    if value not in INTERPOLATIONS:
        raise UnsuitableScan(f"{name} must be one of {', '.join(INTERPOLATIONS)}.")
    return value


def _truth(name: str, value: Any) -> Any:
    if not isinstance(value, bool):
        raise UnsuitableScan(f"{name} must be true or false.")
    return value


def _aggregations(name: str, value: Any) -> Any:
    tags = {how.tag: aggregation for aggregation, how in HOW.items()}
    return tuple(tags[tag] for tag in _some_of(name, value, tuple(tags)))


def _families(name: str, value: Any) -> Any:
    return _some_of(name, value, tuple(FAMILIES))


def _some_of(name: str, value: Any, known: tuple[str, ...]) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not set(map(str, value)) <= set(known):
        raise UnsuitableScan(f"{name} must be a list of some of {', '.join(known)}.")
    return tuple(value)


_READERS: Mapping[str, Any] = MappingProxyType(
    {
        "voxel_mm": _voxel,
        "interpolation": _choice,
        "mask_interpolation": _choice,
        "mask_share": lambda name, value: _number(name, value, 1e-6, 1),
        "round_intensities": _truth,
        "kept_range": _range,
        "outlier_sd": lambda name, value: None if value is None else _number(name, value, 0.1, 100),
        "bins": _bins,
        "volume_bins": _bins,
        "aggregations": _aggregations,
        "families": _families,
    }
)
