"""Take identity out of scans that were stored with it, undo that, or let the originals go."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from riskapp.actions.splitting_stored import forget_originals, join_stored, split_stored


class Command(BaseCommand):
    help = "Take apart scans that were stored before identity lay apart; originals are set aside."

    def add_arguments(self, parser: ArgumentParser) -> None:
        either = parser.add_mutually_exclusive_group()
        either.add_argument("--undo", action="store_true", help="put the originals back")
        either.add_argument(
            "--forget-originals",
            action="store_true",
            help="delete the originals that were set aside, for good",
        )

    def handle(self, *, undo: bool, forget_originals: bool, **options: Any) -> None:
        if undo:
            self.stdout.write(f"{join_stored()} scan(s) put back as they were stored.")
        elif forget_originals:
            self.stdout.write(f"Originals of {_forget()} scan(s) deleted.")
        else:
            counts = split_stored()
            self.stdout.write(
                f"{counts.split} scan(s) taken apart, {counts.not_kept} that cannot be read no "
                f"longer kept, {counts.given_to_worker} left to the worker, {counts.left} left as "
                "they are. The originals are set aside until --forget-originals."
            )


def _forget() -> int:
    return forget_originals()
