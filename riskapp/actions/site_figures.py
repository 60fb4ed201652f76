"""What is measured when ``/metrics`` is read: queues, workers, disk and database; no identifier."""

import shutil
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count
from prometheus_client.core import GaugeMetricFamily

from riskapp.actions import nightly
from riskapp.actions.alive import WORKERS, silent_s
from riskapp.actions.queue_figures import QUEUES, figures_of
from riskapp.actions.self_testing import withheld_engines
from riskapp.actions.trail.checking import last_check
from riskapp.models import DeadLetter, TrailHead
from riskapp.modelstore.engines import ENGINES


class SiteFigures:
    """A collector in prometheus-client's sense; without a database it tells the rest."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield from _disk()
        yield _workers()
        try:
            yield from _queues()
            yield _dead_letters()
            yield _withheld()
            yield from _trail()
            yield from _nights()
            yield _size_of_database()
            up = 1
        except DatabaseError:
            up = 0
        yield GaugeMetricFamily("trabecula_database_up", "Whether the database answers.", value=up)


def _disk() -> Iterator[GaugeMetricFamily]:
    used = shutil.disk_usage(settings.DATA_DIR)
    yield GaugeMetricFamily("trabecula_disk_bytes", "Size of the disk of the data.", used.total)
    yield GaugeMetricFamily("trabecula_disk_free_bytes", "Room that is left there.", used.free)


def _workers() -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "trabecula_worker_silent_seconds", "Since a worker was last seen.", labels=["worker"]
    )
    for worker in WORKERS:
        silent = silent_s(worker)
        if silent is not None:
            family.add_metric([worker], silent)
    return family


def _queues() -> Iterator[GaugeMetricFamily]:
    found = [figures_of(name) for name in QUEUES]
    for member, words in (
        ("waiting", "Promises that wait."),
        ("running", "Promises that a worker holds."),
        ("dead", "Promises that were given up and that a person has to look at."),
        ("oldest_s", "How long the oldest that could be worked on has been due, in seconds."),
    ):
        name = f"trabecula_queue_{member.replace('_s', '_seconds')}"
        family = GaugeMetricFamily(name, words, labels=["queue"])
        for one in found:
            family.add_metric([one.name], getattr(one, member))
        yield family


def _dead_letters() -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "trabecula_dead_letters", "What failed for good and waits for a person.", labels=["kind"]
    )
    opened = DeadLetter.objects.filter(outcome="")
    found = dict(opened.values_list("kind").annotate(Count("pk")).order_by("kind"))
    for kind in DeadLetter.Kind.values:
        family.add_metric([kind], found.get(kind, 0))
    return family


def _withheld() -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "trabecula_engine_withheld", "Whether its self-test failed.", labels=["engine"]
    )
    withheld = withheld_engines()
    for engine in ENGINES:
        family.add_metric([engine], engine in withheld)
    return family


def _trail() -> Iterator[GaugeMetricFamily]:
    head = TrailHead.objects.filter(pk=1).first()
    rows = head.number if head else 0
    yield GaugeMetricFamily("trabecula_trail_rows", "Rows of the trail.", value=rows)
    if check := last_check():
        sound, at = check.is_sound, check.at.timestamp()
        yield GaugeMetricFamily("trabecula_trail_sound", "By the last look at it.", value=sound)
        yield GaugeMetricFamily("trabecula_trail_checked_seconds", "When that was.", value=at)


def _nights() -> Iterator[GaugeMetricFamily]:
    well = GaugeMetricFamily(
        "trabecula_nightly_well", "Whether the last nightly run ended well.", labels=["task"]
    )
    ended = GaugeMetricFamily("trabecula_nightly_seconds", "When that was.", labels=["task"])
    for run in nightly.latest():
        well.add_metric([run.task], bool(run.is_well))
        ended.add_metric([run.task], run.ended_at.timestamp())
    yield from (well, ended)


def _size_of_database() -> GaugeMetricFamily:
    asked = (
        "SELECT pg_database_size(current_database())"
        if connection.vendor == "postgresql"
        else "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        (size,) = cursor.fetchone()
    return GaugeMetricFamily("trabecula_database_bytes", "Size of the database.", value=size)
