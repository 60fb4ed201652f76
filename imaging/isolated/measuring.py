"""Measuring in the child process."""

from collections.abc import Mapping
from typing import Any, BinaryIO

from imaging import stages
from imaging.isolated.answers import encode, encode_stage
from imaging.measure import measure
from imaging.result import region_from_json


def write_measurement(request: Mapping[str, Any], sink: BinaryIO) -> None:
    """Answer one request in the child: stages as they begin, then the measurement."""

    told: list[stages.Stage] = []

    def tell(stage: stages.Stage) -> None:
        if stage not in told[-1:]:
            told.append(stage)
            sink.write(encode_stage(stage))
            sink.flush()

    given = request["regions"]
    regions = None if given is None else [region_from_json(region) for region in given]
    with stages.told_to(tell):
        measured = measure(request["paths"], regions)
    sink.write(encode(measured))
