"""What a scan shows: modality, body part and view, from tags and pixels, never from a name."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imaging.identity.deidentify import Value
from imaging.intake.dicom import DicomImage
from imaging.intake.other_formats import Document
from imaging.kinds.look import Look, look_at
from imaging.projection import Projection
from imaging.result import Finding, Kind, Severity

# Words by which densitometers name themselves in manufacturer, model, study or series.
DENSITOMETERS = (
    "lunar", "prodigy", "idxa", "dxa", "dexa", "hologic", "horizon", "densitom", "norland",
    "osteosys", "medilink", "bone density", "stratos",
)  # fmt: skip
# DICOM modality codes (PS3.3 C.7.3.1.1.1) that a flat X-ray picture may carry.
X_RAY = {"CR", "DX", "RG", "RF", "XA", "PX", "IO", "MG"}
OTHER_MODALITIES = {
    "US": "an ultrasound image",
    "NM": "a nuclear medicine image",
    "PT": "a PET image",
    "RTSTRUCT": "a set of radiotherapy contours",
    "RTPLAN": "a radiotherapy plan",
    "RTDOSE": "a radiotherapy dose map",
    "RTIMAGE": "a radiotherapy image",
    "SR": "a structured report",
    "SEG": "a segmentation",
    "ECG": "an electrocardiogram",
    "HD": "a heart tracing",
    "PR": "a presentation state",
    "REG": "a registration",
    "DOC": "a document",
    "XC": "a photograph",
    "GM": "a microscope image",
    "SM": "a slide microscope image",
    "ES": "an endoscope image",
    "MG": "a mammogram",
    "IO": "a dental radiograph",
    "PX": "a dental panorama",
    "XA": "an angiogram",
    "RF": "a fluoroscopy image",
}
# Words of protocol, series and body part tags: first match wins, so the particular comes first.
PARTS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("lva", "lateral spine", "lateral vertebral", "vfa", "iva"), "spine", "lateral"),
    (("total body", "whole body", "wholebody", "full body"), "whole_body", "ap"),
    (("ortho knee", "knee"), "knee", "ap"),
    (("ortho hip", "femur", "hip"), "hip", "ap"),
    (("forearm", "radius", "wrist"), "forearm", "ap"),
    (("ap spine", "ap lumbar", "lumbar", "l-spine", "lspine", "spine"), "lumbar_spine", "ap"),
    (("hand",), "hand", "ap"),
    (("abdomen", "abd", "liver"), "abdomen", "unknown"),
    (("chest", "thorax", "lung"), "chest", "unknown"),
    (("pelvis",), "pelvis", "unknown"),
    (("head", "skull", "brain"), "head", "unknown"),
)
PAIRED = {"hip", "knee", "forearm", "hand"}
SIDES = {"L": "left", "R": "right"}  # DICOM PS3.3, Laterality (0020,0060)
PLAIN_NAME = {
    "lumbar_spine": "lumbar spine",
    "spine": "spine",
    "hip": "hip",
    "knee": "knee",
    "forearm": "forearm",
    "whole_body": "whole body",
    "unknown": "body part that could not be told",
}


@dataclass(frozen=True, slots=True)
class Recognised:
    kind: Kind
    findings: tuple[Finding, ...] = ()
    other: str | None = None  # what it is instead of an image of bone
    # How well a spinal column mirrors itself, where it was looked at in the file's own size.
    likeness: float | None = None


def recognise_projection(image: Projection) -> Recognised:
    """Put tags and pixels together; where they contradict each other, say so."""
    modality = _modality(image.tags)
    other = OTHER_MODALITIES.get(str(image.tags.get("Modality", "")))
    if modality in {"unknown", "document"} and image.tags:
        return Recognised(Kind(modality=modality), other=other)
    part, view = part_from_words(image.tags)
    look = look_at(image)
    findings: list[Finding] = []
    if look.body_part != "unknown" and part != "unknown" and not _agree(part, view, look):
        findings.append(
            Finding(
                code="tags_and_pixels_disagree",
                severity=Severity.WARNING,
                advice=f"The tags say {PLAIN_NAME.get(part, part)} ({view}), the picture looks "
                f"like {PLAIN_NAME.get(look.body_part, look.body_part)} ({look.view}): check it.",
            )
        )
    if part == "unknown" or (findings and look.certain):
        part, view = look.body_part, look.view
    findings += sides_that_disagree(image.tags, part)
    kind = Kind(
        modality=modality, body_part=part, view=view, laterality=laterality(image.tags, part)
    )
    likeness = None if image.spacing is None else look.likeness
    return Recognised(kind, tuple(findings), other, likeness)


def recognise_volume(tags: dict[str, Value], voxels: npt.NDArray[np.float32]) -> Recognised:
    """Name a volume; NIfTI has no tags, but only Hounsfield units were let in."""
    modality = _modality(tags) if tags else "ct"
    part, _ = part_from_words(tags)
    if part == "unknown" and modality == "ct":
        part = "trunk" if _has_trunk(voxels) else "unknown"
    other = OTHER_MODALITIES.get(str(tags.get("Modality", "")))
    return Recognised(Kind(modality=modality, body_part=part, view="axial"), other=other)


def recognise_other(image: DicomImage) -> Recognised:
    """Name a DICOM file that holds no flat X-ray picture and no CT volume."""
    modality = _modality(image.tags)
    part, view = part_from_words(image.tags)
    kind = Kind(
        modality=modality, body_part=part, view=view, laterality=laterality(image.tags, part)
    )
    other = OTHER_MODALITIES.get(image.text("Modality").upper())
    if other is None and not image.has_pixels:
        other = "a DICOM file without a picture"
    return Recognised(kind, other=other)


def recognise_document(document: Document) -> Recognised:
    """Say what a report is about, from its words, of which none is kept."""
    words = document.words.lower()
    about_bone = any(name in words for name in (*DENSITOMETERS, "bmd", "t-score"))
    pages = f"{document.pages} page" + ("" if document.pages == 1 else "s")
    subject = " about bone densitometry" if about_bone else ""
    return Recognised(Kind(modality="document"), other=f"a PDF report of {pages}{subject}")


def _has_trunk(voxels: npt.NDArray[np.float32]) -> bool:
    """Tell a body from a phantom or a limb: soft tissue fills a good part of the field."""
    some = voxels[:: max(1, len(voxels) // 8)]
    soft = (some > -150) & (some < 300)
    # Tissue hangs together, noise does not.
    return bool(ndimage.binary_opening(soft, np.ones((1, 3, 3), dtype=bool)).mean() > 0.15)


def _modality(tags: dict[str, Value]) -> str:
    code = str(tags.get("Modality", "")).upper()
    if code == "CT":
        return "ct"
    if code == "MR":
        return "mri"
    names = ("Manufacturer", "ManufacturerModelName", "StudyDescription", "SeriesDescription")
    words = " ".join(str(tags.get(name, "")) for name in names).lower()
    flat = code in X_RAY | {"", "OT", "SC", "BMD"}
    if code == "BMD" or (flat and any(name in words for name in DENSITOMETERS)):
        return "dxa"
    if code in X_RAY - {"MG", "IO", "PX", "XA", "RF"}:
        return "radiograph"
    return "document" if code in {"DOC", "SR"} else "unknown"


def part_from_words(tags: dict[str, Value]) -> tuple[str, str]:
    """Read body part and view from the tags about the technique."""
    names = (
        "ProtocolName",
        "PerformedProcedureStepDescription",
        "BodyPartExamined",
        "SeriesDescription",
        "StudyDescription",
    )
    for name in names:
        words = str(tags.get(name, "")).lower().replace("_", " ")
        for keys, part, view in PARTS:
            if any(key in words for key in keys):
                return part, _view(tags, view)
    return "unknown", _view(tags, "unknown")


def _view(tags: dict[str, Value], usual: str) -> str:
    position = str(tags.get("ViewPosition", "")).upper()
    if position in {"AP", "PA"}:
        return "ap"
    return "lateral" if position in {"LL", "RL", "LAT", "LATERAL"} else usual


def laterality(tags: dict[str, Value], part: str) -> str:
    """Give the side only where tags name one; words are of a part that comes in pairs."""
    tagged, worded = _sides(tags, part)
    named = tagged or worded
    return next(iter(named)) if len(named) == 1 else "unknown"


def sides_that_disagree(tags: dict[str, Value], part: str) -> tuple[Finding, ...]:
    """Say where a file names both sides of the body: nobody can tell from it which was scanned."""
    tagged, worded = _sides(tags, part)
    if len(tagged | worded) < 2:
        return ()
    told = " and ".join(sorted(tagged)) + (f", its words {min(worded)}" if worded - tagged else "")
    return (
        Finding(
            code="laterality_contradicts",
            severity=Severity.WARNING,
            advice=f"The tags of the file say {told}: check which side was scanned.",
        ),
    )


def _sides(tags: dict[str, Value], part: str) -> tuple[set[str], set[str]]:
    """The sides that tags name, and that words name where they name only one."""
    given = (str(tags.get(name, "")).upper() for name in ("ImageLaterality", "Laterality"))
    tagged = {SIDES[letter] for letter in given if letter in SIDES}
    if part not in PAIRED:
        return tagged, set()
    words = f"{tags.get('ProtocolName', '')} {tags.get('SeriesDescription', '')}".lower().split()
    worded = {side for side in SIDES.values() if side in words}
    return tagged, worded if len(worded) == 1 else set()


def _agree(part: str, view: str, look: Look) -> bool:
    if look.body_part in {"spine", "lumbar_spine"} and part in {"spine", "lumbar_spine"}:
        return "unknown" in (view, look.view) or view == look.view
    return part == look.body_part
