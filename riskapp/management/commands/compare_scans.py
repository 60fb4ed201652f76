"""Compare two scans of one person and print what changed."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from imaging.densitometry.precision import Precision
from imaging.errors import MeasuringBroke, UnsuitableScan
from imaging.isolated import measure_isolated
from imaging.longitudinal import Comparison, compare
from imaging.result import Acquired, Measured, Status
from imaging.visits import misplaced


class Command(BaseCommand):
    help = "Measure two scans of one person and say what changed between them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("first", type=Path, metavar="FIRST", help="a file, or a folder")
        parser.add_argument("second", type=Path, metavar="SECOND", help="a file, or a folder")
        parser.add_argument("--json", action="store_true", help="print the whole answer as JSON")
        parser.add_argument(
            "--precision",
            action="append",
            default=[],
            metavar="REGION=SD",
            help="precision error of a region by the site's own study, in the measurement's unit",
        )

    def handle(self, *, first: Path, second: Path, precision: list[str], **options: Any) -> None:
        precisions = dict(_precision(given) for given in precision)
        try:
            one, other = _measured(first), _measured(second)
            found = compare(
                one.measurement,
                other.measurement,
                precisions,
                misplaced=misplaced(*_in_order(one, other)),
            )
        except UnsuitableScan as reason:
            raise CommandError(str(reason), returncode=3) from reason
        if options["json"]:
            self.stdout.write(json.dumps(asdict(found), indent=1, ensure_ascii=False))
        else:
            self.stdout.write(summary(found))


def _precision(given: str) -> tuple[str, Precision]:
    region, _, number = given.partition("=")
    try:
        sd = float(number)
    except ValueError:
        sd = 0.0
    if not region or not 0 < sd < 100:
        raise CommandError(f"--precision is REGION=SD, such as L1-L4=0.010, and not {given}.")
    return region, Precision("the site's own precision study", sd=sd)


def _in_order(one: Measured, other: Measured) -> tuple[Measured, Measured]:
    days = [(scan.measurement.acquired or Acquired()).on or "" for scan in (one, other)]
    return (one, other) if days[0] <= days[1] else (other, one)


def _measured(path: Path) -> Measured:
    try:
        measured = measure_isolated([path])
    except MeasuringBroke as broke:
        raise CommandError(str(broke), returncode=2) from broke
    if measured.measurement.status is not Status.MEASURED:
        raise CommandError(f"{path.name}: {measured.measurement.reason}", returncode=3)
    return measured


def summary(found: Comparison) -> str:
    """Say the changes in lines that fit a terminal."""
    lines = [f"{found.years:.2f} years between the scans"]
    for change in found.changes:
        limit = change.least_significant
        beside = "not known" if limit is None else f"{limit:.3g}"
        lines.append(
            f"{change.words} [{change.earlier:.4g} -> {change.later:.4g} {change.unit}, "
            f"{change.per_year[1]:+.1f} % a year; least significant change {beside}]"
        )
    return "\n".join([*lines, *found.not_compared, *found.advice])
