"""Everything that can be taken away from one measured scan, as files by name."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from imaging.errors import UnsuitableScan
from imaging.presenting.measurement_table import as_csv
from imaging.presenting.narrative import kind_in_words, narrative
from imaging.presenting.overlays import LOOKS, Look, overlay_png, overlay_svg
from imaging.result import Picture, ScanMeasurement, Status
from riskapp import __version__
from riskapp.exchange.dicom_origin import Origin
from riskapp.exchange.editions import Edition
from riskapp.exchange.scan_page import Sheet, page_pdf

PNG, SVG, PDF = "image/png", "image/svg+xml", "application/pdf"
DICOM, JSON, CSV, TEXT = "application/dicom", "application/json", "text/csv", "text/plain"
# Printed text in the picture may name the patient: no picture leaves then.
PRINTED_TEXT = frozenset({"burnt_in_text"})
# Cosine of the angle between axes that DICOM's libraries take for upright.
UPRIGHT = 1e-5
NO_PICTURE = (
    "The picture carries printed text that may name the patient, so it is not given out; the "
    "numbers are."
)


@dataclass(frozen=True, slots=True)
class ScanResult:
    """One version of one scan, ready to be written.

    Attributes
    ----------
    heading : str
        Which scan and version, without the patient.
    edition : Edition
        Which version it is, and who stood by it; the same gives the same DICOM UIDs and bytes.
    origin : callable
        Reads where the scan came from; raises ScanError where it did not come as DICOM.
    """

    result: ScanMeasurement
    pictures: Sequence[Picture]
    heading: str
    edition: Edition
    origin: Callable[[], Origin]

    @property
    def has_printed_text(self) -> bool:
        return _has_printed_text(self.result)


def _has_printed_text(result: ScanMeasurement) -> bool:
    return any(finding.code in PRINTED_TEXT for finding in result.quality)


@dataclass(frozen=True, slots=True)
class FileKind:
    """One file that can be asked for.

    ``names_the_patient`` is true of what is meant to go back to the archive that the scan came
    from, and of nothing else.
    """

    name: str
    media_type: str
    title: str
    names_the_patient: bool
    write: Callable[[ScanResult], bytes]


def kinds(result: ScanMeasurement, pictures: Sequence[Picture]) -> tuple[FileKind, ...]:
    """List what can be written of a scan, in the order to offer it."""
    for_archive = _FOR_THE_ARCHIVE if result.status is Status.MEASURED else ()
    has_bones = any(region.bone is not None for region in result.regions)
    whole = (_WHOLE_BONES,) if for_archive and has_bones else ()
    return (*_WITHOUT_IDENTITY, *_drawn(pictures), *for_archive, *whole)


def giveable(
    result: ScanMeasurement, pictures: Sequence[Picture], *, goes_back: bool
) -> tuple[FileKind, ...]:
    """List what is given when asked for: ``kinds`` without what would be refused.

    Parameters
    ----------
    goes_back : bool
        Whether the scan came as DICOM of which it is settled whose it is.
    """
    areas = any(region.outline == "area" for region in result.regions)
    is_volume = len(result.size or ()) == 3
    segments = areas and (not is_volume or is_right_angled(result.affine))
    possible = {
        "report-sr.dcm": bool(result.measurements) and (segments or not is_volume),
        "regions-seg.dcm": segments,
        "bones-seg.dcm": segments,
    }
    return tuple(
        kind
        for kind in kinds(result, pictures)
        if (goes_back or not kind.names_the_patient)
        and possible.get(kind.name, True)
        and not (kind.media_type in (PNG, SVG) and _has_printed_text(result))
    )


def is_right_angled(affine: Sequence[Sequence[float]] | None) -> bool:
    """Whether slices, rows and columns stand upright on each other, as a segmentation needs."""
    if affine is None:
        return False
    axes = np.array(affine)[:3, :3]
    units = axes / np.linalg.norm(axes, axis=0)
    return bool(np.abs(units.T @ units - np.eye(3)).max() < UPRIGHT)


def _drawn(pictures: Sequence[Picture]) -> Iterator[FileKind]:
    for picture in pictures:
        for look in LOOKS:
            ending = "" if look == "screen" else f"-{look}"
            yield FileKind(
                f"{picture.name}-regions{ending}.png",
                PNG,
                f"{picture.title}, with regions, for {look}",
                False,
                _png_of(picture, look),
            )
            yield FileKind(
                f"{picture.name}-regions{ending}.svg",
                SVG,
                f"{picture.title}, with regions, for {look}",
                False,
                _svg_of(picture, look),
            )


def _png_of(picture: Picture, look: Look) -> Callable[[ScanResult], bytes]:
    def drawn(scan: ScanResult) -> bytes:
        _check_printed_text(scan)
        return overlay_png(picture, scan.result, look)

    return drawn


def _svg_of(picture: Picture, look: Look) -> Callable[[ScanResult], bytes]:
    def drawn(scan: ScanResult) -> bytes:
        _check_printed_text(scan)
        return overlay_svg(picture, scan.result, look).encode()

    return drawn


def _check_printed_text(scan: ScanResult) -> None:
    if scan.has_printed_text:
        raise UnsuitableScan(NO_PICTURE)


def _json(scan: ScanResult) -> bytes:
    text = json.dumps(scan.result.to_json(), indent=1, ensure_ascii=False)
    return f"{text}\n".encode()


def _page(scan: ScanResult) -> bytes:
    pictures = () if scan.has_printed_text else scan.pictures
    sheet = Sheet(scan.heading, scan.edition.verified is not None, f"Trabecula {__version__}")
    return page_pdf(scan.result, pictures, sheet)


# The DICOM toolkit takes a second to load, so only those wait for it who ask for DICOM.
def _structured_report(scan: ScanResult) -> bytes:
    from riskapp.exchange.dicom_report import Report, structured_report
    from riskapp.exchange.dicom_segmentation import segmentation
    from riskapp.exchange.dicom_writing import as_file

    origin = scan.origin()
    is_volume = len(scan.result.size or ()) == 3
    segments = segmentation(scan.result, origin, scan.edition.key) if is_volume else None
    report = Report(scan.result, origin, scan.edition, segments)
    return as_file(structured_report(report), origin, scan.edition)


def _segmentation(scan: ScanResult) -> bytes:
    from riskapp.exchange.dicom_segmentation import segmentation
    from riskapp.exchange.dicom_writing import as_file

    origin = scan.origin()
    return as_file(segmentation(scan.result, origin, scan.edition.key), origin, scan.edition)


def _bones(scan: ScanResult) -> bytes:
    from riskapp.exchange.dicom_segmentation import bones
    from riskapp.exchange.dicom_writing import as_file

    origin = scan.origin()
    return as_file(bones(scan.result, origin, scan.edition.key), origin, scan.edition)


def _encapsulated(scan: ScanResult) -> bytes:
    from riskapp.exchange.dicom_pdf import encapsulated_pdf
    from riskapp.exchange.dicom_writing import as_file

    origin, title = scan.origin(), kind_in_words(scan.result)
    return as_file(
        encapsulated_pdf(_page(scan), origin, scan.edition.key, title), origin, scan.edition
    )


def _table(scan: ScanResult) -> bytes:
    return as_csv(scan.result).encode()


def _paragraph(scan: ScanResult) -> bytes:
    return f"{narrative(scan.result)}\n".encode()


_WITHOUT_IDENTITY = (
    FileKind("report.pdf", PDF, "One page: picture, numbers, findings", False, _page),
    FileKind("measurement.json", JSON, "Everything measured", False, _json),
    FileKind("measurements.csv", CSV, "The numbers as a table", False, _table),
    FileKind("narrative.txt", TEXT, "The paragraph", False, _paragraph),
)
_FOR_THE_ARCHIVE = (
    FileKind("report-sr.dcm", DICOM, "Structured report", True, _structured_report),
    FileKind("regions-seg.dcm", DICOM, "Regions as segmentation", True, _segmentation),
    FileKind("report-pdf.dcm", DICOM, "The page as encapsulated PDF", True, _encapsulated),
)
_WHOLE_BONES = FileKind("bones-seg.dcm", DICOM, "Whole bones as segmentation", True, _bones)
