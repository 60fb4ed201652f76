"""Whether the site can work: its database, its disk, its workers and what answers."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from riskapp.actions.alive import is_alive
from riskapp.actions.clock import problem_with_the_clock
from riskapp.actions.database_health import NO_FILE, NO_SERVER
from riskapp.actions.keys_at_hand import problem_with_the_keys
from riskapp.actions.nightly import problem_with_the_nights
from riskapp.actions.queue_figures import figures_of
from riskapp.actions.self_testing import withheld_engines
from riskapp.actions.trail.checking import problem_with_the_trail
from riskapp.models import Job

# Below it nothing is uploaded any more: what is being measured must still find room.
LEAST_FREE_BYTES = 512 * 2**20
# More scans than a worker measures in a night; who sends the next ones waits in vain.
MOST_QUEUED_SCANS = 5_000
# A scan that waits longer than this has no worker, or too few.
OLDEST_SCAN_S = 15 * 60


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; ``problem`` is a sentence, blank where all is well.

    ``stops`` says whether requests fail because of it, or only wait.
    """

    name: str
    problem: str
    stops: bool


def checks() -> list[Check]:
    """All that is looked at; what needs the database only where it answers."""
    found = [
        Check("data_folder", _problem_with_the_folder(), stops=True),
        Check("disk", problem_with_the_disk(), stops=False),
        Check("database", _problem_with_the_database(), stops=True),
        Check("worker", "" if is_alive("work") else "No worker measures scans.", stops=False),
    ]
    if not any(one.problem for one in found if one.name == "database"):
        found.append(Check("keys", problem_with_the_keys(), stops=True))
        found.append(Check("models", _problem_with_the_models(), stops=False))
        found.append(Check("trail", problem_with_the_trail(), stops=False))
        found.append(Check("clock", problem_with_the_clock(), stops=False))
        found.append(Check("nights", problem_with_the_nights(), stops=False))
        found.append(Check("queue", _problem_with_the_queue(), stops=False))
    return found


def problem_with_the_site() -> str:
    """One sentence that says what to mend before anything can be served, or nothing."""
    return _first(_problem_with_the_folder, _problem_with_the_database)


def problem_with_room(length: int) -> str:
    """Why an upload of so many bytes cannot be taken now, or nothing."""
    if problem := problem_with_the_disk(length):
        return problem
    if Job.objects.filter(status=Job.Status.QUEUED).count() >= MOST_QUEUED_SCANS:
        return "Too many scans wait to be measured."
    return ""


def problem_with_the_disk(length: int = 0) -> str:
    try:
        free = shutil.disk_usage(settings.DATA_DIR).free
    except OSError:
        return "How much room is left on the disk cannot be told."
    if free < LEAST_FREE_BYTES + length:
        return "There is too little room on the disk."
    return ""


def _first(*looks: Callable[[], str]) -> str:
    return next((problem for look in looks if (problem := look())), "")


def _problem_with_the_folder() -> str:
    folder = Path(settings.DATA_DIR)
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"The data folder {folder} cannot be written; give this user the right to."
    return ""


def _problem_with_the_database() -> str:
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return NO_FILE if connection.vendor == "sqlite" else NO_SERVER
    return "The database lacks migrations; run: python manage.py migrate." if missing else ""


def _problem_with_the_models() -> str:
    withheld = withheld_engines()
    return f"Withheld, as their self-test failed: {', '.join(withheld)}." if withheld else ""


def _problem_with_the_queue() -> str:
    oldest = figures_of("scans").oldest_s
    if oldest > OLDEST_SCAN_S:
        return f"A scan has waited for {oldest / 60:.0f} minutes to be measured."
    return ""
