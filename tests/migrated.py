"""A migrated database, made once by the real command for all tests that start with one."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.kept import ROOT, kept

NAME = "trabecula.sqlite3"


def migrated_database() -> Path:
    """An empty database after ``migrate``.

    To migrate takes seconds, and each worker of the tests and each site of theirs needs it.
    """
    migrations = (ROOT / "riskapp" / "migrations").glob("*.py")
    return kept("migrated", _migrate, migrations, ("django", "django-oauth-toolkit"))


def lay_database_in(folder: Path) -> None:
    """Give a data folder the database that ``migrate`` would make there."""
    shutil.copyfile(migrated_database(), folder / NAME)


def _migrate(path: Path) -> None:
    with TemporaryDirectory() as folder:
        env = os.environ | {
            "TRABECULA_DATA_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
        }
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(command, cwd=ROOT, env=env, check=True)
        with (
            closing(sqlite3.connect(Path(folder) / NAME)) as source,
            closing(sqlite3.connect(path)) as copy,
        ):
            source.backup(copy)
