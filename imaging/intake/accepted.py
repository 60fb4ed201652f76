"""What may be sent and what is measured of it: the one list that every page and refusal quotes."""

from typing import NamedTuple

from imaging.intake.transfer_syntaxes import READ

# No suffix is asked for: archives write DICOM files without one, and names are never looked at.
FORMATS = "DICOM, NIfTI (CT), PNG, JPEG, TIFF or PDF"
UPLOAD = f"All files of one scan, or one zip archive of them: {FORMATS}"
MEASURED = (
    "bone is measured on DXA images and densitometers’ reports, on CT and sagittal T1 MRI of the "
    "spine, and on radiographs of the spine from the side, the femur and the hand"
)


class KindMeasured(NamedTuple):
    """One kind of scan; ``keys`` are those of the ways of ``imaging.measure``."""

    what: str
    sent_as: str
    gives: str
    keys: tuple[tuple[str, ...], ...] = ()


KINDS = (
    KindMeasured(
        "lumbar spine from the front, DXA",
        "DICOM",
        "L1 to L4, texture",
        (("dxa", "lumbar_spine", "ap"),),
    ),
    KindMeasured(
        "spine from the side, DXA or radiograph",
        "DICOM",
        "vertebral heights and grades",
        tuple(
            (modality, part, "lateral")
            for modality in ("dxa", "radiograph")
            for part in ("lumbar_spine", "spine")
        ),
    ),
    KindMeasured("hip, DXA", "DICOM", "regions, geometry", (("dxa", "hip", "ap"),)),
    KindMeasured("forearm, DXA", "DICOM", "regions", (("dxa", "forearm", "ap"),)),
    KindMeasured(
        "spine, trunk or abdomen, CT",
        "DICOM series or enhanced file, NIfTI",
        "attenuation and density by vertebra, heights",
        (("ct",),),
    ),
    KindMeasured(
        "lumbar spine, sagittal T1 MRI",
        "DICOM series or enhanced file",
        "vertebral bone quality score, once a person has named L1 to L4",
        (("mri",),),
    ),
    KindMeasured(
        "femur or hand, radiograph",
        "DICOM, PNG, JPEG, TIFF",
        "cortical indices on lines that a person draws",
    ),
    KindMeasured(
        "report of a densitometer",
        "DICOM structured report, results in the tags of a DICOM picture, PDF (plain or in DICOM), "
        "picture of a page (DICOM, PNG, JPEG, TIFF)",
        "BMD, BMC, area, T- and Z-scores as printed, checked against each other",
    ),
)


def page() -> str:
    """Write docs/what-is-read.md."""
    kinds = "\n".join(f"| {one.what} | {one.sent_as} | {one.gives} |" for one in KINDS)
    packed = "\n".join(
        f"| {one.name} | {one.uid} | {one.decoder} | "
        f"{one.most_bits if one.most_bits < 64 else 'any'} |"
        for one in READ.values()
    )
    return PAGE.format(upload=UPLOAD, kinds=kinds, packed=packed)


PAGE = """# What is read and what is measured

Written by `python manage.py accepted_page`; a test fails where it is stale.

{upload}. Names and suffixes of files play no part: the content tells what a file is.

| scan | sent as | gives |
| --- | --- | --- |
{kinds}

Everything else is recognised where it can be and refused in one sentence.

## DICOM pixels

| transfer syntax | identifier | unpacked by | bits stored at most |
| --- | --- | --- | --- |
{packed}

Each is tried on a file made for the test. Films (MPEG, HEVC), JPEG of 12 bits, JPEG XL and
syntaxes of one vendor are named and refused.

- Grey of 8 and 16 bits with either end bright, RGB, YBR and palettes are read; colours become
  their mean grey. The window of a picture changes nothing.
- Of several pictures in one file without places in space (a multi-frame secondary capture) the
  first that shows something is measured, and a finding says so.
- A folder or zip archive may hold a DICOMDIR and other files without pictures: they are left out
  and counted.

## PNG, JPEG, TIFF

Of 1, 8, 16 and, in TIFF, 32 bits; turned as their tags say; what is transparent shows white. A
TIFF of several pages is refused with their number.
"""
