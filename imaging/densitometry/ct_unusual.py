"""Vertebrae whose attenuation is not that of their marrow: cement, metal, lesions, bone islands.

A body filled with anything denser than trabecular bone can be is not measured. One that is uneven,
or stands out among its neighbours, is measured and left out of means, as the ISCD has it for
vertebrae in a densitometer's picture. A bone island is small: it is told, and stays.
"""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imaging.densitometry.ct import region_values
from imaging.densitometry.ct_precision import region_box
from imaging.result import Finding, Region, Severity
from imaging.volume import Volume
from imaging.wording import in_words, listed

VERTEBRA = re.compile(r"[TLV]\d{1,2}")
# Untreated osteoblastic metastases measure 654 (SD 176) HU, bone islands 1190 (SD 239), cement
# more: Ulano 2016, AJR 207:362-368, doi:10.2214/AJR.15.15559 (abstract). Marrow of young adults
# reaches 300 HU (recalled, to be confirmed).
DENSE_HU, DENSE_SHARE, YOUNG_HU = 600.0, 0.1, 300.0
# Uneven: looked at through a blur about as wide as a lesion that matters, 7 mm. The numbers below
# separate 60 bodies of three spines, two of them of people, turned, sheared, noisy and porous, from
# the same with drawn lesions; the noise that the blur leaves is told apart.
BLUR_MM, CORRELATED_MM, EDGE_NOISE = 3.0, 3.5, 1.3
NOISE_SDS = 4.0
OFF_HU, SPOT_HU = 60.0, 110.0
DARK_SHARE, BRIGHT_SHARE, SPOT_SHARE = 0.07, 0.4, 0.01
# Bone islands are 2 to 15 mm wide (124 of them, PubMed 31469323, abstract): a ball of 15 mm.
LARGEST_ISLAND_ML = 1.8
# Two vertebrae of one spine: the ISCD's rule of one T-score between neighbours (Official Positions
# 2019, Adult; recalled) in HU, by a young adult standard deviation of 30 mg/cm3 and 1.3 HU for each
# (recalled, to be confirmed); beyond what the scan itself leaves open.
LEVELS_APART_HU = 40.0
NEIGHBOURS = 4


@dataclass(frozen=True, slots=True)
class Unusual:
    """What is left out of means, and what is said of it."""

    left_out: frozenset[str]
    findings: tuple[Finding, ...]


def too_dense(volume: Volume, region: Region) -> bool:
    """Whether more of a region than noise explains is denser than trabecular bone can be."""
    values = region_values(volume, region)
    if not values.size:
        return False
    # Noise alone reaches as far below the marrow as above it.
    mirrored = 2 * min(float(np.median(values)), YOUNG_HU) - DENSE_HU
    share = float((values > DENSE_HU).mean()) - float((values < mirrored).mean())
    return share >= DENSE_SHARE


def dense_findings(volume: Volume, regions: Sequence[Region]) -> tuple[Finding, ...]:
    """Name the regions that are filled with cement, metal or sclerosis."""
    names = [region.id for region in regions if too_dense(volume, region)]
    if not names:
        return ()
    return (
        Finding(
            code="dense_bone",
            severity=Severity.WARNING,
            regions=tuple(names),
            advice=f"{listed(map(in_words, names))}: at least {DENSE_SHARE:.0%} of it lies above "
            f"{DENSE_HU:.0f} HU, which trabecular bone does not reach (cement, metal or a "
            "sclerotic lesion): it is not measured and in no mean.",
        ),
    )


def unusual_bone(
    volume: Volume,
    regions: Sequence[Region],
    half_widths: Mapping[str, float],
    deformed: Collection[str] = (),
) -> Unusual:
    """Judge the vertebrae among the regions that are measured.

    Parameters
    ----------
    half_widths : mapping of str to float
        Half of the 95 % interval of each region's attenuation, HU.
    deformed : collection of str
        Levels that no other is compared with.
    """
    bodies = [region for region in regions if VERTEBRA.fullmatch(region.id)]
    seen = {region.id: _unevenness(volume, region) for region in bodies}
    uneven = [name for name, one in seen.items() if one.is_uneven]
    islands = [name for name, one in seen.items() if one.has_spot and name not in uneven]
    sound = [region for region in bodies if region.id not in {*uneven, *deformed}]
    apart = _apart(sound, {name: one.median for name, one in seen.items()}, half_widths)
    left_out = frozenset({*uneven, *apart})
    findings = [*_uneven(uneven), *_standing_out(apart), *_islands(islands)]
    if "L1" in left_out:
        findings.append(
            Finding(
                code="l1_unusual",
                severity=Severity.WARNING,
                advice="L1 is not like the rest of the spine, so no category is read off it: use a "
                "neighbour that is sound.",
            )
        )
    return Unusual(left_out, tuple(findings))


@dataclass(frozen=True, slots=True)
class _Unevenness:
    """Median in HU; shares of the blurred region that lie off the rest, and its brightest in mL."""

    median: float
    dark: float = 0.0
    bright: float = 0.0
    spot: float = 0.0
    spot_ml: float = 0.0

    @property
    def is_uneven(self) -> bool:
        return (
            self.dark >= DARK_SHARE
            or self.bright >= BRIGHT_SHARE
            or self.spot_ml > LARGEST_ISLAND_ML
        )

    @property
    def has_spot(self) -> bool:
        return self.spot >= SPOT_SHARE


def _unevenness(volume: Volume, region: Region) -> _Unevenness:
    corner, within = region_box(volume, region)
    if not within.any():
        return _Unevenness(math.nan)
    box = tuple(slice(at, at + size) for at, size in zip(corner, within.shape, strict=True))
    values = volume.voxels[box].astype(np.float64)
    widths = [BLUR_MM / mm for mm in volume.spacing_mm]
    # Only what lies within the region counts: cortex beside it does not leak in.
    weight = ndimage.gaussian_filter(within.astype(np.float64), widths, mode="constant")
    sums = ndimage.gaussian_filter(np.where(within, values, 0.0), widths, mode="constant")
    blurred = sums[within] / weight[within]
    grain = float((values[within] - blurred).std())
    noise = NOISE_SDS * EDGE_NOISE * grain * _noise_left(volume.spacing_mm)
    # Of two unlike halves the median is neither: what is dark is so beside the brighter quarter.
    low, high = np.percentile(blurred, (25, 75))
    limit, spot = max(OFF_HU, noise), max(SPOT_HU, noise)
    spots = float((blurred > low + spot).mean())
    return _Unevenness(
        median=float(np.median(values[within])),
        dark=float((blurred < high - limit).mean()),
        bright=float((blurred > low + limit).mean()),
        spot=spots,
        spot_ml=spots * blurred.size * float(np.prod(volume.spacing_mm)) / 1000,
    )


def _noise_left(spacing_mm: tuple[float, ...]) -> float:
    """Give what the blur leaves of noise that is alike over a few mm at least."""
    left = 1.0
    for mm in spacing_mm:
        impulse: npt.NDArray[np.float64] = np.zeros(41)
        impulse[20] = 1.0
        kernel = ndimage.gaussian_filter1d(impulse, BLUR_MM / max(mm, CORRELATED_MM))
        left *= math.sqrt(float(kernel @ kernel))
    return left


def _apart(
    regions: Sequence[Region], medians: Mapping[str, float], half_widths: Mapping[str, float]
) -> list[str]:
    """Name the levels whose median lies off that of most of the nearest sound ones, to one side."""
    ordered = sorted(regions, key=lambda region: region.slice_index or 0)
    names = []
    for at, region in enumerate(ordered):
        nearest = sorted(range(len(ordered)), key=lambda other: abs(other - at))
        others = [ordered[other].id for other in nearest[1 : NEIGHBOURS + 1]]
        if len(others) < 2:
            continue
        known = math.hypot(half_widths[region.id], min(half_widths[name] for name in others))
        off = [medians[region.id] - medians[name] for name in others]
        limit = LEVELS_APART_HU + known
        if 2 * max(sum(one > limit for one in off), sum(one < -limit for one in off)) > len(off):
            names.append(region.id)
    return names


def _uneven(names: Sequence[str]) -> list[Finding]:
    if not names:
        return []
    return [
        Finding(
            code="uneven_bone",
            severity=Severity.WARNING,
            regions=tuple(names),
            advice=f"{listed(map(in_words, names))}: part of the bone is far lighter or denser "
            "than the rest (a lesion, haemangioma or sclerosis?): look at it; it is left out of "
            "the means, as vertebrae with a local change are.",
        )
    ]


def _standing_out(names: Sequence[str]) -> list[Finding]:
    if not names:
        return []
    return [
        Finding(
            code="level_stands_out",
            severity=Severity.WARNING,
            regions=tuple(names),
            advice=f"{listed(map(in_words, names))}: attenuation lies more than "
            f"{LEVELS_APART_HU:.0f} HU off that of the neighbours (a lesion, sclerosis, fracture "
            "or wrong place?): look at it; it is left out of the means, as vertebrae that differ "
            "by more than one T-score are.",
        )
    ]


def _islands(names: Sequence[str]) -> list[Finding]:
    if not names:
        return []
    return [
        Finding(
            code="patchy_bone",
            severity=Severity.WARNING,
            regions=tuple(names),
            advice=f"{listed(map(in_words, names))}: a small dense spot (a bone island, or an "
            "endplate within the region) raises the mean: compare it with the median, which it "
            "hardly moves.",
        )
    ]
