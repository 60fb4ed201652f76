"""A table of people from Parquet to Parquet, beside reading and writing the same file.

``manage.py score --no-interval`` runs in a process of its own, so that its memory can be read. The
start of the process is not in the seconds, as it is the same for one person and for ten million.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.many_profiles import made_up
from benchmarks.timing import Comparison, medians
from riskapp.risk.profile import FACTORS

PEOPLE = 1_000_000
ROUNDS = 3
SEED = 1
COMPLETE: Mapping[str, float] = {}
# Shares of blanks where something is not known.
WITH_BLANKS = dict.fromkeys(FACTORS, 0.1) | {"body_mass_index": 0.1, "femoral_neck_t_score": 0.4}
ROWS_IN_A_GROUP = 131_072
PEER = "pyarrow, reading and writing the same file"


def compare() -> list[Comparison]:
    with tempfile.TemporaryDirectory() as folder:
        return [
            _compared(Path(folder), "complete people", COMPLETE, ROUNDS),
            _compared(Path(folder), "people with blanks (40 % without a T-score)", WITH_BLANKS, 1),
        ]


def _compared(folder: Path, who: str, blank: Mapping[str, float], rounds: int) -> Comparison:
    source = folder / "people.parquet"
    write_people(source, PEOPLE, blank)
    told = scored(source, folder / "scores.parquet", rounds=rounds)
    (peer,) = medians(partial(_copied, source), rounds=ROUNDS)
    return Comparison(
        f"{PEOPLE:,} {who}, Parquet to Parquet",
        told["seconds"],
        PEER,
        peer,
        f"not the same work: {told['seconds'] / peer:.1f} times its wall time; "
        f"holds at most {told['peak_mib']:,.0f} MiB",
    )


def write_people(path: Path, people: int, blank: Mapping[str, float]) -> None:
    """Make up people, some of whose answers are blank, and write them in pieces."""
    rng = np.random.default_rng(SEED)
    writer = None
    for start in range(0, people, PEOPLE):
        table = _table(start, min(PEOPLE, people - start), blank, rng)
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table, row_group_size=ROWS_IN_A_GROUP)
    if writer:
        writer.close()


def _table(
    start: int, people: int, blank: Mapping[str, float], rng: np.random.Generator
) -> pa.Table:
    rows = made_up(people)
    # About as far from its mean at each age as a T-score usually is.
    t_score = -0.05 * (rows.age_years - 45) + rng.normal(0, 0.9, people)
    columns = {
        "age_years": np.round(rows.age_years, 2),
        "body_mass_index": np.round(rows.bmi_kg_m2, 1),
        "femoral_neck_t_score": np.round(np.clip(t_score, -7.5, 5.5), 2),
        **{name: getattr(rows, name) > 0.5 for name in FACTORS},
    }
    made = {
        "id": pa.array(np.arange(start, start + people)),
        "population": pa.repeat("gb", people),
        "sex": pa.array(np.where(rows.female > 0.5, "female", "male")),
    }
    for name, values in columns.items():
        share = blank.get(name, 0.0)
        made[name] = pa.array(values, mask=rng.random(people) < share if share else None)
    return pa.table(made)


def scored(source: Path, output: Path, *options: str, rounds: int = 1) -> dict[str, float]:
    """Median seconds of the command in a process of its own, and its peak memory in MiB."""
    command = [sys.executable, "-m", "benchmarks.parquet_table", str(rounds), str(source)]
    with tempfile.TemporaryDirectory() as folder:
        site = {"DJANGO_SETTINGS_MODULE": "riskapp.settings", "TRABECULA_DATA_DIR": folder}
        told = subprocess.run(  # noqa: S603
            [*command, str(output), *options],
            env=os.environ | site,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=True,
            text=True,
        )
    parsed: dict[str, float] = json.loads(told.stdout.splitlines()[-1])
    return parsed


def _copied(path: Path) -> None:
    pq.write_table(pq.read_table(path), path.with_suffix(".copy"))


def main() -> None:
    """What runs in the process of its own."""
    import django
    from django.core.management import call_command

    django.setup()
    rounds, source, output, *options = sys.argv[1:]
    seconds = []
    for _ in range(int(rounds)):
        begun = time.perf_counter()
        call_command("score", source, output, "--no-interval", *options)
        seconds.append(time.perf_counter() - begun)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"seconds": median(seconds), "peak_mib": peak}) + "\n")


if __name__ == "__main__":
    main()
