"""Import everybody of a hospital's record by its bulk export."""

import re
import sys
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from riskapp.actions import leasing
from riskapp.actions.bulk_importing import ask_for, import_next
from riskapp.actions.errors import Refused
from riskapp.exchange.connection import UnusableConnection
from riskapp.exchange.fhir.dates import read_when
from riskapp.management.stopping import stop_when_told
from riskapp.models import BulkImport

# FHIR's instant: to the second, with its zone.
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})", re.ASCII)
LONGEST_PAUSE_S = 60.0


class Command(BaseCommand):
    help = (
        "Import everybody whom a record of the connections exports (FHIR Bulk Data). Started "
        "again, it goes on where it stopped."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ehr", help="name of an [[ehr]] in the file of connections")
        parser.add_argument("--since", default="", help="only what changed after this instant")
        parser.add_argument("--group", default="", help="only this group of the record")
        parser.add_argument(
            "--system", action="store_true", help="the whole system, not its patients' resources"
        )

    def handle(self, *, ehr: str, since: str, group: str, system: bool, **options: Any) -> None:
        if since and not (INSTANT.fullmatch(since) and read_when(since)):
            raise CommandError("Write --since as an instant, such as 2026-01-31T00:00:00Z.")
        levels = BulkImport.Level
        level = levels.GROUP if group else levels.SYSTEM if system else levels.PATIENT
        try:
            work = ask_for(ehr=ehr, level=level, group=group, since=since)
        except Refused as reason:
            raise CommandError(" ".join(reason.by_field.values())) from reason
        except UnusableConnection as reason:
            raise CommandError(str(reason)) from reason
        stop_when_told()
        self._see_to(work)
        self._tell(work)

    def _see_to(self, work: BulkImport) -> None:
        """Work, and wait as long as the server asks for, until this import has ended."""
        worker, pause, told = leasing.this_process(), threading.Event(), ""
        while work.status not in (BulkImport.Status.DONE, BulkImport.Status.DEAD):
            if not import_next(worker):
                wait = (work.run_after - timezone.now()).total_seconds()
                pause.wait(min(max(wait, 0.5), LONGEST_PAUSE_S))
            work.refresh_from_db()
            if work.progress and work.progress != told and sys.stderr.isatty():
                self.stderr.write(f"{work.ehr}: {work.progress}")
                told = work.progress

    def _tell(self, work: BulkImport) -> None:
        if work.status == BulkImport.Status.DEAD:
            raise CommandError(work.problem)
        counts = work.counts or {"imported": 0, "registered": 0, "left_out": {}}
        self.stdout.write(
            f"Imported {counts['imported']} people, {counts['registered']} of them registered anew."
        )
        for reason, number in sorted(counts["left_out"].items()):
            self.stdout.write(f"Left out {number}: {reason.removesuffix('.')}.")
        if counts.get("broken_lines"):
            self.stdout.write(f"{counts['broken_lines']} lines held no resource that can be read.")
        for sentence in counts.get("said", []):
            self.stdout.write(f"{work.ehr} says: {sentence}")
        if work.transaction_time:
            self.stdout.write(f"The next import may start --since {work.transaction_time}")
