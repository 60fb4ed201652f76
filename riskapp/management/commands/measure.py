"""Measure one scan and print what was found, e.g. to try a new scanner."""

import hashlib
import json
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from imaging.errors import MeasuringBroke, ScanError
from imaging.isolated import measure_isolated
from imaging.result import Measured, ScanMeasurement, Status
from riskapp.exchange.dicom_origin import read_origin
from riskapp.exchange.scan_files import ScanResult, kinds

FOR_ARCHIVE = "for-archive"
EXIT_STATUS = {Status.MEASURED: 0, Status.REFUSED: 3, Status.UNREADABLE: 2}


class Command(BaseCommand):
    help = "Measure one scan: a file, or a folder that is one series."

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
            for sentence in write(measured, paths, out):
                self.stderr.write(sentence)
        if EXIT_STATUS[result.status]:
            sys.exit(EXIT_STATUS[result.status])


def write(measured: Measured, paths: Sequence[Path], folder: Path) -> list[str]:
    """Put the answer, its pictures and every file made from them into a folder.

    What goes back to an archive lies apart, because it names the patient as the images do.

    Returns
    -------
    list of str
        Which files this scan does not give, and why.
    """
    hashes = [hashlib.sha256(one.png).hexdigest() for one in measured.pictures]
    scan = ScanResult(
        result=measured.measurement,
        pictures=measured.pictures,
        heading="measured at the command line",
        key="/".join([*hashes, json.dumps(measured.measurement.to_store(), sort_keys=True)]),
        origin=partial(read_origin, paths),
    )
    not_written: dict[str, list[str]] = {}
    try:
        (folder / FOR_ARCHIVE).mkdir(parents=True, exist_ok=True)
        for picture in measured.pictures:
            (folder / f"{picture.name}.png").write_bytes(picture.png)
        for kind in kinds(scan.result, scan.pictures):
            place = folder / FOR_ARCHIVE if kind.names_the_patient else folder
            try:
                (place / kind.name).write_bytes(kind.write(scan))
            except ScanError as refusal:
                not_written.setdefault(str(refusal), []).append(kind.name)
    except OSError as error:
        raise CommandError(
            f"Cannot write into {folder}: {error.strerror}.", returncode=2
        ) from error
    return [f"Not written: {', '.join(names)}. {why}" for why, names in not_written.items()]


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
