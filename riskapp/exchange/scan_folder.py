"""One measured scan as a folder of files."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from imaging.errors import ScanError
from imaging.result import Measured
from riskapp.exchange.dicom_origin import read_origin
from riskapp.exchange.editions import Edition
from riskapp.exchange.scan_files import ScanResult, kinds

FOR_ARCHIVE = "for-archive"


def write_folder(measured: Measured, paths: Sequence[Path], folder: Path) -> list[str]:
    """Put the answer, its pictures and every file made from them into a folder.

    What goes back to an archive lies apart, because it names the patient as the images do.

    Returns
    -------
    list of str
        Which files this scan does not give, and why.

    Raises
    ------
    OSError
        If the folder cannot be written into.
    """
    hashes = [hashlib.sha256(one.png).hexdigest() for one in measured.pictures]
    now = datetime.now().astimezone()  # the wall clock's, as DICOM writes times
    scan = ScanResult(
        result=measured.measurement,
        pictures=measured.pictures,
        heading="measured at the command line",
        edition=Edition(
            key="/".join(
                [*hashes, json.dumps(measured.measurement.to_store(), sort_keys=True), str(now)]
            ),
            made_at=now,
        ),
        origin=partial(read_origin, paths),
    )
    not_written: dict[str, list[str]] = {}
    (folder / FOR_ARCHIVE).mkdir(parents=True, exist_ok=True)
    for picture in measured.pictures:
        (folder / f"{picture.name}.png").write_bytes(picture.png)
    for kind in kinds(scan.result, scan.pictures):
        place = folder / FOR_ARCHIVE if kind.names_the_patient else folder
        try:
            (place / kind.name).write_bytes(kind.write(scan))
        except ScanError as refusal:
            not_written.setdefault(str(refusal), []).append(kind.name)
    return [f"Not written: {', '.join(names)}. {why}" for why, names in not_written.items()]
