"""Write everything that the site keeps into one sealed file, while the product runs."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from riskapp.actions.backing_up import back_up
from riskapp.actions.backup_format import BackupFailed
from riskapp.actions.restoring import check_backup
from riskapp.exchange.passphrase_file import CannotOpen
from riskapp.management.passphrases import add_passphrase, passphrase

WITHOUT_KEYS = (
    "The ring of keys is not in it: without keys.json, kept elsewhere, names and scans in it "
    "cannot be read."
)


class Command(BaseCommand):
    help = "Back up rows, scans, models and settings into FILE, sealed by a passphrase."
    requires_system_checks = ()  # of pages, which serve has checked

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--check", action="store_true", help="read FILE through and compare it with its list"
        )
        parser.add_argument(
            "--with-keys", action="store_true", help="put the ring of keys into it as well"
        )
        add_passphrase(parser)

    def handle(self, *, file: Path, check: bool, with_keys: bool, **options: Any) -> None:
        secret = passphrase(options["passphrase_file"])
        try:
            if not check:
                back_up(file, secret, with_keys=with_keys)
            # A backup that was never read is a hope.
            listed = check_backup(file, secret)
        except (BackupFailed, CannotOpen) as reason:
            raise CommandError(str(reason)) from reason
        rows = sum(told["rows"] for told in listed["tables"].values())
        self.stdout.write(
            f"{file}: {rows} rows and {len(listed['files'])} files of {listed['made_at']}, read "
            "through and as the list says."
        )
        if listed["missing"]:
            self.stderr.write(f"{len(listed['missing'])} files had been lost before.")
        if not listed["has_keys"]:
            self.stdout.write(WITHOUT_KEYS)
