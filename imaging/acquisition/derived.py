"""CT pictures that a workstation or a spectral scanner computed: what they are not good for.

Thresholds of attenuation were published for pictures as one tube voltage gives them. Pictures at
one energy, without contrast medium or bone, of one material, or projected through a slab, come
with the same modality, numbers in Hounsfield units or something like them, and often 120 kV.
"""

import re
from collections.abc import Mapping

from imaging.errors import UnsuitableScan
from imaging.identity.deidentify import Value
from imaging.result import Finding, Severity

DERIVED = "derived_images"
# Words of makers in series descriptions and image types (recalled, to be confirmed), and terms of
# PS3.3 C.8.15.2.1.1.5 and C.8.16.1 (Supplement 188) for multi-energy images.
PROJECTED = (
    ("a maximum or minimum intensity projection", r"\bmin ?ip\b|\bmips?\b|imum intensity|\bproj"),
    ("a projection through a slab", r"^(?:derived|mixed)\b.*\b(?:maximum|minimum|std deviation)\b"),
    ("a rendering", r"\bvrt?\b|volume rend|surface rend|\bssd\b"),
    ("a subtraction", r"subtract|\bbone remov"),
)
WITHOUT_CONTRAST = ("virtual non-contrast", r"\bvnc\b|virtual (?:non|un|true)|\bvue\b|mat removed")
MATERIAL = (
    ("a picture without calcium", r"\bvnca\b|non calcium|calcium supp|\bca ?supp"),
    (
        "a map of a material",
        r"\biodine\b(?! contrast| injection)|iodine map|\bz ?eff|effective (?:z|atomic)|"
        r"eff atomic num|electron dens|mat (?:specific|fractional|value based)|material dens|"
        r"\buric|\bperfusion",
    ),
)
SPECTRAL = (
    WITHOUT_CONTRAST,
    ("monoenergetic", r"\bmono(?:e|ener|chrom|\b|\+)|\b\d+ ?kev\b|\bvmi\b"),
    ("material-modified", r"mat modified"),
    ("dual-energy or spectral", r"dual ?energy|\bdect\b|\bgsi\b|multi ?energy|\b[mf] 0[.,]\d\b"),
)
SPECTRAL_UNLESS_CONVENTIONAL = r"\bspectral\b"
REFORMATTED = r"\bmpr\b|reformat|\baveraged?\b|\bresampled\b|\bmean\b"
# What numbers mean that are no Hounsfield units: PS3.3 C.11.1.1.2.
OTHER_UNITS = {"MGML", "Z_EFF", "ED", "EDW", "PCT", "OD"}
# Scanners that count photons give pictures at one energy as their usual ones (recalled).
PHOTON_COUNTING = ("naeotom",)
Tags = Mapping[str, Value]


def check_derived(tags: Tags) -> None:
    """Refuse pictures whose numbers are no attenuation of the bone at that place.

    Raises
    ------
    UnsuitableScan
    """
    words = _words(tags)
    for what, pattern in PROJECTED:
        if re.search(pattern, words):
            raise UnsuitableScan(
                f"The series is {what} and not slices: send the axial series as the scanner made "
                "it."
            )
    unit = str(tags.get("RescaleType", "")).strip().upper()
    # "Virtual non-contrast" may name the iodine that was taken out.
    told = [what for what, pattern in MATERIAL if re.search(pattern, words)]
    if told[-1:] == [MATERIAL[1][0]] and re.search(WITHOUT_CONTRAST[1], words):
        told.pop()
    if told or unit in OTHER_UNITS:
        what = told[0] if told else f"in the unit {unit}"
        raise UnsuitableScan(
            f"The series is {what} and not in Hounsfield units of bone: send the usual series at "
            "one tube voltage."
        )


def derived_findings(tags: Tags) -> list[Finding]:
    """Say of pictures that were computed that no threshold was published for them."""
    why = _spectral(tags) or _computed(tags)
    if not why:
        return []
    return [
        Finding(
            code=DERIVED,
            severity=Severity.WARNING,
            advice=f"{why}: neither a published category nor a density in mg/cm3 is given; prefer "
            "the axial series at 120 kV as the scanner made it.",
        )
    ]


def _spectral(tags: Tags) -> str:
    words = _words(tags)
    found = [what for what, pattern in SPECTRAL if re.search(pattern, words)]
    if re.search(SPECTRAL_UNLESS_CONVENTIONAL, words) and "conventional" not in words:
        found.append("dual-energy or spectral")
    elif str(tags.get("MultienergyCTAcquisition", "")) == "YES" and "conventional" not in words:
        found.append("dual-energy or spectral")
    if found:
        return (
            f"The pictures are {found[0]}, in which attenuation of bone differs from that at 120 kV"
        )
    model = str(tags.get("ManufacturerModelName", "")).lower()
    if any(name in model for name in PHOTON_COUNTING):
        return (
            "The scanner counts photons and gives pictures at one energy, in which attenuation of "
            "bone differs from that at 120 kV"
        )
    return ""


def _computed(tags: Tags) -> str:
    words = _words(tags)
    if re.search(REFORMATTED, words):
        return "The pictures were reformatted or averaged from others"
    if words.startswith("derived"):
        return "The file says that its pictures were derived from others, and not how"
    return ""


def _words(tags: Tags) -> str:
    """Join image type and series description, in small letters, words apart."""
    joined = f"{tags.get('ImageType', '')} ; {tags.get('SeriesDescription', '')}".lower()
    return re.sub(r"[\s_\-/\\]+", " ", joined).strip()
