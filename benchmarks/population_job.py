"""Ten million people scored on Dask: one worker, two workers, and two of which one is killed.

Client and scheduler share this machine's cores with the workers. All three runs must write the
same bytes.
"""

import hashlib
import os
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from distributed import Client, LocalCluster

from benchmarks.parquet_table import COMPLETE, scored, write_people
from benchmarks.timing import Comparison

PEOPLE = 10_000_000
MEMORY = "2GiB"
KILLED_AFTER = 0.4  # of the time that two workers took


def compare() -> list[Comparison]:
    with tempfile.TemporaryDirectory() as folder:
        return compared(Path(folder), PEOPLE)


def compared(folder: Path, people: int) -> list[Comparison]:
    """The three runs over so many people."""
    source = folder / "people.parquet"
    write_people(source, people, COMPLETE)
    one, by_one = _run(source, folder, 1)
    two, by_two = _run(source, folder, 2)
    lost, by_survivors = _run(source, folder, 2, killed_after=KILLED_AFTER * two["seconds"])
    if not by_one == by_two == by_survivors:
        raise ArithmeticError("One worker, two, and two with one killed wrote different bytes.")
    what, peer = f"{people:,} complete people on Dask", "one worker"
    note = f"same bytes out; the client holds at most {two['peak_mib']:,.0f} MiB"
    return [
        Comparison(f"{what}, two workers", two["seconds"], peer, one["seconds"], note),
        Comparison(
            f"{what}, two workers of which one is killed",
            lost["seconds"],
            peer,
            one["seconds"],
            "same bytes out",
        ),
    ]


def _run(
    source: Path, folder: Path, workers: int, killed_after: float | None = None
) -> tuple[dict[str, float], str]:
    output = folder / "scores.parquet"
    with _cluster(folder, workers) as cluster:
        if killed_after is not None:
            threading.Timer(killed_after, _kill_one, [cluster]).start()
        told = scored(source, output, "--dask", cluster.scheduler_address)
    with output.open("rb") as written:
        return told, hashlib.file_digest(written, "sha256").hexdigest()


@contextmanager
def _cluster(folder: Path, workers: int) -> Iterator[Any]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "riskapp.settings")
    os.environ["TRABECULA_DATA_DIR"] = str(folder / "site")
    with LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        memory_limit=MEMORY,
        host="127.0.0.1",
        dashboard_address=None,
    ) as cluster:
        yield cluster


def _kill_one(cluster: Any) -> None:
    with Client(cluster) as client:
        os.kill(min(client.run(os.getpid).values()), signal.SIGKILL)
