"""End a program's access at once."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from riskapp.actions.api_clients import revoke_client
from riskapp.actions.errors import NotFound


class Command(BaseCommand):
    help = "Revoke a program's tokens and its registration; what it did stays in the audit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")

    def handle(self, *, name: str, **options: Any) -> None:
        try:
            revoke_client(name=name)
        except NotFound as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{name} may not ask any more")
