"""Fit engines to simulated cohorts and say how near they come to what is true."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from riskapp.laboratory.truth.bench import Asked, done, results
from riskapp.laboratory.truth.page import as_data, from_data, page
from riskapp.laboratory.truth.worlds import WORLDS
from riskapp.management.arguments import seed
from riskapp.risk.errors import RiskError
from riskapp.training.fitting import LEARNED
from riskapp.training.writing import as_json

MANY = ("worlds", "engines", "people")


class Command(BaseCommand):
    help = "Judge engines, anchored on the evidence and not, against simulated truth."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--worlds", nargs="+", choices=sorted(WORLDS), default=list(WORLDS))
        parser.add_argument(
            "--engines", nargs="+", choices=LEARNED, default=list(LEARNED), metavar="NAME"
        )
        parser.add_argument(
            "--people", nargs="+", type=int, default=[500, 2_000, 10_000, 50_000], metavar="N"
        )
        parser.add_argument(
            "--repeats", type=int, default=4, help="cohorts of each size; of large ones fewer"
        )
        parser.add_argument("--fresh", type=int, default=2_000, help="people to judge on")
        parser.add_argument("--intervals", type=int, default=200, help="of them, with intervals")
        parser.add_argument("--seed", type=seed, default=1)
        parser.add_argument(
            "--json", type=Path, required=True, help="kept up to date; what it holds is not redone"
        )
        parser.add_argument("--write-docs", type=Path, metavar="OUT", help="all of it as Markdown")

    def handle(self, **options: Any) -> None:
        out: Path = options["json"]
        asked = Asked(
            **{
                name: tuple(options[name]) if name in MANY else options[name]
                for name in Asked.__dataclass_fields__
            }
        )
        try:
            found = from_data(asked, json.loads(out.read_text("utf-8"))) if out.exists() else []
            for one in results(asked, done(found), self.stdout.write):
                found.append(one)
                out.write_text(as_json(as_data(asked, found)), encoding="utf-8")
            if options["write_docs"]:
                options["write_docs"].write_text(page(asked, found), encoding="utf-8")
        except RiskError as error:
            raise CommandError(str(error)) from error
        except (OSError, ValueError) as error:
            raise CommandError(f"{out.name} cannot be kept: {error}.") from error
