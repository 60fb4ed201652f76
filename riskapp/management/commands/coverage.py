"""Measure how often intervals hold the truth, and write docs/intervals.md."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from riskapp.laboratory.interval_coverage import Coverage, coverage
from riskapp.laboratory.interval_page import page
from riskapp.risk.errors import RiskError
from riskapp.training.fitting import LEARNED
from riskapp.training.simulation.options import Options

# People of a training cohort, and how many cohorts: small ones differ more.
SIZES = ((1_000, 8), (5_000, 6), (50_000, 3))


class Command(BaseCommand):
    help = (
        "Train on simulated cohorts of several sizes, ask about fresh simulated people whose true "
        "probabilities are known, print how often the intervals hold them, and write the page."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--engine", action="append", choices=LEARNED, help="may be repeated")
        parser.add_argument(
            "--people", action="append", type=int, help="size of the cohorts; may be repeated"
        )
        parser.add_argument("--sets", type=int, help="cohorts of each size")
        parser.add_argument("--fresh", type=int, default=400, help="people asked about after each")
        parser.add_argument("--seed", type=int, default=20261121)
        parser.add_argument("--output", type=Path, help="where not docs/intervals.md")

    def handle(self, *args: Any, **options: Any) -> None:
        usual = dict(SIZES)
        sizes = options["people"] or list(usual)
        engines = options["engine"] or LEARNED
        world = Options(people=1, seed=options["seed"])
        found: list[Coverage] = []
        wanted = [(people, engine) for people in sizes for engine in engines]
        for people, engine in tqdm(wanted, disable=None):
            sets = options["sets"] or usual.get(people, 3)
            try:
                found += coverage(engine, people, sets, options["fresh"], options["seed"], world)
            except RiskError as error:
                raise CommandError(str(error)) from error
        text = page(found)
        self.stdout.write(text)
        place = options["output"] or settings.BASE_DIR / "docs" / "intervals.md"
        place.write_text(text, encoding="utf-8")
