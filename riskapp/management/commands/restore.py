"""Put a backup back into an empty data folder and an empty database, of either kind."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from riskapp import keys
from riskapp.actions.backup_format import BackupFailed
from riskapp.actions.erased_again import erase_all_again
from riskapp.actions.restoring import restore
from riskapp.exchange.passphrase_file import CannotOpen
from riskapp.management.passphrases import add_passphrase, passphrase

KEYS = (
    "The ring of keys was not in it: put the one that was kept elsewhere in its place before you "
    "start, or names and scans cannot be read."
)

LATER = "Once it is there, the worker erases again, when it starts, who was erased since then."


class Command(BaseCommand):
    help = "Restore FILE into an empty place; all of it is checked before anything is written."
    requires_system_checks = ()  # of pages, which serve has checked

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        add_passphrase(parser)

    def handle(self, *, file: Path, passphrase_file: Path | None, **options: Any) -> None:
        try:
            listed = restore(file, passphrase(passphrase_file))
        except (BackupFailed, CannotOpen) as reason:
            raise CommandError(str(reason)) from reason
        rows = sum(told["rows"] for told in listed["tables"].values())
        self.stdout.write(
            f"{rows} rows and {len(listed['files'])} files of {listed['made_at']} are back."
        )
        if not listed["has_keys"]:
            self.stdout.write(KEYS)
        self._erase_again()

    def _erase_again(self) -> None:
        """Erase who was erased since the backup, where the keys to tell are here already."""
        if not keys.is_there():
            self.stdout.write(LATER)
            return
        done, left = erase_all_again()
        if done:
            self.stdout.write(f"{done} records that had been erased since then are erased again.")
        if left:
            raise CommandError(f"{len(left)} erased records are there again. {left[0]}")
