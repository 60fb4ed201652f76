"""Let go what is older than its period, as the worker does each night."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from riskapp.actions import retaining


class Command(BaseCommand):
    help = "Delete what was kept long enough (docs/retention.md); records under a hold stay."
    requires_system_checks = ()  # of pages, which serve has checked

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would go")
        parser.add_argument(
            "--all",
            action="store_true",
            help="patients’ records too where more are due than one night erases unasked",
        )

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        done = (
            retaining.what_is_due()
            if dry_run
            else retaining.retain(all_records=bool(options["all"]))
        )
        for name, count in done.counts.items():
            self.stdout.write(f"{name:20} {count:>8,}")
        if not done.counts:
            self.stdout.write("Nothing is old enough.")
        if done.run:
            self.stdout.write(f"Certificate {done.run.id}.")
        if done.problems:
            raise CommandError(" ".join(done.problems))
