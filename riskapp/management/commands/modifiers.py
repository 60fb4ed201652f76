"""List what counts beside the inputs of FRAX, and what does not and why."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from riskapp.exchange.wording import FIELDS
from riskapp.risk import published
from riskapp.risk.modifier_reading import stored


class Command(BaseCommand):
    help = "List the modifiers: on or off, effect, interval, source, and what is missing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--estimate",
            nargs=2,
            type=Path,
            metavar=("NHANES", "KOREA"),
            help="instead, estimate how measurements of bone go together, from two open tables",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["estimate"]:
            # Only here, so that listing does not wait for it.
            from riskapp.training.survey.bone_measurements import estimated

            found = estimated(*options["estimate"])
            self.stdout.write(json.dumps(found, indent=1))
            return
        for name in published.names("modifiers"):
            table = stored(name)
            labels = ", ".join(FIELDS[field].label for field in table["fields"])
            self.stdout.write(f"{labels}: {'on' if table['on'] else 'off'}")
            for key in ("effect", "interval", "source", "mark", "missing"):
                if table[key] is not None:
                    self.stdout.write(f"  {key}: {table[key]}")
