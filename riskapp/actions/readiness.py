"""Whether the site can work: its database and its data folder."""

import os
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from riskapp.actions.database_health import NO_FILE, NO_SERVER


def problem_with_the_site() -> str:
    """One sentence that says what to mend, or nothing."""
    folder = Path(settings.DATA_DIR)
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"The data folder {folder} cannot be written; give this user the right to."
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return NO_FILE if connection.vendor == "sqlite" else NO_SERVER
    if missing:
        return "The database lacks migrations; run: python manage.py migrate."
    return ""
