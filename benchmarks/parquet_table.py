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
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.many_profiles import made_up
from benchmarks.timing import Comparison, medians
from riskapp.risk.profile import FACTORS, FractureSite

Floats = npt.NDArray[np.float64]
# Further columns of a table.
Beside = Callable[[pa.Table, np.random.Generator], dict[str, pa.Array]]

PEOPLE = 1_000_000
ROUNDS = 3
SEED = 1
COMPLETE: Mapping[str, float] = {}
# Shares of blanks where something is not known.
WITH_BLANKS = dict.fromkeys(FACTORS, 0.1) | {"body_mass_index": 0.1, "femoral_neck_t_score": 0.4}
ROWS_IN_A_GROUP = 131_072
DOSES = (1.0, 2.5, 5.0, 7.5, 20.0)
SITES = [site.value for site in FractureSite]
FRACTURED = "prior_fragility_fracture"
PEER = "pyarrow, reading and writing the same file"


def compare() -> list[Comparison]:
    with tempfile.TemporaryDirectory() as folder:
        return [
            _compared(Path(folder), "complete people", COMPLETE, ROUNDS),
            _compared(Path(folder), "people with blanks (40 % without a T-score)", WITH_BLANKS, 1),
            _compared(
                Path(folder),
                "complete people with falls, diabetes, doses, times of fractures, spine and TBS",
                COMPLETE,
                ROUNDS,
                beside=modifiers,
            ),
            _compared(
                Path(folder),
                "complete people with image features by the boosted engine",
                COMPLETE,
                1,
                *("--engine", "xgboost"),
                beside=image_features,
            ),
        ]


def _compared(
    folder: Path,
    who: str,
    blank: Mapping[str, float],
    rounds: int,
    *options: str,
    beside: Beside | None = None,
) -> Comparison:
    source = folder / "people.parquet"
    write_people(source, PEOPLE, blank, beside)
    told = scored(source, folder / "scores.parquet", *options, rounds=rounds)
    (peer,) = medians(partial(_copied, source), rounds=ROUNDS)
    return Comparison(
        f"{PEOPLE:,} {who}, Parquet to Parquet",
        told["seconds"],
        PEER,
        peer,
        f"not the same work: {told['seconds'] / peer:.1f} times its wall time; "
        f"holds at most {told['peak_mib']:,.0f} MiB",
    )


def write_people(
    path: Path, people: int, blank: Mapping[str, float], beside: Beside | None = None
) -> None:
    """Make up people, some of whose answers are blank, and write them in pieces."""
    rng = np.random.default_rng(SEED)
    writer = None
    for start in range(0, people, PEOPLE):
        table = _table(start, min(PEOPLE, people - start), blank, rng)
        for name, values in (beside(table, rng) if beside else {}).items():
            table = table.append_column(name, values)
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


def modifiers(table: pa.Table, rng: np.random.Generator) -> dict[str, pa.Array]:
    """What counts beside the risk factors, as likely as it is at each age and T-score."""
    people, (age, t_score) = len(table), _known(table, "age_years", "femoral_neck_t_score")
    undosed, unbroken = (
        np.asarray(column) < 0.5 for column in _known(table, "glucocorticoids", FRACTURED)
    )
    diabetes = rng.integers(1, 30, people) * (rng.random(people) < 0.15)
    return {
        "falls_last_year": pa.array(rng.poisson(0.6, people)),
        "type_2_diabetes_years": pa.array(diabetes.astype(float)),
        "glucocorticoid_dose_mg_daily": pa.array(rng.choice(DOSES, people), mask=undosed),
        "number_of_prior_fractures": pa.array(rng.integers(1, 4, people), mask=unbroken),
        "prior_fracture_site": pa.array(rng.choice(SITES, people), mask=unbroken),
        "prior_fracture_months_ago": pa.array(rng.integers(1, 240, people), mask=unbroken),
        "lumbar_spine_t_score": pa.array(_spine(t_score, rng)),
        "trabecular_bone_score": pa.array(
            np.round(1.3 - 0.003 * (age - 60) + 0.022 * t_score + rng.normal(0, 0.077, people), 3)
        ),
    }


def image_features(table: pa.Table, rng: np.random.Generator) -> dict[str, pa.Array]:
    """What learned engines read beside the risk factors."""
    people, (t_score,) = len(table), _known(table, "femoral_neck_t_score")
    return {
        "lumbar_spine_t_score": pa.array(_spine(t_score, rng)),
        "lumbar_texture_score": pa.array(np.round(rng.uniform(0.92, 0.995, people), 4)),
        "l1_attenuation_hu": pa.array(np.round(140 + 16 * t_score + rng.normal(0, 36, people), 1)),
        "hip_axis_length_mm": pa.array(np.round(rng.normal(108, 6, people), 1)),
    }


def _spine(t_score: Floats, rng: np.random.Generator) -> Floats:
    return np.clip(np.round(0.1 + 0.86 * t_score + rng.normal(0, 1.05, len(t_score)), 2), -7, 5)


def _known(table: pa.Table, *names: str) -> list[Floats]:
    return [np.asarray(table[name].cast(pa.float64())) for name in names]


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
