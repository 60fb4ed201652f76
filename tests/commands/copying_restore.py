"""``manage.py``, whose ``restore`` copies the migrated database it would make in many seconds."""

import sys
from pathlib import Path

import django

django.setup()

from django.core.management import execute_from_command_line  # noqa: E402
from django.db import connection  # noqa: E402

from riskapp.actions import restoring  # noqa: E402
from tests.migrated import lay_database_in  # noqa: E402


def _copied(*arguments: str, **options: int) -> None:
    """In place of ``call_command("migrate")``; on PostgreSQL the tests' databases are migrated."""
    if connection.vendor == "sqlite":
        lay_database_in(Path(connection.settings_dict["NAME"]).parent)


if __name__ == "__main__":
    restoring.call_command = _copied
    execute_from_command_line(sys.argv)
