"""A migrated database, made once by the real command for all tests that start with one."""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
KEPT = ROOT / ".pytest_cache" / "migrated"
NAME = "trabecula.sqlite3"


def migrated_database() -> Path:
    """An empty database after ``migrate``; made anew when a migration has changed.

    To migrate takes seconds, and each worker of the tests and each site of theirs needs it.
    """
    KEPT.mkdir(parents=True, exist_ok=True)
    made = KEPT / f"{_hash_of_migrations()}.sqlite3"
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            for old in KEPT.glob("*.sqlite3"):
                old.unlink()
            _make(made)
    return made


def lay_database_in(folder: Path) -> None:
    """Give a data folder the database that ``migrate`` would make there."""
    shutil.copyfile(migrated_database(), folder / NAME)


def _make(path: Path) -> None:
    with TemporaryDirectory(dir=KEPT) as folder:
        env = os.environ | {
            "TRABECULA_DATA_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
        }
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(command, cwd=ROOT, env=env, check=True)
        unfinished = Path(folder) / "copy"
        with (
            closing(sqlite3.connect(Path(folder) / NAME)) as source,
            closing(sqlite3.connect(unfinished)) as copy,
        ):
            source.backup(copy)
        unfinished.rename(path)


def _hash_of_migrations() -> str:
    told = hashlib.sha256()
    for path in sorted((ROOT / "riskapp" / "migrations").glob("*.py")):
        told.update(path.name.encode() + b"\0" + path.read_bytes())
    for package in ("django", "django-oauth-toolkit"):
        told.update(version(package).encode())
    return told.hexdigest()
