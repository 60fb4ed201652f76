"""Try an archive of the connections: for whoever sets a site up."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from riskapp.actions import leasing
from riskapp.actions.carrying import fetch_next
from riskapp.actions.errors import ActionError
from riskapp.actions.trying_archives import archive_called, fetch_for, find_by_number, greet
from riskapp.exchange.archive.answers import ArchiveError, FoundStudy
from riskapp.exchange.connection import UnusableConnection
from riskapp.exchange.connection_archive import Archive
from riskapp.models import Fetch


class Command(BaseCommand):
    help = (
        "Try an [[archive]] of the connections: greet it, find the studies of a record number, and "
        "fetch some of them. Says in one sentence what is wrong."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="name of an [[archive]] in the file of connections")
        parser.add_argument(
            "--echo", action="store_true", help="greet it in each way; done unless --find is given"
        )
        parser.add_argument("--find", metavar="PATIENT-ID", help="list this patient’s studies")
        parser.add_argument(
            "--fetch", metavar="STUDY", nargs="+", default=[],
            help="fetch these studies of the patient of --find, by their UIDs",
        )  # fmt: skip

    def handle(
        self, *, name: str, echo: bool, find: str | None, fetch: list[str], **options: Any
    ) -> None:
        if fetch and not find:
            raise CommandError(
                "Name the patient with --find: nothing is fetched for somebody whom nobody named."
            )
        try:
            archive = archive_called(name)
            if echo or not find:
                self._greet(archive)
            if find and not fetch:
                self._list(archive, find)
            for study in fetch:
                self._fetch(archive, find or "", study)
        except (ActionError, ArchiveError, UnusableConnection) as reason:
            raise CommandError(str(reason)) from reason

    def _greet(self, archive: Archive) -> None:
        tried = list(greet(archive))
        for one in tried:
            self.stdout.write(f"{one.way}: {one.problem or 'answers.'}")
        if any(one.problem for one in tried):
            raise CommandError("Not everything that the entry names can be used.")

    def _list(self, archive: Archive, record_number: str) -> None:
        found = find_by_number(archive, record_number)
        for one in found.studies:
            self.stdout.write(_line(one))
        count = len(found.studies)
        self.stdout.write(
            f"{count} {'study' if count == 1 else 'studies'}"
            + (", and more behind them" if found.has_more else "")
            + ("" if count else ": the archive has nothing under this record number and issuer")
        )

    def _fetch(self, archive: Archive, record_number: str, study_uid: str) -> None:
        work = fetch_for(archive, record_number, study_uid)
        worker, pending = leasing.this_process(), (Fetch.Status.QUEUED, Fetch.Status.RUNNING)
        while work.status in pending and not work.failures and fetch_next(worker):
            work.refresh_from_db()
        if work.status == Fetch.Status.DONE:
            scans = work.scans.count()
            became = f"{work.images_done} files, {scans} {'scan' if scans == 1 else 'scans'}"
            self.stdout.write(f"{study_uid}: {became}. {work.reason}".rstrip())
        elif work.failures and work.status in pending:
            again = f"{timezone.localtime(work.run_after):%H:%M}"
            raise CommandError(f"{work.problem} It is tried again at {again} by fetch_scans.")
        else:
            raise CommandError(work.reason or "Another worker is fetching it.")


def _line(study: FoundStudy) -> str:
    day = study.day.isoformat() if study.day else "day not told"
    images = "images not told" if study.images is None else f"{study.images} images"
    kinds = ",".join(study.modalities) or "kind not told"
    return f"{study.study_uid}  {day}  {kinds}  {images}  {study.description}".rstrip()
