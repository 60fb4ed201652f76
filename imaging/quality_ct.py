"""Findings about a CT: what keeps its attenuation from being compared."""

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from imaging.densitometry.ct import region_values
from imaging.kind import part_from_words
from imaging.quality import uncertain
from imaging.result import Finding, Region, Severity
from imaging.volume import Volume

# Slices thicker than this mix endplates into the marrow.
THICK_MM = 3.0
# Attenuation of bone depends on tube voltage; the published thresholds are for 120 kV.
USUAL_KV = 120.0
# Blood without contrast is 30-55 HU; the aorta in the portal phase 120-180.
ENHANCED_HU = 90.0
BEFORE_BODY_MM = (3.0, 45.0)
BESIDE_MM = 40.0
VESSEL_MM = 9.0
CORE_MM2 = 30.0  # of an aorta of 18 mm, after averaging over VESSEL_MM
SMOOTH_HU = 25.0
# Trabecular bone of one body varies by 30-50 HU from voxel to voxel; metastases, haemangiomas,
# cement and metal by more.
PATCHY_SD_HU = 80.0
METAL_HU = 2000.0
# Parts by the names of ``imaging.kind`` in which no thoracic or lumbar vertebra lies.
WITHOUT_TRUNK = {"head", "knee", "forearm", "hand"}


def volume_findings(volume: Volume, regions: Sequence[Region]) -> list[Finding]:
    """Judge a CT on which regions were placed."""
    findings = _contrast(volume, regions)
    slice_mm = max(volume.spacing_mm[0], _number(volume, "SliceThickness") or 0.0)
    if slice_mm > THICK_MM:
        findings.append(
            Finding(
                code="thick_slices",
                severity=Severity.WARNING,
                advice=f"Slices of {slice_mm:.1f} mm mix endplates into the marrow: prefer "
                f"{THICK_MM:.0f} mm or less.",
            )
        )
    findings += _technique(volume)
    findings += _elsewhere(volume, regions)
    findings += _patchy(volume, regions)
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
            "this is the patient's series.",
        )
    ]


def _number(volume: Volume, name: str) -> float | None:
    value = volume.tags.get(name)
    return value if isinstance(value, float) else None


def _contrast(volume: Volume, regions: Sequence[Region]) -> list[Finding]:
    """Take contrast medium from the tags, or from vessels in front of the spine."""
    agent = str(volume.tags.get("ContrastBolusAgent", "")).strip()
    denied = agent.lower() in {"no", "none", "n/a"}
    vessel = vessel_attenuation(volume, regions)
    if agent and not denied:
        why = "The tags name a contrast medium"
    elif vessel is not None and vessel > ENHANCED_HU:
        why = f"Vessels before the spine measure {vessel:.0f} HU, so contrast medium was given"
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
        smooth = mean[(spread < SMOOTH_HU) & (mean > 10) & (mean < 500)]
        core = round(CORE_MM2 / (row_mm * column_mm))
        if smooth.size > core > 0:
            # The dimmest of the brightest core: one smooth vessel is enough.
            found.append(float(np.sort(smooth)[-core]))
    return float(np.median(found)) if found else None


def _technique(volume: Volume) -> list[Finding]:
    kilovolts = _number(volume, "KVP")
    if kilovolts is None or kilovolts <= 0:
        return [
            Finding(
                code="tube_voltage_unknown",
                severity=Severity.WARNING,
                advice="The file does not say the tube voltage, on which attenuation of bone "
                f"depends: thresholds were published for {USUAL_KV:.0f} kV.",
            )
        ]
    if abs(kilovolts - USUAL_KV) > 5:
        return [
            Finding(
                code="tube_voltage",
                severity=Severity.WARNING,
                advice=f"The scan was made at {kilovolts:.0f} kV: attenuation differs from that "
                f"at {USUAL_KV:.0f} kV, for which thresholds were published.",
            )
        ]
    return []


def _patchy(volume: Volume, regions: Sequence[Region]) -> list[Finding]:
    findings = []
    patchy, metal = [], []
    for region in regions:
        values = region_values(volume, region)
        if not values.size:
            continue
        if values.max() > METAL_HU:
            metal.append(region.id)
        elif values.std() > PATCHY_SD_HU:
            patchy.append(region.id)
    if patchy:
        findings.append(
            Finding(
                code="patchy_bone",
                severity=Severity.WARNING,
                advice=f"{', '.join(patchy)} holds very different densities (a lesion, a bone "
                "island, cement or an endplate): look at it before using its mean.",
            )
        )
    if metal:
        findings.append(
            Finding(
                code="metal",
                severity=Severity.WARNING,
                advice=f"{', '.join(metal)} holds metal: its attenuation cannot be used.",
            )
        )
    return findings
