"""Compare two scans of one person and print what changed."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from imaging.densitometry.precision import Precision
from imaging.densitometry.precision_study import studies_of
from imaging.errors import MeasuringBroke, UnsuitableScan
from imaging.isolated.asking import measure_isolated
from imaging.over_time.change import Comparison, compare
from imaging.over_time.comparable import CrossCalibration
from imaging.over_time.visits import misplaced
from imaging.result import Acquired, Measured, Status
from riskapp.management.commands.precision import read_rows


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
        parser.add_argument(
            "--study", type=Path, metavar="CSV", help="the site's precision study (see precision)"
        )
        parser.add_argument(
            "--cross-calibration",
            nargs=3,
            type=float,
            metavar=("SLOPE", "INTERCEPT", "SD"),
            help="the later scanner's BMD as a line in the earlier one's, and the precision error "
            "over both, by the site's own study of people scanned on both",
        )

    def handle(self, *, first: Path, second: Path, precision: list[str], **options: Any) -> None:
        precisions = _of_study(options["study"]) if options["study"] else {}
        precisions |= dict(_precision(given) for given in precision)
        cross = _cross(options["cross_calibration"])
        try:
            one, other = _measured(first), _measured(second)
            found = compare(
                one.measurement,
                other.measurement,
                precisions,
                cross,
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


def _of_study(file: Path) -> dict[str, Precision]:
    return {
        region: Precision(f"the site's own study of {study.people} people", sd=study.sd)
        for region, study in studies_of(read_rows(file)).items()
        if not isinstance(study, str)
    }


def _cross(given: list[float] | None) -> CrossCalibration | None:
    if given is None:
        return None
    slope, intercept, sd = given
    if not (0.5 < slope < 2 and abs(intercept) < 1 and 0 < sd < 1):
        raise CommandError(
            "--cross-calibration is slope, intercept (g/cm2) and precision error, such as "
            "0.95 0.01 0.015."
        )
    return CrossCalibration(slope, intercept, sd, "the site's own cross-calibration")


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
        percent = change.per_year[1]
        yearly = "" if percent is None else f", {percent:+.1f} % a year"
        lines.append(
            f"{change.words} [{change.earlier:.4g} -> {change.later:.4g} {change.unit}{yearly}; "
            f"least significant change {beside}]"
        )
    if any(change.tried_on != "real scans" for change in found.changes):
        lines.append("Not tried on real scans: there were no two visits of one person.")
    return "\n".join([*lines, *found.not_compared, *found.advice])
