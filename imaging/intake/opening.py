"""Recognised files into the one thing they show: a flat image, a volume or a document."""

from collections import Counter
from collections.abc import Callable, Sequence

from imaging.errors import UnreadableScan, UnsuitableScan
from imaging.identity.whose import check_one_person
from imaging.intake.accepted import FORMATS
from imaging.intake.dicom import DicomImage, read_dicom
from imaging.intake.flat import projection_from_dicom
from imaging.intake.frames import volume_from_frames
from imaging.intake.gathering import Format, Source
from imaging.intake.other_formats import Document, read_nifti, read_pdf
from imaging.intake.overviews import without_overviews
from imaging.intake.pictures import read_picture
from imaging.intake.series import volume_from_slices
from imaging.projection import Projection
from imaging.result import Finding, Severity
from imaging.volume import Volume

Scan = Projection | Volume | Document | DicomImage
# Modality codes (PS3.3 C.7.3.1.1.1) under which flat X-ray pictures come.
FLAT = {"CR", "DX", "RG", "OT", "SC", "BMD", ""}
VOLUMES = {"CT": "ct", "MR": "mri"}  # of slices that a volume is built from
PICTURES = {Format.PNG, Format.JPEG, Format.TIFF}


def open_scan(sources: Sequence[Source]) -> tuple[Scan, list[Finding]]:
    """Open what was sent as one scan; companions that are no images are left out and counted.

    Raises
    ------
    UnreadableScan, UnsuitableScan
    """
    known = [s for s in sources if s.format not in {Format.UNKNOWN, Format.ZIP, Format.GZIP}]
    if not known:
        if len(sources) == 1 and not sources[0].data:
            raise UnreadableScan("The file is empty.")
        raise UnreadableScan(f"This is not an image or report that is read here: send {FORMATS}.")
    left_out = len(sources) - len(known)
    # The same bytes twice are one file that was copied or sent twice.
    alone = {source.data: source for source in known}
    repeated = len(known) - len(alone)
    known = list(alone.values())
    formats = {source.format for source in known}
    if len(formats) > 1:
        names = ", ".join(
            f"{count} {kind.value}"
            for kind, count in sorted(Counter(s.format for s in known).items())
        )
        raise UnsuitableScan(f"Several kinds of file came together ({names}): send one scan.")
    kind = formats.pop()
    shown_of, overviews = 1, 0
    if kind is Format.DICOM:
        read = [read_dicom(source.data) for source in known]
        images, overviews = without_overviews(read)
        scan, without_pixels = _open_dicom(images)
        left_out += without_pixels
        if isinstance(scan, Projection):
            frames = [image.number("NumberOfFrames") for image in images if image.has_pixels]
            shown_of = int(frames[0] or 1)
    elif len(known) > 1:
        raise UnsuitableScan(_many(len(known), kind))
    elif kind in PICTURES:
        scan = read_picture(known[0].data)
    elif kind is Format.NIFTI:
        scan = read_nifti(known[0].data)
    else:
        scan = read_pdf(known[0].data)
    told = _left_out(left_out) + _repeated(repeated) + _first_of(shown_of)
    return scan, told + _overviews_left_out(overviews)


def _many(count: int, kind: Format) -> str:
    if kind in PICTURES:
        return (
            f"These are {count} {kind.value} pictures, perhaps the slices of a stack, without "
            "positions or spacing: send the DICOM series, or one picture at a time."
        )
    return f"These are {count} {kind.value} files: send one scan at a time."


def _open_dicom(images: list[DicomImage]) -> tuple[Scan, int]:
    check_one_person([image.identity for image in images])
    with_pixels = [image for image in images if image.has_pixels]
    if not with_pixels:
        return images[0], 0
    without = len(images) - len(with_pixels)
    modalities = {image.text("Modality") for image in with_pixels}
    if len(with_pixels) > 1:
        return _open_many(with_pixels, modalities), without
    only = with_pixels[0]
    if (modality := _of_volume(modalities)) is not None:
        if int(only.number("NumberOfFrames") or 1) > 1:
            return _volume(lambda: volume_from_frames(only), modality), without
        if modality == "ct":
            raise UnsuitableScan(
                "This is a single CT slice: a vertebra needs the whole series of slices.", "ct"
            )
        return only, without
    if modalities & FLAT:
        return projection_from_dicom(only), without
    return only, without


def _open_many(images: list[DicomImage], modalities: set[str]) -> Scan:
    if len(modalities) > 1:
        raise UnsuitableScan(
            f"The files mix {', '.join(sorted(modalities))} images: send one series at a time."
        )
    if (modality := _of_volume(modalities)) is not None:
        return _volume(lambda: volume_from_slices(images), modality)
    one_series = len({image.series for image in images}) == 1 and images[0].series
    if one_series and not modalities & FLAT:
        return images[0]
    raise UnsuitableScan(
        f"These are {len(images)} separate images: send one image, or one CT or MR series, at a "
        "time."
    )


def _of_volume(modalities: set[str]) -> str | None:
    """Name the kind of volume that slices of one modality build; None for every other."""
    return VOLUMES.get(next(iter(modalities))) if len(modalities) == 1 else None


def _volume(build: Callable[[], Volume], modality: str) -> Volume:
    """Build a volume; where that fails, the refusal still says what it was."""
    try:
        return build()
    except UnsuitableScan as error:
        raise UnsuitableScan(str(error), modality) from error


def _left_out(count: int) -> list[Finding]:
    if not count:
        return []
    return [
        Finding(
            code="files_left_out",
            severity=Severity.INFO,
            advice=f"{count} file(s) that hold no image were left out.",
        )
    ]


def _overviews_left_out(count: int) -> list[Finding]:
    if not count:
        return []
    return [
        Finding(
            code="overviews_left_out",
            severity=Severity.INFO,
            advice=f"{count} overview picture(s) (localizer) that came with the slices were left "
            "out.",
        )
    ]


def _repeated(count: int) -> list[Finding]:
    if not count:
        return []
    return [
        Finding(
            code="repeated_files_left_out",
            severity=Severity.INFO,
            advice=f"{count} file(s) that were there twice, byte for byte, were read once.",
        )
    ]


def _first_of(count: int) -> list[Finding]:
    if count < 2:
        return []
    return [
        Finding(
            code="first_of_several_pictures",
            severity=Severity.WARNING,
            advice=f"The file holds {count} pictures without positions in space; only the first "
            "that shows something was looked at: send the others as files of their own.",
        )
    ]
