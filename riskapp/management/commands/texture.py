"""Compute the standard's texture features of a region in a NIfTI volume."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
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

    # It reads two files and nothing of the site, which is therefore not checked.
    requires_system_checks: ClassVar[list[str]] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("image", type=Path)
        parser.add_argument("mask", type=Path, help="the region: where it is not 0")
        parser.add_argument(
            "--label", type=int, help="the number that marks the region, if the mask has several"
        )
        parser.add_argument(
            "--config",
            default="A",
            help="A, B, C, D or E of the standard's reference values on its CT phantom, digital "
            "for its digital phantom, or a JSON file with the entries of docs/texture.md "
            "(default: A)",
        )
        parser.add_argument("--unit", default="1", help="UCUM unit of the picture's values")
        parser.add_argument("--json", action="store_true", help="print a list of objects")

    def handle(self, *, image: Path, mask: Path, config: str, unit: str, **options: Any) -> None:
        try:
            values, inside, spacing_mm = read_pair(image, mask, options["label"])
            found = features(values, inside, spacing_mm, settings(config))
        except UnreadableScan as error:
            raise CommandError(str(error), returncode=2) from error
        except UnsuitableScan as error:
            raise CommandError(str(error), returncode=3) from error
        if (note := what_to_know(values[inside])) is not None:
            self.stderr.write(note)
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


def what_to_know(values: npt.NDArray[np.float64]) -> str | None:
    """Say of what kind of region the numbers tell little."""
    if len(values) == 1:
        return "The region is one voxel: what needs a neighbour is not defined and is left out."
    if values.min() == values.max():
        return (
            "All voxels of the region have the same value: spread is 0, correlation 1 and "
            "coarseness 1000000 because the standard says so, and they tell nothing of texture."
        )
    return None


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
