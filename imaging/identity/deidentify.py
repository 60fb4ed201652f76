"""What may leave a scan with its pixels: the keep-list of ``identity.tags``, nothing else."""

import math
from collections.abc import Iterable, Iterator

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from imaging.broken import BROKEN_FILE
from imaging.identity.tags import GROUP_OF, TAGS, UNASSIGNED, Tag
from imaging.identity.whose import personal_words, without_persons
from imaging.limits import LIMITS

Value = str | float | tuple[float, ...]


def kept_tags(dataset: Dataset) -> dict[str, Value]:
    """Read the attributes that measuring needs; what is absent or malformed is left out.

    Words that name the patient or another person of the file are taken out of its texts.
    """
    kept: dict[str, Value] = {}
    personal = personal_words(dataset)
    for tag in TAGS:
        value = _plain(dataset, tag, personal)
        if value is not None:
            kept[tag.name] = value
    return kept


def element_of(dataset: Dataset, tag: Tag) -> DataElement | None:
    """Find an attribute, in enhanced files also where all frames or the first one have it."""
    try:
        for holder in _holders(dataset, tag):
            if tag.number in holder:
                element: DataElement = holder[tag.number]
                return element
    except BROKEN_FILE:
        return None  # a malformed value says nothing
    return None


def _holders(dataset: Dataset, tag: Tag) -> Iterator[Dataset]:
    yield dataset
    own = GROUP_OF.get(tag.name)
    for groups, unassigned in UNASSIGNED.items() if own else ():
        for item in list(dataset[groups].value or ())[:1] if groups in dataset else ():
            for group in (own, unassigned):
                if group in item:
                    yield from list(item[group].value or ())[:1]


def _plain(dataset: Dataset, tag: Tag, personal: Iterable[str]) -> Value | None:
    element = element_of(dataset, tag)
    if element is None:
        return None
    raw = element.value
    values = list(raw) if isinstance(raw, MultiValue | list | tuple) else [raw]
    if tag.type in {"number", "numbers"}:
        return _numbers(values, tag)
    text = " ".join(str(value) for value in values if value is not None).strip()
    text = "".join(c for c in text if c.isprintable())[: LIMITS.text_letters]
    if tag.type == "date":
        return text if len(text) == 8 and text.isascii() and text.isdigit() else None
    if tag.type == "text":
        text = without_persons(text, personal)
    return (text.upper() if tag.type == "code" else text) or None


def _numbers(values: list[object], tag: Tag) -> Value | None:
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
