"""Measure one scan and print what was found, e.g. to try a new scanner."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError

from imaging.errors import MeasuringBroke
from imaging.isolated.asking import measure_isolated
from imaging.result import Measured, ScanMeasurement, Status

EXIT_STATUS = {Status.MEASURED: 0, Status.REFUSED: 3, Status.UNREADABLE: 2}


class Command(BaseCommand):
    help = "Measure one scan: a file, or a folder that is one series."
    # Measuring a file needs neither the site's pages nor its database, so they are not checked.
    requires_system_checks: ClassVar[list[str]] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--json", action="store_true", help="print the whole answer as JSON")
        parser.add_argument(
            "--out",
            type=Path,
            metavar="DIR",
            help="write JSON, CSV, pictures with regions, a page and DICOM results here",
        )

    def handle(self, *, paths: list[Path], out: Path | None, **options: Any) -> None:
        try:
            measured = measure_isolated(paths)
        except MeasuringBroke as broke:
            refusal = ScanMeasurement(status=Status.UNREADABLE, reason=str(broke))
            measured = Measured(measurement=refusal)
        result = measured.measurement
        if options["json"]:
            self.stdout.write(json.dumps(result.to_json(), indent=1, ensure_ascii=False))
        else:
            self.stdout.write(summary(result))
        # Printed first: a folder that cannot be written into costs nobody the answer.
        if out is not None:
            self._write(measured, paths, out)
        if EXIT_STATUS[result.status]:
            sys.exit(EXIT_STATUS[result.status])

    def _write(self, measured: Measured, paths: Sequence[Path], folder: Path) -> None:
        # What writes PDF and DICOM takes a second to load, so only who asks for it waits.
        from riskapp.exchange.scan_folder import write_folder

        try:
            for sentence in write_folder(measured, paths, folder):
                self.stderr.write(sentence)
        except OSError as error:
            raise CommandError(
                f"Cannot write into {folder}: {error.strerror}.", returncode=2
            ) from error


def summary(result: ScanMeasurement) -> str:
    """Say the answer in lines that fit a terminal."""
    kind = result.kind
    lines = [
        f"{result.status.value}: {kind.modality}, {kind.body_part}, view {kind.view}, "
        f"laterality {kind.laterality}"
    ]
    if result.reason:
        lines.append(result.reason)
    if result.spacing:
        sizes = " x ".join(f"{mm:.3f}" for mm in result.spacing.mm)
        lines.append(f"spacing {sizes} mm from {result.spacing.source}")
    lines += [f"[{f.severity.value}] {f.code}: {f.advice}" for f in result.quality]
    lines += [
        f"{number.region:<8} {number.name:<36} {number.value:>12.4g} {number.unit}"
        for number in result.measurements
    ]
    return "\n".join(lines)
