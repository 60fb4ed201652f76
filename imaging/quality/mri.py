"""Whether an MR series is what the vertebral bone quality score is defined on."""

from collections.abc import Mapping

from imaging.errors import UnsuitableScan
from imaging.identity.deidentify import Value
from imaging.result import Finding, Severity

# What parts T1 from other weightings on spin echo: short repetition, short echo. Limits of our
# own, wider than what studies of the score kept.
T1_REPETITION_MS = (250.0, 1100.0)
LONGEST_T1_ECHO_MS = 30.0
# Studies of the score kept series within these (normative data, 107 people, serial lumbar MRI:
# repetition 400-850 ms, echo 8-20 ms; recalled from its abstract, to be confirmed).
USUAL_REPETITION_MS = (400.0, 850.0)
USUAL_ECHO_MS = (8.0, 20.0)
# 2.77 at 1.5 T and 2.20 at 3 T in people without fracture: J Orthop Surg Res 2023,
# doi 10.1186/s13018-023-04268-5.
FIELD_SOURCE = "doi:10.1186/s13018-023-04268-5"
NO_CONTRAST = {"", "NONE", "NO", "N", "0"}
CONTRAST_WORDS = ("+c", " gd", "gado", "post contrast", "postcontrast", "contrast enhanced")
FAT_REMOVED = {"FS", "SFS", "FATSAT", "FAT_SAT"}
FAT_WORDS = ("stir", "fat sat", "fatsat", "fs", "dixon", "tirm", "spair", "water")


def require_plain_t1(tags: Mapping[str, Value]) -> tuple[Finding, ...]:
    """Refuse what is not T1-weighted without contrast and fat suppression.

    Raises
    ------
    UnsuitableScan
        With a sentence that says which series to send.
    """
    words = f" {tags.get('SeriesDescription', '')} {tags.get('ProtocolName', '')} ".lower()
    words = words.replace("_", " ")
    agent = str(tags.get("ContrastBolusAgent", "")).strip().upper()
    if agent not in NO_CONTRAST or any(word in words for word in CONTRAST_WORDS):
        raise UnsuitableScan(
            "Contrast agent was given, which raises the signal of marrow: "
            "send the T1 series from before it."
        )
    if _fat_removed(tags, words):
        raise UnsuitableScan(
            "Fat is suppressed in this series, and marrow with it: "
            "send the T1 series without fat suppression."
        )
    return (*_timing(tags, words), *_field(tags))


def _fat_removed(tags: Mapping[str, Value], words: str) -> bool:
    options = set(str(tags.get("ScanOptions", "")).upper().replace("\\", " ").split())
    sequence = str(tags.get("ScanningSequence", "")).upper()
    said = set(words.split())
    return (
        bool(options & FAT_REMOVED)
        or "IR" in sequence.split("\\")
        or any(word in said if " " not in word else word in words for word in FAT_WORDS)
    )


def _timing(tags: Mapping[str, Value], words: str) -> tuple[Finding, ...]:
    repetition, echo = tags.get("RepetitionTime"), tags.get("EchoTime")
    if not isinstance(repetition, float) or not isinstance(echo, float):
        if "t1" not in words:
            raise UnsuitableScan(
                "The file does not say how the series is weighted (repetition and echo time): "
                "send a sagittal T1 series as DICOM."
            )
        return (
            Finding(
                code="t1_by_name_only",
                severity=Severity.WARNING,
                advice="Only its name says that the series is T1-weighted; repetition and echo "
                "time are not given: check it.",
            ),
        )
    low, high = T1_REPETITION_MS
    if not low <= repetition <= high or echo > LONGEST_T1_ECHO_MS:
        raise UnsuitableScan(
            f"The series is not T1-weighted spin echo (repetition {repetition:.0f} ms, echo "
            f"{echo:.0f} ms): send the sagittal T1 series."
        )
    usual = (
        USUAL_REPETITION_MS[0] <= repetition <= USUAL_REPETITION_MS[1]
        and USUAL_ECHO_MS[0] <= echo <= USUAL_ECHO_MS[1]
    )
    if usual:
        return ()
    return (
        Finding(
            code="timing_unusual",
            severity=Severity.WARNING,
            advice=f"Repetition {repetition:.0f} ms and echo {echo:.0f} ms lie outside 400-850 "
            "and 8-20 ms, which studies of the score kept: do not compare it with theirs.",
        ),
    )


def _field(tags: Mapping[str, Value]) -> tuple[Finding, ...]:
    field = tags.get("MagneticFieldStrength")
    told = f"{field:g} T" if isinstance(field, float) else "a field strength that is not given"
    return (
        Finding(
            code="field_strength",
            severity=Severity.INFO,
            advice=f"Measured at {told}; the score is lower at 3 T than at 1.5 T "
            f"({FIELD_SOURCE}): compare like with like.",
        ),
    )
