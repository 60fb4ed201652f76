"""What a stored model rests on among the people of a cohort."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from riskapp import modelstore
from riskapp.actions.serving import refuse_changed
from riskapp.cohorts.reading import read_cohort
from riskapp.exchange.wording import SAFETY
from riskapp.laboratory.explaining import explained
from riskapp.laboratory.page.whole import explanation_page
from riskapp.laboratory.sentences import METHODS
from riskapp.management.arguments import refuse_overwriting, seed
from riskapp.risk.errors import RiskError
from riskapp.training.fitting import DEFAULT_SEED


class Command(BaseCommand):
    requires_system_checks = ()  # of pages, which serve has checked
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
        parser.add_argument("--report", type=Path, help="a page with the curves drawn")
        parser.add_argument("--json", action="store_true", help="print JSON in place of tables")
        parser.add_argument("--models", type=Path, help="a folder of models beside the site's own")
        parser.add_argument("--schema", type=Path, help="the JSON that declares the site's columns")
        parser.add_argument("--population", help="for rows that name none")
        parser.add_argument("--seed", type=seed, default=DEFAULT_SEED)

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_overwriting(options["cohort"], options["schema"], [options["report"]])
        modelstore.look_also_in(options["models"] or settings.MODEL_DIR)
        try:
            model = modelstore.load(options["model_id"])
            refuse_changed([model.model_id])
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
        if options["report"]:
            _write(options["report"], found, options["cohort"].name)
        if options["json"]:
            self.stdout.write(json.dumps(found, indent=1))
            return
        self.stdout.write(f"{found['model']} ({found['engine']}), {found['people']} people")
        if not found["rests_on"]:
            self.stdout.write("Nothing was learned beside the evidence.")
        for told in found["rests_on"]:
            self.stdout.write("\n".join(_table(told)))
        if options["report"]:
            self.stdout.write(f"Wrote {options['report']}")


def _write(path: Path, found: Mapping[str, Any], cohort: str) -> None:
    page = explanation_page(found, cohort, METHODS["rests_on"], SAFETY)
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from error


def _table(told: Mapping[str, Any]) -> list[str]:
    lines = [
        f"\n{told['cause']}",
        f"{'input':<32}{'log hazard':>12}{'hip %':>8}{'major %':>9}{'on resamples':>18}",
    ]
    for row in told["columns"]:
        ends = row["interval"]
        between = f"{ends[0]:.3f} to {ends[1]:.3f}" if ends else ""
        hip, major = (100 * row["probability"][name] for name in ("hip", "major_osteoporotic"))
        lines.append(
            f"{row['label'][:31]:<32}{row['importance']:>12.3f}{hip:>8.2f}{major:>9.2f}"
            f"{between:>18}"
        )
    if told["resamples"]:
        correlation = told["rank_correlation"]
        shown = "not to be said" if correlation is None else f"{correlation:.2f}"
        lines.append(f"rank correlation of the order between resamples: {shown}")
    for each in told["curves"]:
        last = len(each["values"]) - 1
        places = sorted({0, last // 4, last // 2, 3 * last // 4, last})
        curve = "  ".join(f"{each['values'][i]:.3g}: {each['hazard_ratio'][i]:.2f}" for i in places)
        lines.append(f"hazard ratio along {each['label']}: {curve}")
    for pair in told["interactions"]:
        lines.append(f"together {pair['first']} and {pair['second']}: {pair['strength']:.3f}")
    return lines
