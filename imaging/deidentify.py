"""What may leave a scan with its pixels: the keep-list of ``imaging.tags``, nothing else."""

import math

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from imaging.broken import BROKEN_FILE
from imaging.tags import TAGS, Tag

Value = str | float | tuple[float, ...]
# Longest text kept of one tag: technique words are short, essays may name people.
TEXT_LENGTH = 120


def kept_tags(dataset: Dataset) -> dict[str, Value]:
    """Read the attributes that measuring needs; what is absent or malformed is left out."""
    kept: dict[str, Value] = {}
    for tag in TAGS:
        if tag.number not in dataset:
            continue
        value = _plain(dataset, tag)
        if value is not None:
            kept[tag.name] = value
    return kept


def _plain(dataset: Dataset, tag: Tag) -> Value | None:
    try:
        raw = dataset[tag.number].value
    except BROKEN_FILE:
        return None  # a malformed value says nothing
    values = list(raw) if isinstance(raw, MultiValue | list | tuple) else [raw]
    if tag.type in {"text", "code"}:
        text = " ".join(str(value) for value in values if value is not None).strip()
        text = "".join(c for c in text if c.isprintable())[:TEXT_LENGTH]
        return (text.upper() if tag.type == "code" else text) or None
    numbers = [_number(value) for value in values]
    if not numbers or any(number is None for number in numbers):
        return None
    plain = tuple(number for number in numbers if number is not None)
    return plain if tag.type == "numbers" else plain[0]


def _number(value: object) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if math.isfinite(number) else None
