"""Stored scans that show bone: phantoms, measured in earnest where measuring has changed."""

from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pydicom
from django.contrib.auth.models import User
from scipy import ndimage

from imaging.isolated.answers import decode, encode
from imaging.measure import measure
from imaging.phantoms import ct_lumbar_dicoms, dxa_femur_dicom, dxa_spine_dicom
from imaging.result import Measured
from riskapp.actions.stored_bytes import keep
from riskapp.models import Patient, Scan, ScanPicture
from tests.kept import ROOT, kept
from tests.web.scans import stored_scan

SEED = 20260101
THIN_MARROW_HU = 93.0
DRAWN = {
    "spine": lambda: [dxa_spine_dicom(SEED)],
    "hip": lambda: [dxa_femur_dicom(SEED)],
    "hip later": lambda: [_lain_down_again(dxa_femur_dicom(SEED))],
    "ct": lambda: ct_lumbar_dicoms(SEED, marrow_hu=THIN_MARROW_HU),
}


def phantom_scan(patient: Patient, by: User, drawn: str, **changes: Any) -> Scan:
    """Store a measured scan of a phantom; ``changes`` are said to have been found beside it."""
    measured = _measured(drawn)
    found = measured.measurement.to_store()
    for name in ("quality", "measurements"):
        changes[name] = [*found[name], *changes.get(name, [])]
    status, _ = found.pop("status"), found.pop("reason")
    scan = stored_scan(patient, by, status, **found | changes)
    version = scan.versions.get()
    version.pictures.all().delete()
    ScanPicture.objects.bulk_create(
        ScanPicture(
            version=version,
            position=position,
            name=picture.name,
            title=picture.title,
            sha256=keep([picture.png])[0],
            width=picture.width,
            height=picture.height,
            slice_index=picture.slice_index,
        )
        for position, picture in enumerate(measured.pictures)
    )
    return scan


@cache
def _measured(drawn: str) -> Measured:
    def make(path: Path) -> None:
        with TemporaryDirectory() as folder:
            for number, file in enumerate(DRAWN[drawn]()):
                (Path(folder) / f"{number:04}").write_bytes(file)
            path.write_bytes(encode(measure([folder])))

    sources = [one for one in (ROOT / "imaging").rglob("*") if one.is_file()]
    sources = [one for one in sources if "__pycache__" not in one.parts]
    name = f"phantom-{drawn.replace(' ', '-')}"
    packages = ("numpy", "scipy", "pillow", "torch")
    return decode(kept(name, make, [*sources, Path(__file__)], packages).read_bytes())


def _lain_down_again(file: bytes) -> bytes:
    """The same bone at another visit: a little aside on the table, and fainter."""
    dataset = pydicom.dcmread(BytesIO(file))
    pixels = 0.94 * ndimage.shift(dataset.pixel_array.astype(float), (14, -10), mode="nearest")
    dataset.PixelData = pixels.clip(0, 255).astype(np.uint8).tobytes()
    sink = BytesIO()
    dataset.save_as(sink)
    return sink.getvalue()
