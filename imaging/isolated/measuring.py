"""Measuring in the child process."""

from collections.abc import Iterator, Mapping
from typing import Any

from imaging.isolated.answers import encode
from imaging.measure import measure
from imaging.result import region_from_json


def encoded_measurement(request: Mapping[str, Any]) -> Iterator[bytes]:
    """Answer one request in the child."""
    given = request["regions"]
    regions = None if given is None else [region_from_json(region) for region in given]
    yield encode(measure(request["paths"], regions))
