"""Say whether the database is there and whole."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from riskapp.actions.database_health import problem_with_the_database


class Command(BaseCommand):
    help = "Look whether the database answers and is whole; exit status 1 and a sentence if not."
    requires_system_checks = ()  # of pages, which serve has checked

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--full", action="store_true", help="compare every index with its table, as every night"
        )

    def handle(self, *, full: bool, **options: Any) -> None:
        if problem := problem_with_the_database(thorough=full):
            raise CommandError(problem)
        self.stdout.write("The database is whole.")
