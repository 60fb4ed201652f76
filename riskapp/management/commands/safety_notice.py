"""Put a safety notice on all pages, or take it away."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from riskapp.actions.errors import Refused
from riskapp.actions.notices import notice, put_up, take_away


class Command(BaseCommand):
    help = "Put a safety notice on all pages, or take it away; without arguments, say which stands."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("words", nargs="?", help="what everybody has to know before they go on")
        what.add_argument("--clear", action="store_true", help="take the notice away")

    def handle(self, *, words: str | None, clear: bool, **options: Any) -> None:
        if clear:
            take_away()
        elif words is not None:
            try:
                put_up(words)
            except Refused as refused:
                raise CommandError(str(refused)) from refused
        self.stdout.write(notice() or "No notice stands on the pages.")
