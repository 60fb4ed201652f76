"""Corrected regions as the page sends them: numbers in text, one region after another."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from imaging.limits import LIMITS
from imaging.result import Region
from imaging.wording import in_words
from riskapp.actions.errors import Refused
from riskapp.web.presenters.placing import ALL_NAMES

_NAME_IN_A_SENTENCE = re.compile(r"\b([Rr]egion) (\w+)")
_BETWEEN_NUMBERS = re.compile(r"[,;\s]+")


def corner_lines(region: Region) -> list[str]:
    """Corners as a person reads them, to a tenth of a pixel."""
    return [f"{column:.1f}, {row:.1f}" for column, row in region.polygon]


def in_plain_words(sentence: str) -> str:
    """``Region femoral_neck: ...`` as "Region femoral neck: ..."."""
    return _NAME_IN_A_SENTENCE.sub(lambda found: f"{found[1]} {in_words(found[2])}", sentence)


def id_of(name: str, known: Sequence[str] = ()) -> str:
    """Read the name of a region as a person writes it: "femoral neck" as ``femoral_neck``."""
    by_words = {in_words(id).casefold(): id for id in (*ALL_NAMES, *known)}
    plain = " ".join(name.split())
    return by_words.get(plain.casefold(), plain.replace(" ", "_"))


def read_regions(sent: Mapping[str, str], shown: Sequence[Region]) -> list[dict[str, Any]]:
    """Regions in the shape that ``actions.correcting_regions`` takes; those left out are dropped.

    Parameters
    ----------
    shown : sequence of Region
        The regions that the form was filled with: corners that come back as they were shown
        are these, in full.

    Raises
    ------
    Refused
        If a corner or a slice is not a number, or only one end of the slices is given.
    """
    # One more than may be sent, so that too many are refused and none is dropped unsaid.
    indices = [index for index in range(LIMITS.regions + 1) if f"region-{index}-id" in sent]
    kept = [index for index in indices if f"region-{index}-left_out" not in sent]
    before = dict(enumerate(shown))
    ids = [region.id for region in shown]
    return [
        _region(sent, index, before.get(index), id_of(sent[f"region-{index}-id"], ids))
        for index in kept
    ]


def _region(sent: Mapping[str, str], index: int, before: Region | None, id: str) -> dict[str, Any]:
    first, last = (_slice(sent, index, end, id) for end in ("first_slice", "last_slice"))
    if (first is None) != (last is None):
        raise Refused({"regions": f"Region {id}: give both the first and the last slice."})
    return {
        "id": id,
        "label": before.label if before and before.id == id else None,
        "outline": sent.get(f"region-{index}-outline") or None,
        "polygon": _corners(sent.get(f"region-{index}-corners", ""), id, before),
        "slice_index": _slice(sent, index, "slice_index", id),
        "depth_slices": None if first is None or last is None else [first, last],
    }


def _corners(text: str, id: str, before: Region | None) -> list[list[float]]:
    if before and text.split() == " ".join(corner_lines(before)).split():
        return [list(corner) for corner in before.polygon]
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
