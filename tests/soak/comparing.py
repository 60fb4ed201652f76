"""What clients were told, held against what is stored; runs within the site that is looked at.

Everything acknowledged is there once, with its audit row and its result; what was never
acknowledged is there once or not at all.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management import call_command, get_commands
from django.db import connection

from riskapp import models

TABLES: dict[str, Any] = {
    "patient": models.Patient,
    "assessment": models.Assessment,
    "scan": models.Scan,
}
WRITTEN = {"patient": "patient.register", "assessment": "assessment.create", "scan": "scan.import"}


def compare(ledger: dict[str, Any]) -> Iterator[str]:
    """Say in a sentence each what is lost, doubled or broken."""
    actions = Counter(models.AuditEvent.objects.values_list("action", "target"))
    for kind, table in TABLES.items():
        told = [one["id"] for one in ledger["acknowledged"].values() if one["kind"] == kind]
        stored = {str(id) for id in table.objects.values_list("id", flat=True)}
        lost, more = set(told) - stored, stored - set(told)
        unknown = sum(one == kind for one in ledger["open"].values())
        if lost:
            yield f"{len(lost)} acknowledged {kind} rows are lost, such as {min(lost)}."
        if len(told) != len(set(told)):
            yield f"Some {kind} rows were told to two clients."
        if len(more) > unknown:
            yield f"{len(more)} {kind} rows more than told, with {unknown} unanswered."
        for id in sorted(stored):
            written = actions[(WRITTEN[kind], id)]
            if written != 1:
                yield f"The {kind} {id} has {written} audit rows of its making."
    yield from _jobs()
    yield from _database()


def _jobs() -> Iterator[str]:
    for job in models.Job.objects.all():
        results = models.MeasurementVersion.objects.filter(job=job).count()
        if (job.status, results) not in {("done", 1), ("done", 0), ("dead", 0)}:
            yield f"The job {job.id} is {job.status} with {results} results."
        measured = models.AuditEvent.objects.filter(action="scan.measure", target=str(job.scan_id))
        if measured.count() != results:
            yield f"The scan {job.scan_id} has {results} results and {measured.count()} audit rows."
        if job.status == "done" and results == 0 and job.scan.status != "mismatch":
            yield f"The job {job.id} is done without a result."
        letters = models.DeadLetter.objects.filter(target=str(job.id)).count()
        if (job.status == "dead") != (letters == 1):
            yield f"The job {job.id} is {job.status} and has {letters} dead letters."


def _database() -> Iterator[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for pragma in ("integrity_check", "foreign_key_check"):
                cursor.execute(f"PRAGMA {pragma}")
                broken = [row for row in cursor.fetchall() if row != ("ok",)]
                if broken:
                    yield f"{pragma} says: {broken[:3]}"
        else:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS amcheck")
            # Every B-tree index holds every row of its table once, in order.
            cursor.execute(
                "SELECT bt_index_check(c.oid, true) FROM pg_index i"
                " JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam"
                " WHERE a.amname = 'btree' AND c.relpersistence = 'p' AND i.indisvalid"
            )
            connection.check_constraints()
    if "verify_trail" in get_commands():
        try:
            call_command("verify_trail")
        # Whatever it raises, it does not hold.
        except BaseException as broken:
            yield f"verify_trail: {broken}"


def main(path: str) -> None:
    found = list(compare(json.loads(Path(path).read_text(encoding="utf-8"))))
    sys.stdout.write("\n" + json.dumps(found))
