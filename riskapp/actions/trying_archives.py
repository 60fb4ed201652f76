"""Whoever sets a site up tries an archive: does it answer, what does it find, what does it send?"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace

from django.db import transaction

from riskapp.actions import auditing
from riskapp.actions.connecting import connections, service_account
from riskapp.actions.errors import NotFound
from riskapp.actions.fetching import ask_for
from riskapp.actions.finding import numbered
from riskapp.exchange.archive.answers import ArchiveError, Found, Question
from riskapp.exchange.archive.dicomweb import WebArchive
from riskapp.exchange.archive.dimse import DimseArchive
from riskapp.exchange.archive.reaching import asking
from riskapp.exchange.connection import UnusableConnection
from riskapp.exchange.connection_archive import Archive
from riskapp.models import Fetch, Organisation, Patient

UNREGISTERED = (
    "Nobody of {organisation} has this record number here: register the patient first, and nothing "
    "is fetched for anybody else."
)


@dataclass(frozen=True, slots=True)
class Tried:
    """One way in which an archive is reached, and what is wrong with it; blank where nothing is."""

    way: str
    problem: str = ""


def archive_called(name: str) -> Archive:
    """The archive of this name, of whichever organisation.

    Raises
    ------
    UnusableConnection
        If the list of connections cannot be used.
    NotFound
        If it names no such archive.
    """
    found = connections().named(Archive, name)
    if found is None:
        known = ", ".join(one.name for one in connections().of(Archive)) or "none"
        raise NotFound(f"No [[archive]] of the connections has this name; there is {known}.")
    return found


def greet(archive: Archive) -> Iterator[Tried]:
    """Try each way that the entry names."""
    if archive.qido:
        yield Tried(f"DICOMweb at {archive.qido}", _problem(lambda: _ping_web(archive)))
    if archive.host:
        place = f"{archive.host}:{archive.port}"
        problem = _problem(lambda: DimseArchive(archive).ping())
        yield Tried(f"DIMSE at {place} as {archive.called_ae_title}", problem)
        if not problem:
            for one in DimseArchive(archive).not_offered():
                yield Tried(one, "The archive does not offer it to us.")
        if archive.worklist_ae_title:
            called = replace(archive, called_ae_title=archive.worklist_ae_title)
            yield Tried(
                f"Worklist at {place} as {called.called_ae_title}",
                _problem(lambda: DimseArchive(called).ping()),
            )


def find_by_number(archive: Archive, record_number: str) -> Found:
    """Ask for the studies of a record number, of somebody registered here or not.

    Raises
    ------
    ArchiveError, UnusableConnection
    """
    with transaction.atomic():
        by = service_account("archive", archive.name, archive.organisation)
        known = _registered(archive, record_number)
        whose = known.id if known else None
        auditing.record(by=by, action="archive.try", target=archive.name, patient=whose)
    with asking(archive) as client:
        return client.studies(Question(record_number=record_number, issuer=archive.issuer))


def fetch_for(archive: Archive, record_number: str, study_uid: str) -> Fetch:
    """Promise to fetch one study of a registered patient.

    Raises
    ------
    NotFound
        If nobody here has this number, or the archive has no such study of theirs.
    Refused
        If the archive does not answer.
    """
    by = service_account("archive", archive.name, archive.organisation)
    patient = _registered(archive, record_number)
    if patient is None:
        raise NotFound(UNREGISTERED.format(organisation=archive.organisation))
    return ask_for(by=by, patient=patient, archive=archive.name, study_uid=study_uid)


def _registered(archive: Archive, record_number: str) -> Patient | None:
    organisation = Organisation.objects.filter(name=archive.organisation)
    return Patient.objects.filter(numbered(record_number), organisation__in=organisation).first()


def _ping_web(archive: Archive) -> None:
    with closing(WebArchive(archive)) as client:
        client.ping()


def _problem(tried: Callable[[], None]) -> str:
    try:
        tried()
    except (ArchiveError, UnusableConnection) as reason:
        return str(reason)
    return ""
