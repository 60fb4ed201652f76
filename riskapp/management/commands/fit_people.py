"""Estimate how common the risk factors are in the United States and write the parameters."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from riskapp.risk import published
from riskapp.training.survey.people import FILES, people_files, read_survey


class Command(BaseCommand):
    help = (
        "Estimate risk factors and body mass index by age, sex and group from a folder with the "
        f"survey files {', '.join(FILES)} (.XPT, NHANES 2017-2018) and write people/us*.json."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--output", type=Path, default=published.HERE / "people")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            survey = read_survey(options["folder"])
        except (OSError, KeyError, ValueError) as error:
            raise CommandError(f"{options['folder']} does not hold the survey's files.") from error
        for name, found in people_files(survey).items():
            text = json.dumps(found, indent=1) + "\n"
            (options["output"] / f"{name}.json").write_text(text, encoding="utf-8")
            self.stdout.write(f"{name}: {found['body_mass_index']['female']['n']} women measured")
