"""The keys of what is encrypted: which there are, another one, and one less."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from riskapp import keys
from riskapp.actions.changing_keys import change_keys, retire_key, uses
from riskapp.actions.errors import Refused


class Command(BaseCommand):
    help = "List the keys of this site, bring everything under a new one, or retire an old one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        what.add_parser("list", help="each key, and how many values and files need it")
        what.add_parser("rotate", help="encrypt everything anew; cut off, call it again")
        retire = what.add_parser("retire", help="take a key away that nothing needs")
        retire.add_argument("key_id")

    def handle(self, *, what: str, key_id: str = "", **options: Any) -> None:
        try:
            if what == "list":
                self._list()
            elif what == "rotate":
                self._rotate()
            else:
                retire_key(key_id)
                self.stdout.write(f"{key_id} is retired. Delete it from every copy of the keys.")
        except (Refused, keys.UnusableKeys) as reason:
            raise CommandError(str(reason)) from reason

    def _list(self) -> None:
        ring, needed = keys.ring(), uses()
        for key_id in ring.in_order():
            state = "active" if key_id == ring.active else "former"
            self.stdout.write(f"{key_id}  {state}  {needed.pop(key_id, 0):,} values and files")
        for key_id, kept in ring.retired.items():
            self.stdout.write(f"{key_id}  retired  checks {', '.join(kept)} only")
        for key_id, count in sorted(needed.items()):
            self.stdout.write(f"{key_id}  not in the ring  {count:,} values and files")

    def _rotate(self) -> None:
        left = change_keys(lambda line: self.stdout.write(line))
        for key_id, count in sorted(left.items()):
            self.stdout.write(f"{count:,} values and files are left under {key_id}.")
        self.stdout.write(
            f"{keys.ring().active} is the active key. Copy the ring to where copies of it are "
            "kept, apart from the backup, before anything else."
        )
