"""Estimate what the simulator takes from open surveys and write the parameters."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from riskapp.risk import published
from riskapp.training.simulation.survey import FILE, estimated
from riskapp.training.writing import as_json


class Command(BaseCommand):
    help = "Write the simulator's parameters, estimated from open survey files; no rows are kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("bones", type=Path, help="CSV, NHANES 2017-2020: BMD at three sites")
        parser.add_argument("texture", type=Path, help="CSV, Korean adults: texture and density")
        parser.add_argument("fractures", type=Path, help="CSV, NHANES 2017-2018: first fractures")
        parser.add_argument("diabetes", type=Path, help="DIQ_J.XPT, NHANES 2017-2018")
        parser.add_argument("--output", type=Path, default=published.HERE / f"{FILE}.json")

    def handle(self, *args: Any, **options: Any) -> None:
        files = [options[name] for name in ("bones", "texture", "fractures", "diabetes")]
        try:
            found = estimated(*files)
        except (OSError, KeyError, ValueError) as error:
            raise CommandError("The files do not hold the surveys' columns.") from error
        options["output"].write_text(as_json(found), encoding="utf-8")
        self.stdout.write(f"{options['output'].name} written")
