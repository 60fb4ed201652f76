"""Findings about how a CT was made: slices, tube voltage, kernel, gantry."""

import re

from imaging.acquisition.derived import derived_findings
from imaging.result import Finding, Severity
from imaging.volume import Volume

# Slices thicker than this mix endplates into the marrow.
THICK_MM = 3.0
# Positions are rounded when they are written.
ROUNDED_MM = 0.05
# Slices may lie this much further apart than they are thick before bone between them is missed.
GAP = 1.2
# Attenuation of bone depends on tube voltage; the published thresholds are for 120 kV. Factors
# between voltages differ from paper to paper, so no number is converted here.
USUAL_KV, KV_TOLERANCE = 120.0, 5.0
# Kernels that sharpen edges raise noise and overshoot beside cortex. Names are the makers' own
# (recalled, to be confirmed): words of GE and Philips, numbers of Siemens (B60, Br64, I70) and of
# Canon (FC30-FC59, FC80 and more).
SHARP_WORDS = ("bone", "lung", "edge", "detail", "sharp", "ultra")
SIEMENS = re.compile(r"^[a-z]{1,3}(\d{2})[a-z]?\b")
SIEMENS_SHARP = 60
CANON = re.compile(r"^fc(\d{2})")
PHILIPS_SHARP = {"d", "e", "l", "yb", "yc", "yd", "ye"}
TILT_DEG = 1.0


def technique_findings(volume: Volume) -> list[Finding]:
    """Say what of the technique keeps attenuation from being compared."""
    return [
        *_slices(volume),
        *_voltage(volume),
        *derived_findings(volume.tags),
        *_kernel(volume),
        *_tilt(volume),
    ]


def number(volume: Volume, name: str) -> float | None:
    value = volume.tags.get(name)
    return value if isinstance(value, float) else None


def usual_voltage(volume: Volume) -> bool:
    """Whether the scan is known to have been made at the voltage that thresholds are for."""
    kilovolts = number(volume, "KVP")
    return kilovolts is not None and abs(kilovolts - USUAL_KV) <= KV_TOLERANCE


def is_sharp(kernel: str) -> bool:
    """Tell a sharpening kernel by its maker's name for it."""
    name = kernel.strip().lower()
    canon = CANON.match(name)
    if canon:
        return 30 <= int(canon[1]) < 60 or int(canon[1]) >= 80
    siemens = SIEMENS.match(name)
    if siemens:
        return int(siemens[1]) >= SIEMENS_SHARP
    return name in PHILIPS_SHARP or any(word in name for word in SHARP_WORDS)


def _slices(volume: Volume) -> list[Finding]:
    findings = []
    thickness = number(volume, "SliceThickness") or 0.0
    step = volume.spacing_mm[0]
    slice_mm = max(step, thickness)
    if slice_mm > THICK_MM + ROUNDED_MM:
        findings.append(
            Finding(
                code="thick_slices",
                severity=Severity.WARNING,
                advice=f"Slices of {slice_mm:.1f} mm mix endplates into the marrow: prefer "
                f"{THICK_MM:.0f} mm or less.",
            )
        )
    if 0 < thickness * GAP < step:
        findings.append(
            Finding(
                code="slice_gap",
                severity=Severity.WARNING,
                advice=f"Slices of {thickness:.1f} mm lie {step:.1f} mm apart: bone between them "
                "was not scanned.",
            )
        )
    return findings


def _voltage(volume: Volume) -> list[Finding]:
    kilovolts = number(volume, "KVP")
    if kilovolts is None or kilovolts <= 0:
        return [
            Finding(
                code="tube_voltage_unknown",
                severity=Severity.WARNING,
                advice="The file does not say the tube voltage, on which attenuation of bone "
                f"depends: thresholds were published for {USUAL_KV:.0f} kV.",
            )
        ]
    if not usual_voltage(volume):
        return [
            Finding(
                code="tube_voltage",
                severity=Severity.WARNING,
                advice=f"The scan was made at {kilovolts:.0f} kV: attenuation differs from that "
                f"at {USUAL_KV:.0f} kV, for which thresholds were published, and is not converted, "
                "because published factors differ between scanners.",
            )
        ]
    return []


def _kernel(volume: Volume) -> list[Finding]:
    kernel = str(volume.tags.get("ConvolutionKernel", "")).strip()
    if not kernel or not is_sharp(kernel):
        return []
    return [
        Finding(
            code="sharp_kernel",
            severity=Severity.WARNING,
            advice=f"The kernel {kernel} sharpens edges: the mean of marrow is noisier, and "
            "texture is not comparable; prefer a soft-tissue kernel.",
        )
    ]


def _tilt(volume: Volume) -> list[Finding]:
    tilt = number(volume, "GantryDetectorTilt") or 0.0
    if abs(tilt) < TILT_DEG:
        return []
    return [
        Finding(
            code="gantry_tilt",
            severity=Severity.WARNING,
            advice=f"The gantry was tilted by {tilt:.0f} degrees; if the slices were not "
            "straightened, heights and levels are sheared: look at the sagittal picture.",
        )
    ]
