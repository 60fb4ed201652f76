"""Every list of a large site: `python -m benchmarks.lists FOLDER` of a `large_site` made before.

Each address is asked through the whole of the product, with its middleware; of each is told its
median time, its queries, and how the database finds the slowest of them.
"""

import argparse
import json
import logging
import os
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.large_site import set_up
from benchmarks.list_addresses import PAGES, PROGRAMS

ROUNDS = 3
MOST_MS = 100.0


@dataclass(frozen=True, slots=True)
class Timed:
    """One address; times in milliseconds, of which ``cpu_ms`` is processor time."""

    name: str
    address: str
    status: int
    cpu_ms: float
    wall_ms: float
    queries: int
    slowest_ms: float
    slowest: str
    plan: tuple[str, ...]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="names that begin so")
    parser.add_argument("--json", type=Path, help="where to write what was found")
    asked = parser.parse_args()
    set_up(asked.folder)
    found = []
    for one in timed(asked.only):
        mark = " " if one.wall_ms < MOST_MS and one.status == 200 else "!"
        sys.stdout.write(
            f"{mark} {one.wall_ms:8.1f} ms {one.cpu_ms:8.1f} cpu {one.queries:3} queries, slowest "
            f"{one.slowest_ms:7.1f}  {one.status} {one.name}\n"
        )
        sys.stdout.flush()
        found.append(asdict(one))
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


def timed(only: str = "") -> Iterator[Timed]:
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.test import Client, override_settings

    from benchmarks.large_site_models import READER
    from riskapp.actions.registering import issue_token

    logging.disable(logging.WARNING)
    uncollected = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    storages = settings.STORAGES | {"staticfiles": uncollected}
    reader = User.objects.get(username=READER)
    with override_settings(STORAGES=storages, RATES={}):
        page = Client()
        page.force_login(reader)
        program = Client(headers={"authorization": f"Token {issue_token(by=reader, label='-')}"})
        where = places(reader)
        for client, addresses in ((page, PAGES), (program, PROGRAMS)):
            for name, address in addresses.items():
                if name.startswith(only):
                    yield _timed(client, name, address.format(**where))


def _timed(client: Any, name: str, address: str) -> Timed:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    get = partial(client.get, address)
    response = get()  # fills caches
    walls, cpus = [], []
    rounds = ROUNDS
    while rounds:
        wall, cpu = time.perf_counter(), time.process_time()
        get().getvalue()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
        rounds = 0 if walls[-1] > 2 else rounds - 1
    with CaptureQueriesContext(connection) as asked:
        get()
    queries = asked.captured_queries
    slowest = max(queries, key=lambda one: float(one["time"]), default={"sql": "", "time": "0"})
    return Timed(
        name,
        address,
        response.status_code,
        1000 * statistics.median(cpus),
        1000 * statistics.median(walls),
        len(queries),
        1000 * float(slowest["time"]),
        slowest["sql"],
        plan_of(slowest["sql"]),
    )


def plan_of(statement: str) -> tuple[str, ...]:
    """How the database does it; nothing of what is no question."""
    from django.db import connection

    if not statement.startswith("SELECT"):
        return ()
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with connection.cursor() as cursor:
        try:
            cursor.execute(f"{explain} {statement}")
        except Exception as problem:  # values are quoted for people, and not for the database
            return (f"not told: {type(problem).__name__}",)
        return tuple(str(row[-1]) for row in cursor.fetchall())


def places(reader: Any) -> Mapping[str, str]:
    """What stands in braces in an address."""
    from django.db.models import Count
    from django.utils import timezone

    from riskapp.models import Assessment, CohortFile, Patient, Scan

    counted = Assessment.objects.order_by().values("patient").annotate(n=Count("pk"))
    longest = counted.order_by("-n")[0]["patient"]
    known = Patient.objects.filter(pk__gt=longest, assessments__isnull=False).order_by("pk")
    latest = Assessment.objects.filter(patient=longest).latest("created_at")
    other = Assessment.objects.filter(patient=known[0]).order_by("created_at")[0]
    return {
        "patient": str(longest),
        "assessment": str(latest.pk),
        "id": str(other.pk),
        "scan": str(Scan.objects.filter(status="measured").order_by("pk")[0].pk),
        "person": str(reader.pk),
        "number": "7000004",
        "cohort": str(CohortFile.objects.order_by("pk")[0].pk),
        "year": str(timezone.localdate().year - 3),
        "day": (timezone.localdate() - timedelta(days=30)).isoformat(),
    }


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
