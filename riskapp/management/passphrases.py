"""The passphrase of a backup: from the environment, a file, or whoever sits at the terminal."""

import getpass
import os
import sys
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import CommandError

VARIABLE = "TRABECULA_BACKUP_PASSPHRASE"
MISSING = f"Give the passphrase in {VARIABLE}, or in a file by --passphrase-file."


def add_passphrase(parser: ArgumentParser) -> None:
    parser.add_argument("--passphrase-file", type=Path, help=f"instead of {VARIABLE}")


def passphrase(file: Path | None) -> str:
    """The passphrase, without the end of its line.

    Raises
    ------
    CommandError
        If there is none.
    """
    if file is not None:
        try:
            return file.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise CommandError(f"The passphrase file {file} cannot be read.") from None
    if given := os.environ.get(VARIABLE):
        return given
    if not sys.stdin.isatty():
        raise CommandError(MISSING)
    return getpass.getpass("Passphrase of the backup: ")
