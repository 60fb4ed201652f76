"""One DXA image, from bytes to measurement, beside reading and decoding the same bytes.

In a process that is warm; in the limited process of its own in which the product measures, both
one that was kept ready, as the worker keeps some, and a new one; and as the command.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path

import pydicom

from benchmarks.timing import Comparison, medians
from imaging.isolated.asking import measure_isolated
from imaging.isolated.process import PROCESSES
from imaging.measure import measure
from imaging.phantoms import dxa_femur_dicom, dxa_forearm_dicom, dxa_spine_dicom
from imaging.phantoms.dxa_lateral import dxa_lateral_dicom

ROUNDS = 3
SEED = 1
IMAGES: dict[str, Callable[[], bytes]] = {
    "AP spine": lambda: dxa_spine_dicom(SEED),
    "hip": lambda: dxa_femur_dicom(SEED),
    "forearm": lambda: dxa_forearm_dicom(SEED),
    "spine from the side": lambda: dxa_lateral_dicom(SEED),
}
LOADED_S = 3.0  # after so long a process that is kept ready is
MANAGE = Path(__file__).parents[1] / "manage.py"


def compare() -> list[Comparison]:
    """Time each kind of picture; the peer only reads and decodes, so the ratio is below one."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for name, draw in IMAGES.items():
            content = draw()
            path = Path(folder) / "scan.dcm"
            path.write_bytes(content)
            warm, new, command, peer = medians(
                partial(measure, [path]),
                partial(measure_isolated, [path]),
                partial(_as_command, path),
                partial(_decoded, content),
                rounds=ROUNDS,
            )
            ready = statistics.median(_in_one_that_was_ready(path) for _ in range(ROUNDS))
            found += [
                Comparison(
                    f"DXA {name}, bytes to regions and texture{where}",
                    seconds,
                    "pydicom, reading and decoding only",
                    peer,
                    "not the same work",
                )
                for where, seconds in (
                    ("", warm),
                    (", in a process that was ready, as the worker measures", ready),
                    (", in a process made for it", new),
                    (", as a command, with the start of Python and Django", command),
                )
            ]
    return found


def _in_one_that_was_ready(path: Path) -> float:
    with PROCESSES.one_ahead():
        time.sleep(LOADED_S)
        begun = time.perf_counter()
        measure_isolated([path])
        return time.perf_counter() - begun


def _as_command(path: Path) -> None:
    command = [sys.executable, str(MANAGE), "measure", str(path)]
    subprocess.run(command, capture_output=True, check=True)  # noqa: S603


def _decoded(content: bytes) -> int:
    return int(pydicom.dcmread(BytesIO(content)).pixel_array.max())
