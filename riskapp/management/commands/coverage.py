"""Measure how often intervals hold the truth, and write docs/intervals.md."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from riskapp.laboratory.interval_coverage import WORLDS, Coverage, coverage
from riskapp.laboratory.interval_page import page
from riskapp.management.arguments import seed
from riskapp.risk.errors import RiskError
from riskapp.risk.estimate import Outcome
from riskapp.training.fitting import LEARNED
from riskapp.training.writing import as_json

# People of a training cohort, and how many cohorts: small ones differ more.
SIZES = ((1_000, 12), (5_000, 8), (20_000, 6), (50_000, 3))


class Command(BaseCommand):
    help = (
        "Train on simulated cohorts of several sizes, ask about fresh simulated people whose true "
        "probabilities are known, print how often the intervals hold them, and write the page."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--engine", action="append", choices=LEARNED, help="may be repeated")
        parser.add_argument("--world", action="append", choices=WORLDS, help="may be repeated")
        parser.add_argument(
            "--people", action="append", type=int, help="size of the cohorts; may be repeated"
        )
        parser.add_argument("--sets", type=int, help="cohorts of each size; 0: only the page")
        parser.add_argument("--fresh", type=int, default=400, help="people asked about after each")
        parser.add_argument("--seed", type=seed, default=20261121)
        parser.add_argument(
            "--json",
            type=Path,
            help="file of rows to add to; the page shows all that are in it, so that one page can "
            "come out of several runs",
        )
        parser.add_argument("--output", type=Path, help="where not docs/intervals.md")

    def handle(self, *args: Any, **options: Any) -> None:
        usual = dict(SIZES)
        kept = options["json"]
        found = _read(kept) if kept and kept.exists() else []
        wanted = [
            (world, people, engine)
            for world in options["world"] or list(WORLDS)
            for people in options["people"] or list(usual)
            for engine in options["engine"] or LEARNED
        ]
        for world, people, engine in tqdm(wanted, disable=None):
            sets = usual.get(people, 3) if options["sets"] is None else options["sets"]
            try:
                found += coverage(engine, people, sets, options["fresh"], options["seed"], world)
            except RiskError as error:
                raise CommandError(str(error)) from error
            if kept:
                kept.write_text(as_json([asdict(one) for one in found]), encoding="utf-8")
        text = page(found)
        self.stdout.write(text)
        place = options["output"] or settings.BASE_DIR / "docs" / "intervals.md"
        place.write_text(text, encoding="utf-8")


def _read(kept: Path) -> list[Coverage]:
    try:
        rows = json.loads(kept.read_text(encoding="utf-8"))
        return [Coverage(**{**row, "outcome": Outcome(row["outcome"])}) for row in rows]
    except (ValueError, TypeError, KeyError) as error:
        raise CommandError(f"{kept} holds no rows of this command.") from error
