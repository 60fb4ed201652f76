"""What a check counted, as pairs of words: the report of a cohort is data, not a page."""

from collections.abc import Iterator, Mapping
from typing import Any

from riskapp.web.presenters.fields import in_words
from riskapp.web.presenters.numbers import short

DEEPEST = 3


def counted(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Flatten a report into names and values, in its own order."""
    return list(_pairs(report, ()))


def _pairs(told: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name, value in told.items():
        here = (*path, _words(str(name)))
        if isinstance(value, Mapping) and value and len(here) < DEEPEST:
            yield from _pairs(value, here)
        else:
            yield ", ".join(here), _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return short(value, 4)
    if isinstance(value, list | tuple):
        return "; ".join(_text(each) for each in value) or "none"
    if isinstance(value, Mapping):
        return "; ".join(f"{_words(str(name))} {_text(each)}" for name, each in value.items())
    return "none" if value in (None, "") else in_words(str(value))


def _words(name: str) -> str:
    return in_words(name).replace("_", " ")
