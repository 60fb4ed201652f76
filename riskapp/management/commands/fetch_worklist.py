"""Ask modality worklists which examinations are planned."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from riskapp.actions.connecting import connections
from riskapp.actions.fetching_worklist import fetch_worklist
from riskapp.exchange.archive.answers import ArchiveError
from riskapp.exchange.connection import UnusableConnection
from riskapp.exchange.connection_archive import Archive


class Command(BaseCommand):
    help = (
        "Write down what the worklists among the site’s archives plan, so that scans are known by "
        "their accession numbers. Run it by the system’s timer, such as every 15 minutes."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--archive", help="ask this one only")
        parser.add_argument("--days", type=int, default=7, help="days to come (7)")

    def handle(self, *, archive: str | None, days: int, **options: Any) -> None:
        if not 0 <= days <= 60:
            raise CommandError("Ask for 0 to 60 days.")
        silent = False
        for one in self._worklists(archive):
            try:
                found = fetch_worklist(one, days)
            except ArchiveError as reason:
                self.stderr.write(f"{one.name}: {reason}")
                silent = True
                continue
            self.stdout.write(
                f"{one.name}: {found.told} planned, {found.expected} expected here, "
                f"{found.unknown} of people not registered here, {found.contradicting} contradict "
                "the record"
            )
        if silent:
            raise CommandError("Not every worklist answered.")

    def _worklists(self, name: str | None) -> list[Archive]:
        try:
            archives = connections().of(Archive)
        except UnusableConnection as reason:
            raise CommandError(str(reason)) from reason
        asked = [
            one for one in archives if one.worklist_ae_title and (name is None or one.name == name)
        ]
        if not asked:
            raise CommandError("No archive among the connections has worklist_ae_title.")
        return asked
