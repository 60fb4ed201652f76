"""Make a cohort of people who never lived, e.g. to train or test a model."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from riskapp.risk.errors import RiskError
from riskapp.training.fitting import simulator_note
from riskapp.training.simulate import simulate
from riskapp.training.writing import as_json


class Command(BaseCommand):
    help = "Write a simulated cohort (CSV or Parquet) and, beside it, how it was made (JSON)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("output", type=Path, help="file to write; refused if it exists")
        parser.add_argument("--people", type=int, default=50_000)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--population", default="gb")

    def handle(
        self, *, output: Path, people: int, seed: int, population: str, **options: Any
    ) -> None:
        if people < 1:
            raise CommandError("--people should be 1 or more.")
        if output.exists():
            raise CommandError(f"{output} exists; choose another name.")
        try:
            table = simulate(people, seed, population)
            if output.suffix == ".parquet":
                table.to_parquet(output, index=False)
            else:
                table.to_csv(output, index=False)
            note = as_json(simulator_note(people, seed, population))
            output.with_suffix(".json").write_text(note, encoding="utf-8")
        except RiskError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}.") from error
        counted = ", ".join(
            f"{int(table[f'{outcome}_event'].sum())} {outcome}"
            for outcome in ("hip", "major", "death")
        )
        self.stdout.write(f"{people} people simulated ({counted}); {output}")
