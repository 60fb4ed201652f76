"""What lies in a backup: rows, files and a list of both with their digests, in one sealed tar.

``rows/TABLE.jsonl`` has one row in a line, ``files/PATH`` is what lay in the data folder under that
path, and the list, ``backup.json``, comes last: what is cut off has none.
"""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

FORMAT = 1
ROWS, FILES, LIST = "rows", "files", "backup.json"
KEYS = "keys.json"
PIECE_BYTES = 2**20
# What is not taken along: the database's own files, whose rows are; what can be made anew; what is
# under way; the keys, unless they are asked for; and the register of erasures, as an older one must
# never take the place of a newer one.
REGISTER = "erasures.jsonl"
LEFT_OUT = (
    "trabecula.sqlite3*", "static", "incoming", "backing-up-*", "restoring-*", KEYS, REGISTER
)  # fmt: skip
# Caches of who works on the product, in its own folder.
LEFT_OUT_OF_WORKPLACES = ("fhir-definitions", "lighthouse", "screenshots")


class BackupFailed(Exception):
    """With one sentence that says why, and what to do."""


@dataclass(slots=True)
class Manifest:
    """The list.

    Attributes
    ----------
    migrations : list of str
        All that had been applied: a backup goes back into the same version.
    tables : dict
        ``columns``, ``rows`` and ``digest`` of each.
    files : dict
        ``size`` and ``sha256`` of each.
    missing : list of str
        Files that rows spoke of and that were lost before the backup was made.
    """

    made_at: str
    software_version: str
    database: str
    has_keys: bool
    migrations: list[str]
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    format: int = FORMAT

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def applied_migrations() -> list[str]:
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in applied)


def is_left_out(path: Path, *, with_keys: bool) -> bool:
    """Whether a path of the data folder is not taken along."""
    top = Path(path.parts[0])
    if with_keys and str(path) == KEYS:
        return False
    return any(top.match(pattern) for pattern in (*LEFT_OUT, *LEFT_OUT_OF_WORKPLACES))
