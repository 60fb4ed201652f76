"""A report is taken of a stored assessment: what goes into it besides the answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.contrib.auth.models import User
from django.db import transaction

from imaging.presenting.narrative import kind_in_words
from imaging.presenting.overlays import overlay_png
from imaging.wording import in_words
from riskapp.actions import auditing
from riskapp.actions.errors import NotFound, Refused
from riskapp.actions.finding import assessment as find_assessment
from riskapp.actions.offering import language_named
from riskapp.actions.stored_answers import evidence_of, not_this_person
from riskapp.actions.stored_pictures import pictures_of
from riskapp.exchange.languages import SOURCE, Language
from riskapp.models import Assessment, MeasurementVersion

LONG_SIDE = 700.0  # pixels of the picture: 300 to the inch at its size on the page
NO_PART = "A report has the parts clinical and patient; leave part out for both."
NOT_TRANSLATED = "The clinical page is in English only; leave language out."


class ReportPart(StrEnum):
    """What can be taken alone: the page with the person's identity, or the two without."""

    CLINICAL = "clinical"
    PATIENT = "patient"


@dataclass(frozen=True, slots=True)
class ScanShown:
    """The scan that the estimate rests on, with its regions drawn in."""

    png: bytes
    kind: str
    title: str
    regions: str
    version: int
    is_confirmed: bool


def parts_named(name: str) -> tuple[ReportPart, ...]:
    """The parts that a caller asks for; blank for both.

    Raises
    ------
    Refused
        If there is no such part.
    """
    if not name:
        return tuple(ReportPart)
    if name not in list(ReportPart):
        raise Refused({"part": NO_PART})
    return (ReportPart(name),)


def language_for(parts: tuple[ReportPart, ...], code: str) -> Language:
    """The language that the patient's part is asked for in; English for blank.

    Raises
    ------
    Refused
        If it is not offered here, or only the clinical page is asked for, which is English.
    """
    language = language_named(code)
    if ReportPart.PATIENT not in parts and language.code != SOURCE:
        raise Refused({"language": NOT_TRANSLATED})
    return language


def take_report(*, by: User, id: object, parts: tuple[ReportPart, ...]) -> Assessment:
    """Find the assessment that a report is taken of, and leave a trace where it names the patient.

    Raises
    ------
    NotFound
        If it is another organisation's, or holds no answer from published epidemiology.
    Refused
        If only the patient's part is asked for, and the numbers are not this person's any more.
    """
    assessment = find_assessment(by=by, id=str(id))
    if evidence_of(assessment) is None:
        raise NotFound("This assessment holds no answer from published epidemiology.")
    if parts == (ReportPart.PATIENT,) and (corrected := not_this_person(assessment)):
        raise Refused({"part": corrected})
    if ReportPart.CLINICAL in parts:
        with transaction.atomic():
            auditing.record(
                by=by, action="report.take", target=assessment.id, patient=assessment.patient_id
            )
    return assessment


def scan_shown(assessment: Assessment) -> ScanShown | None:
    """The first scan with a picture: one whose measurement was used, else one that was named."""
    for version in _versions(assessment):
        pictures = pictures_of(version, with_bytes=True)
        if pictures and version.result["status"] == "measured":
            result = version.measurement
            names = ", ".join(in_words(region.id) for region in result.regions)
            return ScanShown(
                png=overlay_png(pictures[0], result, "print", LONG_SIDE),
                kind=kind_in_words(result),
                title=pictures[0].title.removesuffix(", unknown"),
                regions=names,
                version=version.number,
                is_confirmed=version.confirmed_at is not None,
            )
    return None


def _versions(assessment: Assessment) -> Iterator[MeasurementVersion]:
    """Versions that gave a measurement, the first of the record first; then the newest of others.

    A scan of another patient cannot be among them: it was refused when the assessment was made.
    """
    for told in assessment.measurements:
        if told["used"]:
            yield from MeasurementVersion.objects.filter(
                scan_id=told["used"]["scan"],
                number=told["used"]["version"],
                scan__patient=assessment.patient_id,
            )
    for scan in assessment.scans.all():
        newest = scan.confirmed_version or scan.newest_version
        if newest is not None:
            yield newest
