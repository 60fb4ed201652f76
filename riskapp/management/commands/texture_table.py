"""Write the page of texture features against the standard's reference values."""

import csv
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from imaging.errors import UnreadableScan, UnsuitableScan
from imaging.texture.configurations import CONFIGURATIONS, DIGITAL
from imaging.texture.files import read_pair
from imaging.texture.ibsi import features
from imaging.texture.reference_page import INTRODUCTION, Reference, rows, section
from imaging.texture.settings import Settings

PAGE = Path("docs") / "texture-ibsi.md"
# Title, folder of the phantom, table of reference values, configuration.
SECTIONS = (
    ("Digital phantom", "ibsi_1_digital_phantom", "ibsi_1_dig_phantom.csv", DIGITAL),
    (
        "CT phantom, configuration A",
        "ibsi_1_ct_phantom",
        "ibsi_1_chest_config_a.csv",
        CONFIGURATIONS["A"],
    ),
    (
        "CT phantom, configuration C",
        "ibsi_1_ct_phantom",
        "ibsi_1_chest_config_c.csv",
        CONFIGURATIONS["C"],
    ),
)


class Command(BaseCommand):
    help = (
        "Compute every texture feature on the standard's phantoms and write docs/texture-ibsi.md. "
        "The folder is laid out as the initiative publishes it: the phantoms as NIfTI and "
        "ibsi_1_reference_values."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--check", action="store_true", help="compare, and write nothing")

    def handle(self, *, folder: Path, check: bool, **options: Any) -> None:
        try:
            text = INTRODUCTION + "".join(
                _section(title, folder / phantom, folder / "ibsi_1_reference_values" / table, how)
                for title, phantom, table, how in SECTIONS
            )
        except (OSError, UnreadableScan, UnsuitableScan, ValueError) as error:
            raise CommandError(str(error), returncode=2) from error
        page = Path(settings.BASE_DIR) / PAGE
        if check:
            if not page.is_file() or page.read_text(encoding="utf-8") != text:
                raise CommandError(f"{PAGE} is out of date: write it again.")
            return
        page.write_text(text, encoding="utf-8")
        self.stdout.write(f"{text.count('| yes |')} within, {text.count('| NO |')} not: {PAGE}")


def _section(title: str, phantom: Path, table: Path, how: Settings) -> str:
    image, mask = (
        phantom / "nifti" / part for part in ("image/phantom.nii.gz", "mask/mask.nii.gz")
    )
    return section(title, rows(features(*read_pair(image, mask), how), published(table)))


def published(table: Path) -> dict[str, Reference]:
    """Read a table of the initiative: value, tolerance and short name; unset ones are left out."""
    with table.open(encoding="utf-8") as source:
        return {
            line["tag"]: Reference(float(line["reference value"]), float(line["tolerance"]))
            for line in csv.DictReader(source, delimiter=";")
            if line["reference value"]
        }
