"""Cells of tables: a figure, and its interval beside it, or below where columns are many."""

from collections.abc import Mapping, Sequence
from typing import Any

from riskapp.laboratory.page.markup import Markup, joined, tag
from riskapp.laboratory.page.numbers import DASH, figure, percent, signed


def cell(told: Mapping[str, Any] | None, digits: int = 3, *, with_sign: bool = False) -> Markup:
    """An estimate as the JSON holds it; a dash for what could not be computed."""
    if told is None or told["value"] is None:
        return Markup(DASH)
    shown = signed if with_sign else figure
    ends = told["interval"]
    return _with_ends(
        shown(told["value"], digits), None if ends is None else [shown(e, digits) for e in ends]
    )


def share(value: float | None, ends: Sequence[float] | None) -> Markup:
    """A share in per cent."""
    if value is None:
        return Markup(DASH)
    return _with_ends(
        percent(value), None if ends is None else [figure(100 * end, 1) for end in ends]
    )


def _with_ends(value: str, ends: Sequence[str] | None) -> Markup:
    if ends is None:
        return joined(value)
    # The space keeps the two apart where the page is read aloud or copied.
    return joined((value, " ", tag("span", f"{ends[0]} to {ends[1]}", class_="ends")))
