"""What a stored model rests on among the people of a cohort."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from riskapp import modelstore
from riskapp.cohorts.reading import read_cohort
from riskapp.laboratory.explaining import explained
from riskapp.risk.errors import RiskError
from riskapp.training.fitting import DEFAULT_SEED


class Command(BaseCommand):
    help = (
        "Show which columns a learned model rests on among these people, what each does, and with "
        "--resamples whether fits to other such people would rest on the same. In log hazard."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("model_id", metavar="MODEL-ID")
        parser.add_argument("cohort", type=Path, help="CSV or Parquet, as the contract describes")
        parser.add_argument(
            "--interactions", action="store_true", help="pairs that trees read together"
        )
        parser.add_argument("--resamples", type=int, default=0, help="fits for the stability")
        parser.add_argument("--json", action="store_true", help="print JSON in place of tables")
        parser.add_argument("--models", type=Path, help="a folder of models beside the site's own")
        parser.add_argument("--schema", type=Path, help="the JSON that declares the site's columns")
        parser.add_argument("--population", help="for rows that name none")
        parser.add_argument("--seed", type=int, default=DEFAULT_SEED)

    def handle(self, *args: Any, **options: Any) -> None:
        modelstore.look_also_in(options["models"] or settings.DATA_DIR / "models")
        try:
            model = modelstore.load(options["model_id"])
            people = read_cohort(
                options["cohort"], population=options["population"], schema=options["schema"]
            )
            found = explained(
                model,
                people,
                interactions=options["interactions"],
                resamples=options["resamples"],
                seed=options["seed"],
            )
        except RiskError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(found, indent=1))
            return
        self.stdout.write(f"{found['model']} ({found['engine']}), {found['people']} people")
        for cause, told in found["causes"].items():
            self.stdout.write("\n".join(_table(cause, told)))


def _table(cause: str, told: Mapping[str, Any]) -> list[str]:
    lines = [f"\n{cause}", f"{'column':<32}{'mean |part of f|':>18}{'on resamples':>20}"]
    again = {row["column"]: row for row in told.get("stability", {}).get("columns", ())}
    for row in told["importance"]:
        name = row["column"]
        low, high = again[name]["interval"] if name in again else (None, None)
        between = f"{low:.3f} to {high:.3f}" if low is not None else ""
        lines.append(f"{name:<32}{row['mean_absolute']:>18.3f}{between:>20}")
    if "stability" in told:
        correlation = told["stability"]["rank_correlation"]
        shown = "not to be said" if correlation is None else f"{correlation:.2f}"
        lines.append(f"rank correlation of the order between resamples: {shown}")
    for each in told["effects"]:
        last = len(each["values"]) - 1
        places = sorted({0, last // 4, last // 2, 3 * last // 4, last})
        curve = "  ".join(f"{each['values'][i]:.3g}: {each['partial'][i]:+.2f}" for i in places)
        lines.append(f"partial dependence on {each['column']}: {curve}")
    for pair in told.get("interactions", ()):
        lines.append(f"together {pair['first']} x {pair['second']}: {pair['strength']:.3f}")
    return lines
