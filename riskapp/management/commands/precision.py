"""Work out a site's own precision from repeated scans, and store it if asked."""

import csv
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from imaging.densitometry.precision_study import PrecisionStudy, studies_of
from riskapp.actions.errors import NotAllowed, Refused
from riskapp.actions.recording_precision import MOST_ROWS, record_precision

COLUMNS = ("person", "region", "value")
Row = tuple[str, str, float]


class Command(BaseCommand):
    help = (
        "Precision error and least significant change of each region from a CSV file with the "
        "columns person, region and value (g/cm2): 15 people three times or 30 twice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="CSV")
        parser.add_argument("--save-as", metavar="USER", help="store it for this user's site")
        parser.add_argument("--manufacturer", help="of the scanner: hologic, ge_lunar, norland ...")
        parser.add_argument("--model", default="", help="of the scanner; any unless given")
        parser.add_argument("--serial", default="", help="number of the scanner; any unless given")

    def handle(self, *, file: Path, save_as: str | None, **options: Any) -> None:
        rows = list(read_rows(file))
        for region, study in studies_of(rows).items():
            self.stdout.write(f"{region}: {study if isinstance(study, str) else told(study)}")
        if save_as is None:
            return
        by = User.objects.filter(username=save_as).first()
        if by is None:
            raise CommandError(f"There is no user {save_as}.")
        try:
            stored = record_precision(
                by=by,
                rows=rows,
                manufacturer=options["manufacturer"] or "",
                model=options["model"],
                serial=options["serial"],
            )
        except (Refused, NotAllowed) as refused:
            raise CommandError(str(refused), returncode=3) from refused
        self.stdout.write(f"Stored for {len(stored)} region(s).")


def read_rows(file: Path) -> Iterator[Row]:
    """Read a study; a slip is a sentence with the number of its line."""
    try:
        with file.open(newline="", encoding="utf-8-sig") as lines:
            table = csv.DictReader(lines)
            if not set(COLUMNS) <= set(table.fieldnames or ()):
                raise CommandError(f"The file needs the columns {', '.join(COLUMNS)}.")
            for number, line in enumerate(table, 2):
                if number > MOST_ROWS + 1:
                    raise CommandError(f"The file has more than {MOST_ROWS:,} measurements.")
                yield _row(line, number)
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise CommandError(f"{file.name} cannot be read as CSV.", returncode=2) from problem


def _row(line: dict[str, str | None], number: int) -> Row:
    person, region, text = ((line[name] or "").strip() for name in COLUMNS)
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not person or not region or not 0 < value < 10:
        raise CommandError(f"Line {number} has no person, region and value above nought.")
    return person, region, value


def told(study: PrecisionStudy) -> str:
    """Say a study in one line."""
    return (
        f"precision error {study.sd:.4f} g/cm2 ({study.cv:.2%}), at most {study.upper_sd:.4f} "
        f"(95 %); least significant change {study.least_significant:.4f} g/cm2, at most "
        f"{study.upper_least_significant:.4f}; {study.people} people, {study.degrees} degrees of "
        "freedom"
    )
