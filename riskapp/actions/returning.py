"""Confirmed results go back to the archives of the organisation, through the outbox."""

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from uuid import UUID

import pydicom
from django.contrib.auth.models import User
from django.db import transaction
from pydicom.dataset import Dataset

from imaging.errors import ScanError
from riskapp.actions import auditing
from riskapp.actions.archives import archive_named, archives
from riskapp.actions.delivering import GiveUp, TryLater, handler, promise, send_again
from riskapp.actions.errors import NotFound, Refused
from riskapp.actions.finding import organisation_of
from riskapp.actions.finding import scan as find_scan
from riskapp.actions.permitting import Ability, needs
from riskapp.actions.taking_files import goes_back, offered, written
from riskapp.exchange.archive.answers import ArchiveError, Declined
from riskapp.exchange.archive.reaching import asking, bringing_to
from riskapp.exchange.connection import UnusableConnection
from riskapp.exchange.connection_archive import Archive
from riskapp.models import Delivery, MeasurementVersion, Scan

COMMIT = "commit"  # kind of the delivery that waits for the archive's promise to keep them
# Which of the files that go back are meant by each word of a connection.
FILES = {
    "report-sr.dcm": "sr",
    "regions-seg.dcm": "seg",
    "bones-seg.dcm": "seg",
    "report-pdf.dcm": "pdf",
}
GONE = "The archive is no longer among the site’s connections."
NOT_CONFIRMED = "Nobody has confirmed this version, or a newer one counts."
NOTHING = "Of this scan there is nothing that the archive is to have."
NOT_YET_TOLD = "The archive said that it took the results, and does not tell of them yet."


@dataclass(frozen=True, slots=True)
class Return:
    """How far the results of a scan's confirmed version are on their way to one archive.

    Attributes
    ----------
    state : str
        ``not promised``, ``waiting``, ``confirmed`` or ``given up``.
    problem : str
        Why the last try was of no use; blank without one.
    """

    archive: str
    state: str
    problem: str = ""
    confirmed_at: datetime | None = None
    next_try_at: datetime | None = None


def promise_returns(*, by: User, version: MeasurementVersion) -> None:
    """Promise a confirmed version to every archive that is to have it; call it inside that deed."""
    scan = version.scan
    try:
        wanting = _wanting(scan)
    except Refused:
        return  # the page of connections tells; confirming is not held up by it
    for archive in wanting:
        _promise(by, archive, scan, version.number)


@needs(Ability.READ_SCANS)
def returns_of(*, by: User, scan: Scan) -> tuple[Return, ...]:
    """How far the results are on their way to each archive; empty where none is to have them."""
    find_scan(by=by, id=scan.id)
    version = scan.confirmed_version
    if version is None:
        return ()
    try:
        wanting = _wanting(scan)
    except Refused:
        return ()
    promised = {
        (one.kind, one.destination): one
        for one in Delivery.objects.filter(
            organisation=scan.patient.organisation, target=_target(scan, version.number)
        )
    }
    # Where it has to promise to keep them, they are on their way until it has.
    return tuple(
        _told(one, promised.get((COMMIT, one.name)) or promised.get((one.returning, one.name)))
        for one in wanting
    )


@needs(Ability.WORK_ON_SCANS)
def return_again(*, by: User, scan: Scan, archive: str) -> None:
    """Promise the confirmed version anew, where it was given up or not promised before.

    Raises
    ------
    NotFound
        If scan or archive is another organisation's.
    Refused
        If nothing is confirmed, the archive takes no results, or they are on their way.
    """
    find_scan(by=by, id=scan.id)
    there = archive_named(organisation_of(by), archive)
    version = scan.confirmed_version
    if version is None or there not in _wanting(scan):
        raise Refused({"archive": "There is nothing of this scan for that archive."})
    with transaction.atomic():
        _promise(by, there, scan, version.number)
        given_up = Delivery.objects.filter(
            organisation=scan.patient.organisation,
            kind__in=(there.returning, COMMIT),
            destination=there.name,
            target=_target(scan, version.number),
            status=Delivery.Status.DEAD,
        )
        for delivery in given_up:
            send_again(by=by, id=delivery.id)


@handler("stow")
@handler("c-store")
def bring(delivery: Delivery) -> None:
    """Bring the results of one version to an archive, and see that it holds them.

    A second time brings the same objects, which an archive that has them may call duplicates.
    """
    archive = archive_of(delivery)
    try:
        made = bring_again(delivery)
    except Declined as reason:
        raise GiveUp(str(reason)) from reason
    except (ArchiveError, UnusableConnection) as reason:
        raise TryLater(str(reason)) from reason
    if archive.commitment:
        with transaction.atomic():
            promise(
                by=delivery.asked_by,
                organisation=delivery.organisation,
                kind=COMMIT,
                destination=archive.name,
                target=delivery.target,
                payload=delivery.payload
                | {"objects": [[str(one.SOPClassUID), str(one.SOPInstanceUID)] for one in made]},
            )


def archive_of(delivery: Delivery) -> Archive:
    """The archive that is to have something.

    Raises
    ------
    GiveUp, TryLater
        If it is not among the connections, or they cannot be used.
    """
    try:
        return archive_named(delivery.organisation, delivery.destination)
    except NotFound:
        raise GiveUp(GONE) from None
    except Refused as reason:
        raise TryLater(str(reason)) from reason


def bring_again(delivery: Delivery) -> list[Dataset]:
    """Bring the results of one version, and see that the archive holds them; gives the objects.

    Raises
    ------
    ArchiveError, UnusableConnection, GiveUp, TryLater
    """
    scan, version = _version(delivery)
    archive = archive_of(delivery)
    made = _objects(delivery, scan, version, archive)
    if not made:
        raise Declined(NOTHING)
    _bring(archive, made)
    return made


def _bring(archive: Archive, made: list[Dataset]) -> None:
    with bringing_to(archive) as client:
        said = client.store(str(made[0].StudyInstanceUID), made)
    refused = {one.instance_uid: one.refused for one in said if one.refused}
    # Asked in the language of questions: one that stores may not be one that tells.
    with asking(archive) as client:
        missing = [str(one.SOPInstanceUID) for one in made if not client.holds(one)]
    reasons = [refused[uid] for uid in missing if uid in refused]
    if reasons:
        raise Declined(reasons[0])
    if missing:
        raise TryLater(NOT_YET_TOLD)


def _version(delivery: Delivery) -> tuple[Scan, MeasurementVersion]:
    id, number = delivery.payload["scan"], delivery.payload["version"]
    scan = Scan.objects.filter(patient__organisation=delivery.organisation, id=UUID(id)).first()
    version = scan.confirmed_version if scan else None
    if scan is None or version is None or version.number != number:
        raise GiveUp(NOT_CONFIRMED)
    return scan, version


def _objects(
    delivery: Delivery, scan: Scan, version: MeasurementVersion, archive: Archive
) -> list[Dataset]:
    made = []
    for kind in offered(version):
        if FILES.get(kind.name) not in archive.returns:
            continue
        try:
            _, content = written(scan, version, kind.name)
        except ScanError as reason:
            raise Declined(str(reason)) from reason
        made.append(pydicom.dcmread(BytesIO(content)))
        with transaction.atomic():
            auditing.record(
                by=delivery.asked_by,
                action="scan.send_back",
                target=f"{scan.id}/{version.number}/{kind.name}",
                organisation=delivery.organisation,
                patient=scan.patient_id,
            )
    return made


def _wanting(scan: Scan) -> tuple[Archive, ...]:
    known = [one for one in archives(scan.patient.organisation) if one.returns]
    return tuple(known) if known and goes_back(scan) else ()


def _promise(by: User, archive: Archive, scan: Scan, number: int) -> Delivery:
    return promise(
        by=by,
        organisation=scan.patient.organisation,
        kind=archive.returning,
        destination=archive.name,
        target=_target(scan, number),
        payload={"scan": str(scan.id), "version": number},
    )


def _target(scan: Scan, number: int) -> str:
    return f"{scan.id}/{number}"


def _told(archive: Archive, delivery: Delivery | None) -> Return:
    if delivery is None:
        return Return(archive.name, "not promised")
    waits = delivery.state == "waiting" and delivery.failures > 0
    return Return(
        archive=archive.name,
        state=delivery.state,
        problem=delivery.problem,
        confirmed_at=delivery.confirmed_at,
        next_try_at=delivery.run_after if waits else None,
    )
