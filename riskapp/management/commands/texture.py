"""Compute the standard's texture features of a region in a NIfTI volume."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from imaging.errors import UnreadableScan, UnsuitableScan
from imaging.texture.configurations import CONFIGURATIONS
from imaging.texture.files import read_pair
from imaging.texture.ibsi import features
from imaging.texture.listing import entries
from imaging.texture.settings import Settings


class Command(BaseCommand):
    help = (
        "Compute the features of the image biomarker standardisation initiative in one region of "
        "a picture, both NIfTI, and print them by identifier."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("image", type=Path)
        parser.add_argument("mask", type=Path, help="the region: where it is not 0")
        parser.add_argument(
            "--config",
            default="A",
            help="A, B, C, D or E of the standard's reference values, or a JSON file with the "
            "entries of docs/texture.md (default: A)",
        )
        parser.add_argument("--unit", default="1", help="UCUM unit of the picture's values")
        parser.add_argument("--json", action="store_true", help="print a list of objects")

    def handle(self, *, image: Path, mask: Path, config: str, unit: str, **options: Any) -> None:
        try:
            found = features(*read_pair(image, mask), settings(config))
        except UnreadableScan as error:
            raise CommandError(str(error), returncode=2) from error
        except UnsuitableScan as error:
            raise CommandError(str(error), returncode=3) from error
        rows = [
            asdict(entry) | {"value": found[tag]}
            for tag, entry in entries(unit).items()
            if tag in found
        ]
        if options["json"]:
            self.stdout.write(json.dumps(rows, indent=1))
            return
        for row in rows:
            self.stdout.write(
                f"{row['ibsi_id']} {row['aggregation'] or '-':<4} {row['tag']:<32} "
                f"{row['value']:>14.6g} {row['unit']}"
            )


def settings(config: str) -> Settings:
    """Find a configuration by its letter, or read it from a file."""
    known = CONFIGURATIONS.get(config)
    if known is not None:
        return known
    try:
        written = json.loads(Path(config).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableScan(
            f"{config} is neither one of {', '.join(CONFIGURATIONS)} nor a readable JSON file."
        ) from error
    if not isinstance(written, dict):
        raise UnsuitableScan("The configuration must be one JSON object.")
    return Settings.from_json(written)
