"""What a densitometer measured itself: from its structured report, tags, PDF or printed page."""

from collections.abc import Sequence
from dataclasses import replace

from imaging.densitometry.dxa import numbers_by_region, recomputed, spine_use
from imaging.densitometry.precision import acceptable_precision
from imaging.densitometry.sites import spine_region
from imaging.intake.dicom import DicomImage
from imaging.intake.other_formats import Document, read_pdf
from imaging.kinds.recognising import Recognised
from imaging.kinds.refusing import why_not
from imaging.projection import Projection
from imaging.reports.checks import Key, Verdict, check
from imaging.reports.facts import joined
from imaging.reports.ocr import page_of
from imaging.reports.page_look import looks_like_page
from imaging.reports.pages import report_of_picture
from imaging.reports.printed import UNITS, Facts, Printed, Quantity, Report, Row
from imaging.reports.regions import PART_NAMES, part_of
from imaging.reports.remarks import remarks, warning
from imaging.reports.settling import settled
from imaging.reports.structured import is_structured, read_structured
from imaging.result import (
    Acquired,
    Finding,
    Kind,
    Measured,
    Measurement,
    ScanMeasurement,
    Status,
)
from imaging.ways.common import no_number

# How far a number is to be believed: as read, and where another number fits or confirms it.
# Judged, not measured: no collection of reports with known contents was there to count on.
AS_READ = {"text": 0.97, "picture": 0.85}
FITTING = {"text": 0.98, "picture": 0.9}
CONFIRMED = {"text": 0.99, "picture": 0.97}
SETTLED = 0.9
SOURCE = "the densitometer's own measurement"
UNREAD = (
    "This is a report about bone density, but none of its numbers could be read without doubt: "
    "type in the values by hand, or send the densitometer’s structured report or a PDF with text."
)
PRINT = (
    "This looks like a printed page, on which nothing about bone density could be read: if it is a "
    "report, type in its values by hand, or send the densitometer’s structured report or a PDF "
    "with text."
)
MAKERS = {"hologic": "Hologic", "ge_lunar": "GE Lunar", "norland": "Norland"}


def measure_document(
    document: Document, seen: Recognised, findings: tuple[Finding, ...]
) -> Measured:
    """Read a PDF; refused with what it is where it holds no bone density."""
    # What reads PDFs takes as long to load as a picture to measure.
    from imaging.reports.pdf import reports_of_pdf

    reports, left_out = reports_of_pdf(document.data)
    if left_out:
        findings += (warning("pages_left_out", f"{left_out} page(s) of the PDF were not read."),)
    return measured_report(reports, findings) or no_number(
        Status.REFUSED, why_not(seen), seen.kind, quality=findings
    )


def measure_object(
    image: DicomImage, seen: Recognised, findings: tuple[Finding, ...]
) -> Measured | None:
    """Read a structured report or a PDF inside DICOM; None where it is neither."""
    dataset = image.dataset
    if "EncapsulatedDocument" in dataset:
        held = dataset["EncapsulatedDocument"].value
        if isinstance(held, bytes) and b"%PDF-" in held[:1024]:
            return measure_document(read_pdf(held.rstrip(b"\x00")), seen, findings)
    if is_structured(dataset):
        return measured_report([read_structured(dataset)], findings)
    return None


def measure_page(image: Projection, findings: tuple[Finding, ...]) -> Measured | None:
    """Read a picture of a page; None where it does not look like one."""
    if not looks_like_page(image.pixels):
        return None
    read = measured_report([report_of_picture(page_of(image.pixels))], findings)
    return read or no_number(Status.REFUSED, PRINT, quality=findings)


def with_results(measured: Measured, results: Report) -> Measured:
    """Add what the densitometer wrote into the tags to what its picture gave."""
    own = measured_report([results], measured.measurement.quality)
    if own is None:
        return measured
    read, seen = own.measurement, measured.measurement
    kind = seen.kind if seen.kind.body_part != "unknown" else read.kind
    return Measured(
        measurement=replace(
            seen,
            status=Status.MEASURED,
            reason=None,
            kind=replace(kind, modality="dxa"),
            quality=read.quality,
            measurements=(*seen.measurements, *read.measurements),
            acquired=read.acquired,
        ),
        pictures=measured.pictures,
    )


def measured_report(reports: Sequence[Report], findings: tuple[Finding, ...]) -> Measured | None:
    """Put the pages of one report together, check them, and give what holds.

    None where nothing is about bone density.
    """
    about_bone = any(report.about_bone for report in reports)
    reports = [report for report in reports if report.rows]
    if not reports:
        return _unread(findings) if about_bone else None
    facts = Facts()
    for report in reports:
        facts = joined(facts, report.facts)
    rows, against = _together([row for report in reports for row in report.rows])
    pictured = any(report.from_picture for report in reports)
    changed: set[Key] = set()
    if pictured:
        rows, changed = settled(rows, facts)
    verdict = check(rows, facts)
    numbers, doubtful = _measurements(rows, verdict, changed, reports, facts)
    doubtful += [key for report in reports for key in report.unread]
    findings += tuple(remarks(facts, verdict, changed, against, doubtful))
    if not numbers:
        return no_number(
            Status.REFUSED,
            UNREAD,
            _kind(rows),
            quality=findings,
        )
    extra, about_spine = _spine(numbers)
    return Measured(
        measurement=ScanMeasurement(
            status=Status.MEASURED,
            kind=_kind(rows),
            quality=findings + tuple(about_spine),
            measurements=(*numbers, *extra),
            acquired=Acquired(
                on=facts.measured_on.isoformat() if facts.measured_on else None,
                manufacturer=facts.manufacturer,
                t_reference=facts.reference,
                model=facts.model,
            ),
        )
    )


def _unread(findings: tuple[Finding, ...]) -> Measured:
    """Say of a report without a certain number that it is one, and what to do."""
    return no_number(Status.REFUSED, UNREAD, Kind(modality="dxa"), quality=findings)


def _together(rows: Sequence[Row]) -> tuple[list[Row], list[Key]]:
    """Merge rows of one region; where two pages differ neither number is believed."""
    merged: dict[str, dict[Quantity, Printed]] = {}
    against: list[Key] = []
    for row in rows:
        numbers = merged.setdefault(row.region, {})
        for quantity, number in row.numbers.items():
            old = numbers.get(quantity)
            if old is None or (number.sure and not old.sure):
                numbers[quantity] = number
            elif old.sure and number.sure and old.value != number.value:
                against.append((row.region, quantity))
    for region, quantity in against:
        merged[region].pop(quantity, None)
    return [Row(region, numbers) for region, numbers in merged.items()], against


def _measurements(
    rows: Sequence[Row],
    verdict: Verdict,
    changed: set[Key],
    reports: Sequence[Report],
    facts: Facts,
) -> tuple[list[Measurement], list[Key]]:
    """Give the numbers that hold; the second are those left out because they are in doubt."""
    pictured = any(report.from_picture for report in reports)
    source = "picture" if pictured else "text"
    method = reports[0].method
    found, doubtful = [], []
    for row in rows:
        for quantity, number in row.numbers.items():
            key = (row.region, quantity)
            if key in verdict.wrong:
                continue
            if not number.sure and key not in verdict.confirmed:
                doubtful.append(key)
                continue
            found.append(
                Measurement(
                    name=quantity.value,
                    region=row.region,
                    value=number.value,
                    unit=UNITS[quantity],
                    method=method,
                    source=_source(facts),
                    precision=_precision(row.region, quantity, number),
                    # Pages of two makers were there to try pictures on; no structured report,
                    # no tags with results and no PDF with text.
                    tried_on="real scans" if pictured else "generated images",
                    confidence=SETTLED if key in changed else _confidence(key, verdict, source),
                    checked_against=_checks(key, verdict),
                )
            )
    return found, doubtful


def _source(facts: Facts) -> str:
    names = [MAKERS.get(facts.manufacturer or "", facts.manufacturer), facts.model]
    known = [name for name in names if name]
    return f"{SOURCE} ({', '.join(known)})" if known else SOURCE


def _confidence(key: Key, verdict: Verdict, source: str) -> float:
    if key in verdict.confirmed:
        return CONFIRMED[source]
    return FITTING[source] if key in verdict.fitting else AS_READ[source]


def _checks(key: Key, verdict: Verdict) -> str:
    names = (*verdict.confirmed.get(key, ()), *verdict.fitting.get(key, ()))
    return ", ".join(dict.fromkeys(names))


def _precision(region: str, quantity: Quantity, number: Printed) -> str:
    printed = f"printed to {10.0**-number.decimals:g}"
    known = acceptable_precision(region) if quantity is Quantity.BMD else None
    if known is None:
        return f"{printed}; between visits: the site’s own precision study"
    return f"{printed}; between visits: the site’s own, at most {known.cv:.1%} by {known.source}"


def _kind(rows: Sequence[Row]) -> Kind:
    parts = {part for row in rows if (part := part_of(row.region))}
    sides = {side for row in rows for side in ("left", "right") if row.region.endswith(side)}
    part = PART_NAMES[parts.pop()] if len(parts) == 1 else "several"
    side = sides.pop() if len(sides) == 1 and part in {"hip", "forearm"} else "unknown"
    return Kind(modality="dxa", body_part=part, view="ap", laterality=side)


def _spine(numbers: Sequence[Measurement]) -> tuple[list[Measurement], list[Finding]]:
    """Apply the ISCD's rule to the vertebrae: what remains as one region, and why."""
    by_region = numbers_by_region(numbers)
    use = spine_use(by_region)
    if use is None or not use.left_out:
        return [], []
    why = "; ".join(f"{level}: {reason}" for level, reason in use.left_out.items())
    if not use.usable:
        return [], [
            warning(
                "spine_not_usable",
                f"Fewer than two vertebrae may stand for the spine ({why}): use the hip.",
            )
        ]
    region = spine_region(use.kept)
    advice = (
        f"By the ISCD’s rule {region} stands for the spine and not L1-L4 ({why}): look at the "
        "image, and confirm or correct it."
    )
    extra = [] if region in by_region else recomputed(by_region, region, use.kept)
    if region not in by_region and not extra:
        advice += f" The report gives no areas, so the BMD of {region} cannot be computed."
    found = warning("vertebrae_left_out", advice)
    return extra, [replace(found, regions=tuple(use.left_out))]
