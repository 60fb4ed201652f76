"""Train and score a cohort that is larger than its workers may hold, and read their peak memory.

    python -m benchmarks.more_than_memory [PEOPLE] [LIMIT]

Not a part of ``make bench``: it takes minutes. ``docs/scale.md`` has what was found.
"""

import multiprocessing
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "riskapp.settings")

import pyarrow as pa
import pyarrow.parquet as pq
from django.core.management import call_command

from riskapp.risk.anchor import CAUSES, CLINICAL
from riskapp.training.distributed.cluster import connected
from riskapp.training.distributed.training import Source, load, train_on_workers
from riskapp.training.simulation.options import Options
from riskapp.training.simulation.simulate import simulate

PEOPLE, LIMIT = 200_000, "700MiB"
AT_A_TIME, ROWS_IN_A_GROUP = 50_000, 10_000
MIB = 2**20


def main() -> None:
    people = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    limit = sys.argv[2] if len(sys.argv) > 2 else LIMIT
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.parquet"
        as_table = _write(path, people)
        _say(f"{people:,} people; as one table {as_table / MIB:,.0f} MiB; a worker {limit}")
        for engine in ("cox", "xgboost"):
            with connected("local", workers=2, memory=limit) as client:
                begun = time.monotonic()
                train_on_workers(client, path, engine, f"from-{engine}", Path(folder), seed=1)
                _say(f"train {engine}: {time.monotonic() - begun:.0f} s, {_peaks(client)}")
                if engine == "cox":
                    _score(client, path)
                    _in_one_process(path, people)


def _in_one_process(path: Path, people: int) -> None:
    whole = path.with_name("whole.parquet")
    pq.write_table(pq.read_table(path), whole, row_group_size=people)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        _say(f"one process that reads all rows at once: {pool.apply(_alone, (whole,)):.0f} MiB")


def _score(client: Any, path: Path) -> None:
    begun = time.monotonic()
    answers = path.with_suffix(".csv")
    address = client.scheduler.address
    call_command("score", str(path), str(answers), "--no-interval", "--dask", address, verbosity=0)
    lines = sum(1 for _ in answers.open("rb"))
    _say(f"score: {lines - 1:,} answers in {time.monotonic() - begun:.0f} s, {_peaks(client)}")


def _alone(path: Path) -> float:
    load(Source(path, 0, None, CAUSES, CLINICAL, 1))
    return _peak()[1]


def _write(path: Path, people: int) -> int:
    """Simulate in pieces, so that making the file needs no more memory than reading it."""
    held, writer = 0, None
    for seed in range(-(-people // AT_A_TIME)):
        table = simulate(Options(people=min(AT_A_TIME, people), seed=seed)).table
        table["id"] = [f"{seed}-{row}" for row in range(len(table))]
        held += int(table.memory_usage(deep=True).sum())
        told = pa.Table.from_pandas(table, preserve_index=False)
        writer = writer or pq.ParquetWriter(path, told.schema)
        writer.write_table(told.cast(writer.schema), row_group_size=ROWS_IN_A_GROUP)
    if writer:
        writer.close()
    return held


def _peaks(client: Any) -> str:
    found = client.run(_peak)
    return "peaks " + ", ".join(f"{pid}: {mib:.0f} MiB" for pid, mib in found.values())


def _peak() -> tuple[int, float]:
    """This process and the most that it has held; Linux only."""
    told = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(each for each in told.splitlines() if each.startswith("VmHWM"))
    return os.getpid(), int(line.split()[1]) / 1024


def _say(told: str) -> None:
    sys.stdout.write(told + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
