"""`manage.py score --no-interval` on a table of complete rows: at once, and one row at a time."""

import csv
import io
import os
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.many_profiles import made_up
from benchmarks.timing import Comparison, medians
from riskapp.exchange.reading import read_profile
from riskapp.risk.estimate import EstimateOptions, Outcome
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.profile import FACTORS

ROWS = 5_000
POINT = EstimateOptions(explain=False, interval=False, verdicts=False)
AGREEMENT = 1e-12
ROUNDS = 3


def compare() -> list[Comparison]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "riskapp.settings")
    import django
    from django.core.management import call_command

    django.setup()
    with tempfile.TemporaryDirectory() as folder:
        source, output = Path(folder) / "people.csv", Path(folder) / "scores.csv"
        _write(source)

        def ours() -> None:
            call_command("score", str(source), str(output), "--no-interval", stdout=io.StringIO())

        ours()
        with output.open(newline="") as found:
            answered = np.array([float(row["hip_10y"]) for row in csv.DictReader(found)])
        apart = float(np.abs(answered - _one_by_one(source)).max())
        if apart > AGREEMENT:
            raise ArithmeticError(f"The command and the engine disagree: {apart:.1e}.")
        seconds, one_by_one = medians(ours, lambda: _one_by_one(source), rounds=ROUNDS)
        return [
            Comparison(
                f"a table of {ROWS:,} complete rows (CSV, no interval)",
                seconds,
                "the engine asked about one row after another",
                one_by_one,
                f"{ROWS / seconds:,.0f} rows a second; equal to {apart:.0e}",
            )
        ]


def _write(path: Path) -> None:
    rows = made_up(ROWS)
    columns = {
        "age_years": np.round(rows.age_years, 2),
        "sex": np.where(rows.female > 0.5, "female", "male"),
        "body_mass_index": np.round(rows.bmi_kg_m2, 1),
        "femoral_neck_t_score": np.round(rows.femoral_neck_t_score, 2),
        **{name: np.where(getattr(rows, name) > 0.5, "true", "false") for name in FACTORS},
    }
    with path.open("w", newline="") as sink:
        table = csv.writer(sink)
        table.writerow(["population", *columns])
        table.writerows(["gb", *row] for row in zip(*columns.values(), strict=True))


def _one_by_one(path: Path) -> np.ndarray:
    engine = EvidenceEngine()
    with path.open(newline="") as source:
        return np.array(
            [
                engine.estimate(read_profile(row).profile, POINT)
                .outcomes[Outcome.HIP]
                .probability_10y
                for row in csv.DictReader(source)
            ]
        )
