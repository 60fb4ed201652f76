"""Findings about a CT: what keeps its attenuation from being compared."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imaging.acquisition.technique import technique_findings
from imaging.densitometry.ct import region_values
from imaging.kinds.recognising import part_from_words
from imaging.quality.common import uncertain
from imaging.result import Finding, Region, Severity
from imaging.volume import Volume
from imaging.wording import about, in_words, listed

# Blood without contrast is 30-55 HU; the aorta in the portal phase 120-180.
ENHANCED_HU = 90.0
BEFORE_BODY_MM = (3.0, 45.0)
BESIDE_MM = 40.0
VESSEL_MM = 9.0
CORE_MM2 = 30.0  # of an aorta of 18 mm, after averaging over VESSEL_MM
SMOOTH_HU = 25.0
# Of what is even about a vessel after averaging; aneurysms of the aorta apart, and the vena cava or
# a renal vein may lie against the aorta.
WIDEST_VESSEL_MM = 60.0
METAL_HU = 2000.0
# Streaks reach this far from metal beside a vertebra.
STREAK_MM = 60.0
METAL_MM3 = 20.0
# Blood as bright as this: arterial phase; less, portal venous or later (assumed limits).
ARTERIAL_HU = 200.0
# Noise of soft tissue from voxel to voxel from which single regions waver by more than a few HU.
NOISY_HU = 45.0
SOFT_HU = (-20.0, 120.0)
# A file whose brightest or darkest value is shared by this many voxels was cut to a window.
CLIPPED_SHARE = 0.0005
LEAST_TOP_HU, LEAST_FOOT_HU = 1000.0, -900.0
# Parts by the names of ``imaging.kinds.recognising`` in which no thoracic or lumbar vertebra lies.
WITHOUT_TRUNK = {"head", "knee", "forearm", "hand"}


def volume_findings(volume: Volume, regions: Sequence[Region]) -> list[Finding]:
    """Judge a CT on which regions were placed."""
    findings = _contrast(volume, regions)
    findings += technique_findings(volume)
    findings += _noise(volume, regions)
    findings += _clipped(volume)
    findings += _metal_near(volume, regions)
    findings += _elsewhere(volume, regions)
    findings += _metal(volume, regions)
    findings += uncertain(regions)
    return findings


def _elsewhere(volume: Volume, regions: Sequence[Region]) -> list[Finding]:
    """Notice vertebrae in a series whose tags name a part of the body that has none of these."""
    part, _ = part_from_words(volume.tags)
    if part not in WITHOUT_TRUNK or not regions:
        return []
    return [
        Finding(
            code="tags_and_pixels_disagree",
            severity=Severity.WARNING,
            advice=f"The tags say {part}, but {len(regions)} vertebrae are measured: check that "
            "this is the patient’s series.",
        )
    ]


def _contrast(volume: Volume, regions: Sequence[Region]) -> list[Finding]:
    """Take contrast medium from the tags, or from vessels in front of the spine."""
    agent = str(volume.tags.get("ContrastBolusAgent", "")).strip()
    denied = agent.lower() in {"no", "none", "n/a"}
    vessel = vessel_attenuation(volume, regions)
    if agent and not denied:
        why = "The tags name a contrast medium"
    elif vessel is not None and vessel > ENHANCED_HU:
        phase = "arterial" if vessel > ARTERIAL_HU else "portal venous or later"
        why = (
            f"Vessels before the spine measure {vessel:.0f} HU, so contrast medium was given "
            f"({phase} phase)"
        )
    elif vessel is None and not denied:
        return [
            Finding(
                code="contrast_unknown",
                severity=Severity.WARNING,
                advice="Neither the tags nor a vessel before the spine tell whether contrast "
                "medium was given, which raises attenuation of bone: find out before comparing it.",
            )
        ]
    else:
        return []
    return [
        Finding(
            code="contrast_medium",
            severity=Severity.WARNING,
            advice=f"{why}: attenuation of bone is raised and not comparable with "
            "published thresholds or scans without contrast.",
        )
    ]


def vessel_attenuation(volume: Volume, regions: Sequence[Region]) -> float | None:
    """Estimate the attenuation of large vessels from smooth round fields before the bodies."""
    _, row_mm, column_mm = volume.spacing_mm
    found = []
    for region in regions:
        if region.slice_index is None:
            continue
        corners = np.array(region.polygon)
        front, middle = corners[:, 1].min(), corners[:, 0].mean()
        top = max(0, round(front - BEFORE_BODY_MM[1] / row_mm))
        bottom = max(0, round(front - BEFORE_BODY_MM[0] / row_mm))
        left = max(0, round(middle - BESIDE_MM / column_mm))
        right = round(middle + BESIDE_MM / column_mm) + 1
        field = volume.voxels[region.slice_index, top:bottom, left:right].astype(np.float64)
        size = (max(1, round(VESSEL_MM / row_mm)), max(1, round(VESSEL_MM / column_mm)))
        if field.shape[0] <= size[0] or field.shape[1] <= size[1]:
            continue
        mean = ndimage.uniform_filter(field, size)
        spread = np.sqrt(np.maximum(ndimage.uniform_filter(field**2, size) - mean**2, 0))
        even = (spread < SMOOTH_HU) & (mean > 10) & (mean < 500)
        other = _bright_but_no_vessel(even & (mean > ENHANCED_HU), row_mm, column_mm)
        smooth = mean[even & ~other]
        core = round(CORE_MM2 / (row_mm * column_mm))
        if smooth.size > core > 0:
            # The dimmest of the brightest core: one smooth vessel is enough.
            vessel = float(np.sort(smooth)[-core])
            # A dim one beside something bright and large tells nothing: that may hold the vessel.
            if vessel > ENHANCED_HU or not other.any():
                found.append(vessel)
    return float(np.median(found)) if found else None


def _bright_but_no_vessel(
    bright: npt.NDArray[np.bool_], row_mm: float, column_mm: float
) -> npt.NDArray[np.bool_]:
    """Mark bright even places larger than a great vessel: bowel with contrast, or the liver."""
    pieces, count = ndimage.label(bright)
    large = np.zeros(count + 1, dtype=bool)
    for piece, (rows, columns) in enumerate(ndimage.find_objects(pieces), start=1):
        sizes = (rows.stop - rows.start) * row_mm, (columns.stop - columns.start) * column_mm
        large[piece] = max(sizes) > WIDEST_VESSEL_MM
    return np.asarray(large[pieces])


def _noise(volume: Volume, regions: Sequence[Region]) -> list[Finding]:
    noise = noise_hu(volume, regions)
    if noise is None or noise < NOISY_HU:
        return []
    return [
        Finding(
            code="noise",
            severity=Severity.WARNING,
            advice=f"Soft tissue varies by {noise:.0f} HU from voxel to voxel: means of small "
            "regions waver, and texture is that of noise.",
        )
    ]


def noise_hu(volume: Volume, regions: Sequence[Region]) -> float | None:
    """Estimate the noise (SD) of soft tissue in the slices of the regions."""
    found = []
    for index in sorted({r.slice_index for r in regions if r.slice_index is not None}):
        plane = volume.voxels[index].astype(np.float64)
        mean = ndimage.uniform_filter(plane, 5)
        soft = (mean > SOFT_HU[0]) & (mean < SOFT_HU[1])
        if soft.sum() > 500:
            # The median of the spread: edges are few, and are outvoted.
            spread = np.sqrt(np.maximum(ndimage.uniform_filter(plane**2, 5) - mean**2, 0))
            found.append(float(np.median(spread[soft])))
    return float(np.median(found)) if found else None


def _clipped(volume: Volume) -> list[Finding]:
    """Notice values that were cut to a window before the file was written."""
    top, foot = float(volume.voxels.max()), float(volume.voxels.min())
    # Every other slice tells as much.
    some = volume.voxels[::2]
    ends = []
    if top < LEAST_TOP_HU and (some == top).mean() > CLIPPED_SHARE:
        ends.append(f"above {top:.0f} HU")
    if foot > LEAST_FOOT_HU and (some == foot).mean() > CLIPPED_SHARE:
        ends.append(f"below {foot:.0f} HU")
    if not ends:
        return []
    return [
        Finding(
            code="saturation",
            severity=Severity.WARNING,
            advice=f"Values {' and '.join(ends)} were cut off before the file was written: send "
            "the series as the scanner made it.",
        )
    ]


def _metal_near(volume: Volume, regions: Sequence[Region]) -> list[Finding]:
    """Name regions with metal beside them, whose streaks change what is measured."""
    voxel = float(np.prod(volume.spacing_mm))
    reach = [round(STREAK_MM / mm) for mm in volume.spacing_mm[1:]]
    names = []
    for region in regions:
        if region.depth_slices is None or has_metal(volume, region):
            continue
        column, row = (int(np.mean(axis)) for axis in zip(*region.polygon, strict=True))
        first, last = region.depth_slices
        box = volume.voxels[
            first : last + 1,
            max(0, row - reach[0]) : row + reach[0],
            max(0, column - reach[1]) : column + reach[1],
        ]
        if (box > METAL_HU).sum() * voxel > METAL_MM3:
            names.append(region.id)
    if not names:
        return []
    return [
        Finding(
            code="metal_near",
            severity=Severity.WARNING,
            regions=tuple(names),
            advice=f"Metal lies beside {listed(map(in_words, names))}: streaks may change the "
            "attenuation; look before using it.",
        )
    ]


def has_metal(volume: Volume, region: Region) -> bool:
    """Whether a region holds anything denser than bone can be."""
    values = region_values(volume, region)
    return bool(values.size and values.max() > METAL_HU)


def _metal(volume: Volume, regions: Sequence[Region]) -> list[Finding]:
    metal = [region.id for region in regions if has_metal(volume, region)]
    if not metal:
        return []
    return [
        Finding(
            code="metal",
            severity=Severity.WARNING,
            regions=tuple(metal),
            advice=f"{about(metal, 'holds', 'hold')} metal: attenuation cannot be used there "
            "and is not given.",
        )
    ]
