"""With so many people and events, what can be learned."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from riskapp.laboratory.power.gain import TABLE, tabulate
from riskapp.laboratory.power.told import Plan, as_data, learnable, sentences
from riskapp.risk.errors import RiskError
from riskapp.training.writing import as_json


class Command(BaseCommand):
    help = "Say what a cohort of this size can teach, and how sharply it can judge a model."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--people", type=int, help="in the cohort")
        parser.add_argument("--events", type=int, help="of the outcome, among them")
        parser.add_argument("--columns", type=int, default=1, help="predictors of the site's own")
        parser.add_argument(
            "--effect", type=float, default=1.3, metavar="HR", help="hoped for, per SD of each"
        )
        parser.add_argument(
            "--explained",
            type=float,
            default=0.0,
            metavar="R2",
            help="share of a column's variance that the other predictors explain",
        )
        parser.add_argument("--years", type=float, default=10.0, help="for which risk is told")
        parser.add_argument("--mean-years", type=float, default=8.0, help="mean follow-up")
        parser.add_argument("--c", type=float, default=0.75, help="of the evidence among them")
        parser.add_argument(
            "--r2", type=float, help="Cox and Snell's, of a model of its own; usual if left out"
        )
        parser.add_argument("--json", type=Path, metavar="OUT", help="write the numbers here too")
        parser.add_argument(
            "--tabulate", action="store_true", help="simulate the table of gains anew (minutes)"
        )

    def handle(self, **options: Any) -> None:
        if options["tabulate"]:
            TABLE.write_text(as_rows(tabulate()), encoding="utf-8")
            self.stdout.write(f"{TABLE.name} written")
            return
        if options["people"] is None or options["events"] is None:
            raise CommandError("Give --people and --events.")
        try:
            names = ("people", "events", "columns", "explained", "years", "mean_years", "c", "r2")
            plan = Plan(hazard_ratio=options["effect"], **{name: options[name] for name in names})
            found = learnable(plan)
            if options["json"]:
                options["json"].write_text(as_json(as_data(found)), encoding="utf-8")
        except RiskError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{options['json']} cannot be written: {error.strerror}.") from error
        for sentence in sentences(found):
            self.stdout.write(sentence)


def as_rows(table: dict[str, Any]) -> str:
    """One row of the table to a line."""
    rows = ",\n".join(f"  {json.dumps(row)}" for row in table["rows"])
    head = json.dumps({name: table[name] for name in table if name != "rows"}, indent=1)
    return head.removesuffix("\n}") + f',\n "rows": [\n{rows}\n ]\n}}\n'
