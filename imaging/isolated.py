"""Measuring in a child process, so that a hostile file can only harm a process made for it."""

import json
import logging
import os
import struct
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from imaging.errors import MeasuringBroke
from imaging.isolated_child import OUR_FAULT
from imaging.result import (
    Measured,
    Picture,
    Region,
    ScanMeasurement,
    Status,
)

log = logging.getLogger(__name__)
HEADER = struct.Struct(">Q")


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """What the child may use; a CT of 300 slices takes about 1 GiB and 8 s of a core."""

    memory_bytes: int = 6 * 2**30
    cpu_seconds: int = 120
    wall_seconds: float = 180.0


CHILD_LIMITS = ChildLimits()


def measure_isolated(
    paths: Sequence[str | Path],
    regions: Sequence[Region] | None = None,
    limits: ChildLimits = CHILD_LIMITS,
) -> Measured:
    """Measure as ``imaging.measure.measure`` does, in a fresh interpreter with limits.

    The child answers over a pipe with JSON and PNG, never with objects. Whatever goes wrong in
    it because of the file becomes an ``unreadable`` answer.

    Raises
    ------
    MeasuringBroke
        If our own code failed, so that the file is not blamed for it.
    """
    request = {
        "paths": [str(Path(path).absolute()) for path in paths],
        "regions": None if regions is None else [asdict(region) for region in regions],
        "memory_bytes": limits.memory_bytes,
        "cpu_seconds": limits.cpu_seconds,
    }
    # One thread per numerical library: their pools would eat the memory allowance.
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(Path(__file__).resolve().parents[1]),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    # Fixed arguments without a shell: nothing of the request reaches the command line.
    child = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "imaging.isolated_child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    with child:
        try:
            answer, _ = child.communicate(json.dumps(request).encode(), limits.wall_seconds)
        except BaseException as reason:
            # Also when the caller is told to stop: nobody waits for this child any more.
            child.kill()
            if not isinstance(reason, subprocess.TimeoutExpired):
                raise
            return _unreadable(
                f"Opening the scan took longer than {limits.wall_seconds:.0f} seconds and was "
                "stopped: the file is damaged or far too large."
            )
    if child.returncode == OUR_FAULT:
        log.error("Measuring broke: %s", answer.decode(errors="replace"))
        raise MeasuringBroke(
            "This scan could not be measured; the fault is ours and not the file's. Keep the "
            "file, and tell whoever runs this server."
        )
    if child.returncode:
        log.warning("The measuring process ended with exit status %s", child.returncode)
    try:
        return decode(answer)
    except (ValueError, KeyError, TypeError, struct.error):
        return _unreadable(
            "Opening the scan needed more memory or time than is allowed, or broke the reader: "
            "the file is damaged or was made to do harm."
        )


def encode(measured: Measured) -> bytes:
    """Write the answer as the length of its JSON, the JSON, and the pictures one after another."""
    pictures = [
        {
            "name": picture.name,
            "bytes": len(picture.png),
            "width": picture.width,
            "height": picture.height,
            "slice_index": picture.slice_index,
            "title": picture.title,
        }
        for picture in measured.pictures
    ]
    text = json.dumps(
        {"measurement": measured.measurement.to_store(), "pictures": pictures}, allow_nan=False
    ).encode()
    return HEADER.pack(len(text)) + text + b"".join(picture.png for picture in measured.pictures)


def decode(answer: bytes) -> Measured:
    """Read what ``encode`` wrote.

    Raises
    ------
    ValueError, KeyError, TypeError, struct.error
        If the answer is cut short or malformed.
    """
    (length,) = HEADER.unpack_from(answer)
    at = HEADER.size + length
    told = json.loads(answer[HEADER.size : at])
    pictures = []
    for picture in told["pictures"]:
        size = int(picture.pop("bytes"))
        png = answer[at : at + size]
        if len(png) != size:
            raise ValueError("The answer is cut short.")
        at += size
        pictures.append(Picture(png=png, **picture))
    return Measured(
        measurement=ScanMeasurement.from_json(told["measurement"]), pictures=tuple(pictures)
    )


def _unreadable(reason: str) -> Measured:
    return Measured(measurement=ScanMeasurement(status=Status.UNREADABLE, reason=reason))
