"""Look at every patient's record anew, so that the lists say what the record says."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from riskapp.actions.looking import rebuild


class Command(BaseCommand):
    help = (
        "Write anew what patients wait for. After an upgrade this saves the first who opens the "
        "list a wait; with --everybody it mends whatever was changed past the product."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--everybody", action="store_true", help="also patients whose rows are up to date"
        )

    def handle(self, *, everybody: bool, **options: Any) -> None:
        self.stdout.write(f"{rebuild(everybody=everybody)} patient(s) looked at.")
