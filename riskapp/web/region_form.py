"""Corrected regions as the page sends them: numbers in text, one region after another."""

import re
from collections.abc import Mapping
from typing import Any

from riskapp.actions.errors import Refused

MOST_REGIONS = 40
_BETWEEN_NUMBERS = re.compile(r"[,;\s]+")


def read_regions(sent: Mapping[str, str]) -> list[dict[str, Any]]:
    """Regions in the shape that ``actions.correcting_regions`` takes; those left out are dropped.

    Raises
    ------
    Refused
        If a corner or a slice is not a number.
    """
    indices = [index for index in range(MOST_REGIONS) if f"region-{index}-id" in sent]
    kept = [index for index in indices if f"region-{index}-left_out" not in sent]
    return [_region(sent, index) for index in kept]


def _region(sent: Mapping[str, str], index: int) -> dict[str, Any]:
    id = sent[f"region-{index}-id"].strip()
    first, last = (_slice(sent, index, end, id) for end in ("first_slice", "last_slice"))
    return {
        "id": id,
        "polygon": _corners(sent.get(f"region-{index}-corners", ""), id),
        "slice_index": _slice(sent, index, "slice_index", id),
        "depth_slices": None if first is None or last is None else [first, last],
    }


def _corners(text: str, id: str) -> list[list[float]]:
    try:
        return [
            [float(number) for number in _BETWEEN_NUMBERS.split(line.strip())]
            for line in text.splitlines()
            if line.strip()
        ]
    except ValueError:
        sentence = f"Region {id}: write each corner as column, row in numbers, one corner a line."
        raise Refused({"regions": sentence}) from None


def _slice(sent: Mapping[str, str], index: int, name: str, id: str) -> int | None:
    text = sent.get(f"region-{index}-{name}", "").strip()
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        raise Refused({"regions": f"Region {id}: a slice is a whole number."}) from None
