"""Vertebral bone quality score on a mid-sagittal T1 picture: marrow signal over that of CSF."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from imaging.errors import UnsuitableScan
from imaging.polygons import inside
from imaging.result import Measurement, Region
from imaging.sagittal import Sagittal
from imaging.wording import about

# Ehresman et al. 2020, Spine J 20:556-562, doi 10.1016/j.spinee.2019.10.018: median signal of
# the bodies L1-L4 over the signal of cerebrospinal fluid at L3, T1 without contrast, mid-sagittal.
# That each body gives one number, its median, and CSF its mean, is recalled, to be confirmed.
SOURCE = "Ehresman 2020, doi:10.1016/j.spinee.2019.10.018"
METHOD = "median of the medians of L1 to L4 over the mean of CSF beside L3, one sagittal slice"
# Serial MRI of 107 people, normative data for the score; recalled from its abstract.
PRECISION = "intraclass correlation 0.75 between two scans of a person; coil and field change it"
LEVELS = ("L1", "L2", "L3", "L4")
CSF = "csf"
FEWEST_PIXELS = 20


def values_within(stack: Sagittal, region: Region) -> npt.NDArray[np.float64]:
    """Collect the signal of every pixel within a region's outline on its slice."""
    plane = stack.planes[region.slice_index or 0]
    mask = inside(region.polygon, (plane.shape[0], plane.shape[1]))
    return np.asarray(plane[mask], dtype=np.float64)


def csf_beside(l3: Region, regions: Sequence[Region]) -> Region | None:
    """Choose the region of CSF whose middle lies at the height of L3."""
    rows = [row for _, row in l3.polygon]
    beside = [
        region
        for region in regions
        if region.id.lower().startswith(CSF)
        and region.slice_index == l3.slice_index
        and min(rows) <= np.mean([row for _, row in region.polygon]) <= max(rows)
    ]
    return beside[0] if len(beside) == 1 else None


def bone_quality(stack: Sagittal, regions: Sequence[Region]) -> tuple[Measurement, ...]:
    """Measure the score from L1 to L4 and one region of CSF, all on one slice.

    Raises
    ------
    UnsuitableScan
        If one of them is missing, too small, on another slice, or CSF has no signal.
    """
    named: Mapping[str, Region] = {region.id: region for region in regions}
    missing = [level for level in LEVELS if level not in named]
    if missing:
        raise UnsuitableScan(
            f"The score needs L1 to L4, and {about(missing, 'is', 'are')} not named: name the "
            "outlined vertebrae and save them."
        )
    bodies = [named[level] for level in LEVELS]
    csf = csf_beside(named["L3"], regions)
    if csf is None:
        raise UnsuitableScan(
            f"Mark one area of cerebrospinal fluid beside L3, on its slice, and name it {CSF}."
        )
    if len({body.slice_index for body in bodies}) > 1:
        raise UnsuitableScan("L1 to L4 lie on several slices: outline them on the middle one.")
    signals = [values_within(stack, region) for region in (*bodies, csf)]
    small = [
        region.id
        for region, signal in zip((*bodies, csf), signals, strict=True)
        if signal.size < FEWEST_PIXELS
    ]
    if small:
        raise UnsuitableScan(f"{about(small, 'holds', 'hold')} too few points to be measured.")
    fluid = float(signals[-1].mean())
    if not fluid > 0:
        raise UnsuitableScan("The area of cerebrospinal fluid has no signal: mark another.")
    ratios = [float(np.median(signal)) / fluid for signal in signals[:-1]]
    rows = [("vertebral_bone_quality_score", "L1-L4", float(np.median(ratios)), METHOD)]
    rows += [
        ("marrow_signal_over_csf", level, ratio, "median of the body over the mean of CSF")
        for level, ratio in zip(LEVELS, ratios, strict=True)
    ]
    return tuple(
        Measurement(
            name=name,
            region=region,
            value=value,
            unit="1",
            method=method,
            source=SOURCE,
            precision=PRECISION,
            tried_on="generated images",
        )
        for name, region, value, method in rows
    )
