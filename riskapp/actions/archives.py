"""An organisation's archives, and what is asked of them about one patient."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.contrib.auth.models import User

from riskapp.actions import auditing
from riskapp.actions.connecting import connections
from riskapp.actions.errors import NotFound, Refused, Unreachable
from riskapp.actions.finding import organisation_of
from riskapp.actions.finding import patient as find_patient
from riskapp.actions.permitting import Ability, needs
from riskapp.exchange.archive.answers import (
    ArchiveError,
    FoundSeries,
    FoundStudy,
    Question,
    is_uid,
)
from riskapp.exchange.archive.limits import ARCHIVE_LIMITS
from riskapp.exchange.archive.reaching import asking
from riskapp.exchange.connection import UnusableConnection
from riskapp.exchange.connection_archive import Archive
from riskapp.models import Fetch, Organisation, Patient, Scan, ScanIdentity

PER_PAGE = ARCHIVE_LIMITS.studies_per_page
LAST_PAGE = ARCHIVE_LIMITS.studies_found // PER_PAGE
UNUSABLE = "The list of connections cannot be used; the page Connections says why."
# What a person may look for; the codes are DICOM's (PS3.3 C.7.3.1.1.1).
MODALITIES = ("BMD", "CR", "CT", "DX", "MR", "OT", "SC", "SR")


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks for, as they typed it."""

    first_day: date | None = None
    last_day: date | None = None
    modality: str = ""
    body_part: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class KnownStudy:
    """A study of the archive, the patient's scans that came of it, and its newest fetch."""

    study: FoundStudy
    scans: tuple[Scan, ...] = ()
    fetch: Fetch | None = None


@dataclass(frozen=True, slots=True)
class Searched:
    """One page of what an archive tells of a patient."""

    archive: str
    studies: tuple[KnownStudy, ...]
    has_more: bool


def archives(organisation: Organisation) -> tuple[Archive, ...]:
    """The archives of an organisation.

    Raises
    ------
    Unreachable
        If the list of connections cannot be used.
    """
    try:
        known = connections().of(Archive)
    except UnusableConnection as reason:
        raise Unreachable({"archive": UNUSABLE}) from reason
    return tuple(one for one in known if one.organisation == organisation.name)


def has_archives(by: User) -> bool:
    """Whether the user's organisation has an archive to look into."""
    try:
        return bool(archives(organisation_of(by)))
    except Refused:
        return False


def archive_named(organisation: Organisation, name: str) -> Archive:
    """The archive of this name, or the only one where none is named.

    Raises
    ------
    NotFound
        If the organisation has none of this name; another's are no different.
    """
    known = archives(organisation)
    if not name and len(known) == 1:
        return known[0]
    found = next((one for one in known if one.name == name), None)
    if found is None:
        raise NotFound("There is no such archive.")
    return found


@needs(Ability.READ_SCANS)
def search(
    *, by: User, patient: Patient, archive: str = "", asked: Asked | None = None
) -> Searched:
    """Ask an archive for the studies of a patient; scans and fetches of here stand beside them.

    Raises
    ------
    NotFound
        If patient or archive is another organisation's.
    Refused
        If what is looked for cannot be asked.
    Unreachable
        If the archive does not answer, with the reason.
    """
    asked = asked or Asked()
    find_patient(by=by, id=patient.id)
    there = archive_named(organisation_of(by), archive)
    auditing.record(by=by, action="archive.search", target=patient.id, patient=patient.id)
    try:
        question = _question(there, patient, asked)
        with asking(there) as client:
            found = client.studies(question)
            series = {
                one.study_uid: client.series(one) if asked.body_part else ()
                for one in found.studies
            }
    except (ArchiveError, UnusableConnection) as reason:
        raise Unreachable({"archive": str(reason)}) from reason
    studies = [one for one in found.studies if _shows(asked.body_part, series[one.study_uid])]
    return Searched(there.name, _known(patient, there, studies), found.has_more)


@needs(Ability.READ_SCANS)
def look_into(
    *, by: User, patient: Patient, archive: str, study_uid: str
) -> tuple[FoundStudy, tuple[FoundSeries, ...]]:
    """Ask an archive for one study of a patient and its series.

    Raises
    ------
    NotFound
        If patient or archive is another organisation's, or the archive has no such study of the
        patient.
    Unreachable
        If the archive does not answer, with the reason.
    """
    find_patient(by=by, id=patient.id)
    there = archive_named(organisation_of(by), archive)
    try:
        study = study_of(there, patient, study_uid)
        if study is None:
            raise NotFound("The archive has no such study of this patient.")
        with asking(there) as client:
            return study, client.series(study)
    except (ArchiveError, UnusableConnection) as reason:
        raise Unreachable({"archive": str(reason)}) from reason


def study_of(archive: Archive, patient: Patient, study_uid: str) -> FoundStudy | None:
    """Ask for one study under the patient's record number; None where it is not theirs."""
    if not is_uid(study_uid):
        return None
    question = Question(
        record_number=patient.record_number, issuer=archive.issuer, study_uid=study_uid
    )
    with asking(archive) as client:
        found = client.studies(question)
    return next(iter(found.studies), None)


def files_here(patient: Patient, study_uid: str) -> dict[str, set[str]]:
    """Files of a study that the patient's scans were made of, by series."""
    found = ScanIdentity.objects.filter(scan__patient=patient, study_uid=study_uid)
    here: dict[str, set[str]] = {}
    for series_uid, instance_uid in (pair for one in found for pair in one.instances):
        here.setdefault(series_uid, set()).add(instance_uid)
    return here


def _question(archive: Archive, patient: Patient, asked: Asked) -> Question:
    if asked.modality and asked.modality not in MODALITIES:
        raise Refused({"modality": f"A modality is one of {', '.join(MODALITIES)}."})
    if asked.first_day and asked.last_day and asked.first_day > asked.last_day:
        raise Refused({"from": "The first day is after the last."})
    if not 1 <= asked.page <= LAST_PAGE:
        raise Refused({"page": f"A page is from 1 to {LAST_PAGE}."})
    return Question(
        record_number=patient.record_number,
        issuer=archive.issuer,
        first_day=asked.first_day,
        last_day=asked.last_day,
        modalities=(asked.modality,) if asked.modality else (),
        offset=(asked.page - 1) * PER_PAGE,
    )


def _shows(body_part: str, series: tuple[FoundSeries, ...]) -> bool:
    """Whether a study shows a part of the body; where it does not say, it may."""
    told = {one.body_part for one in series}
    return not body_part or "" in told or body_part.upper() in told or not told


def _known(patient: Patient, archive: Archive, studies: list[FoundStudy]) -> tuple[KnownStudy, ...]:
    uids = [one.study_uid for one in studies]
    scans: dict[str, dict[UUID, Scan]] = {}
    here = Scan.objects.filter(patient=patient, identity__study_uid__in=uids)
    for scan in here.select_related("identity"):
        scans.setdefault(scan.identity.study_uid, {})[scan.id] = scan
    asked = Fetch.objects.filter(patient=patient, archive=archive.name, study_uid__in=uids)
    newest: dict[str, Fetch] = {}
    for fetch in asked.order_by("asked_at").prefetch_related("scans"):
        newest[fetch.study_uid] = fetch
        # Those that no worker has opened yet have no identity of their own.
        scans.setdefault(fetch.study_uid, {}).update({one.id: one for one in fetch.scans.all()})
    return tuple(
        KnownStudy(
            study=one,
            scans=tuple(scans.get(one.study_uid, {}).values()),
            fetch=newest.get(one.study_uid),
        )
        for one in studies
    )
