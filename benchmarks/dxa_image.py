"""One DXA image, from bytes to measurement, beside reading and decoding the same bytes.

Once in a process that is warm, and once in the limited process of its own in which the product
measures, its start and loading included.
"""

import tempfile
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path

import pydicom

from benchmarks.timing import Comparison, medians
from imaging.isolated.asking import measure_isolated
from imaging.measure import measure
from imaging.phantoms import dxa_femur_dicom, dxa_forearm_dicom, dxa_spine_dicom

ROUNDS = 3
SEED = 1
IMAGES: dict[str, Callable[[], bytes]] = {
    "AP spine": lambda: dxa_spine_dicom(SEED),
    "hip": lambda: dxa_femur_dicom(SEED),
    "forearm": lambda: dxa_forearm_dicom(SEED),
}


def compare() -> list[Comparison]:
    """Time each kind of picture; the peer only reads and decodes, so the ratio is below one."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for name, draw in IMAGES.items():
            content = draw()
            path = Path(folder) / "scan.dcm"
            path.write_bytes(content)
            warm, cold, peer = medians(
                partial(measure, [path]),
                partial(measure_isolated, [path]),
                partial(_decoded, content),
                rounds=ROUNDS,
            )
            peer_name, note = "pydicom, reading and decoding only", "not the same work"
            what = f"DXA {name}, bytes to regions and texture"
            found += [
                Comparison(what, warm, peer_name, peer, note),
                Comparison(f"{what}, in a process made for it", cold, peer_name, peer, note),
            ]
    return found


def _decoded(content: bytes) -> int:
    return int(pydicom.dcmread(BytesIO(content)).pixel_array.max())
