"""A measurement on its way through a pipe: JSON and PNG, never objects."""

import json
import struct

from imaging.result import Measured, Picture, ScanMeasurement
from imaging.stages import Stage

HEADER = struct.Struct(">Q")
# No answer is empty, so that a length of nothing marks a stage; its place among them follows.
STAGE = HEADER.pack(0)
STAGES = tuple(Stage)


def encode_stage(stage: Stage) -> bytes:
    """Write that a stage begins."""
    return STAGE + HEADER.pack(STAGES.index(stage))


def decode_stage(told: bytes) -> Stage | None:
    """Read what follows ``STAGE``; None where it is none."""
    at = HEADER.unpack(told)[0] if len(told) == HEADER.size else len(STAGES)
    return STAGES[at] if at < len(STAGES) else None


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
