"""The plots of the report, each from plain numbers; beside each stands the table of the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from riskapp.laboratory.page.frame import STYLES, Axis, Frame, chart, key, marker, ticks
from riskapp.laboratory.page.markup import Markup, joined, tag
from riskapp.laboratory.page.numbers import DASH, count, interval, signed, with_interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One line: points that could not be computed are None."""

    name: str
    x: Sequence[float]
    y: Sequence[float | None]
    lower: Sequence[float] | None = None
    upper: Sequence[float] | None = None
    points: bool = True


def lines(
    ident: str,
    title: str,
    told: str,
    series: Sequence[Series],
    across: Axis,
    up: Axis,
    *,
    diagonal: bool = False,
    marks: Sequence[float] = (),
    height: float = 300.0,
) -> Markup:
    """Several lines over one frame, with what each is called above.

    Parameters
    ----------
    diagonal : bool
        Draw where both axes are equal, as in a calibration plot.
    marks : sequence of float
        Places on the horizontal axis that matter, such as thresholds of guidelines.
    """
    frame = Frame(across, up, height)
    extras = []
    if diagonal:
        ends = (max(across.low, up.low), min(across.high, up.high))
        extras.append(frame.line(ends, ends, "diagonal"))
    bands = [
        frame.band(one.x, one.lower, one.upper, f"band series-{index % STYLES}")
        for index, one in enumerate(series)
        if one.lower is not None and one.upper is not None
    ]
    drawn = [
        frame.line(one.x, one.y, f"line series-{index % STYLES}")
        for index, one in enumerate(series)
    ]
    dots = [
        marker(index, frame.x(x), frame.y(y))
        for index, one in enumerate(series)
        if one.points
        for x, y in zip(one.x, one.y, strict=True)
        if y is not None and across.low <= x <= across.high and up.low <= y <= up.high
    ]
    upright = [
        tag(
            "line",
            x1=frame.x(value),
            x2=frame.x(value),
            y1=frame.y(up.low),
            y2=frame.y(up.high),
            class_="threshold",
        )
        for value in marks
    ]
    picture = chart(
        ident,
        title,
        told,
        frame.height,
        frame.grid(),
        upright,
        frame.stretched(bands, extras, drawn),
        dots,
    )
    names = [one.name for one in series]
    return joined((key(names, points=any(one.points for one in series)), picture))


def axis_over(low: float, high: float, name: str, *, within: bool = False) -> Axis:
    """An axis with some five round numbers.

    Parameters
    ----------
    within : bool
        End where the values do, with the numbers between; else at the round numbers beyond them.
    """
    span = max(high - low, 1e-9)
    unit = 10.0 ** floor(log10(span / 5))
    step = next(unit * by for by in (1, 2, 5, 10) if span / (unit * by) <= 6)
    digits = max(0, -floor(log10(step) + 1e-9))
    first, last = floor(low / step + 1e-9) * step, ceil(high / step - 1e-9) * step
    if within:
        marks = [tick for tick in ticks(first, last, step) if low <= tick <= high]
        return Axis(low, high, marks, name, digits)
    if first == last:
        last = first + step
    return Axis(first, last, ticks(first, last, step), name, digits)


def histogram(
    ident: str,
    title: str,
    told: str,
    edges: Sequence[float],
    series: Sequence[tuple[str, Sequence[float]]],
    name: str,
) -> Markup:
    """Shares of people between edges, one outline for each series."""
    top = max((share for _, shares in series for share in shares), default=0.0)
    step = 0.05 if top <= 0.3 else 0.1
    high = max(step, step * -(-top // step))
    span = edges[-1] - edges[0]
    across = Axis(edges[0], edges[-1], ticks(edges[0], edges[-1], span / 5), name, 0)
    frame = Frame(
        across, Axis(0, high, ticks(0, high, step * (2 if high > 4 * step else 1)), "", 2), 220
    )
    outlines = [
        frame.line(
            [
                edges[0],
                *(edge for pair in zip(edges[:-1], edges[1:], strict=True) for edge in pair),
                edges[-1],
            ],
            [0.0, *(share for share in shares for _ in (0, 1)), 0.0],
            f"line series-{index % STYLES}",
        )
        for index, (_, shares) in enumerate(series)
    ]
    picture = chart(ident, title, told, frame.height, frame.grid(), frame.stretched(outlines))
    return joined((key([called for called, _ in series], points=False), picture))


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestRow:
    """One estimate with its interval; a heading has none."""

    name: str
    people: int | str | None = None
    events: int | str | None = None
    value: float | None = None
    bounds: tuple[float, float] | None = None
    said: str = ""


def forest(
    caption: str,
    what: str,
    rows: Sequence[ForestRow],
    *,
    reference: float | None = None,
    is_difference: bool = False,
    digits: int = 3,
) -> Markup:
    """A table whose middle column draws each estimate and its interval on one scale."""
    ends = [end for row in rows for end in (*(row.bounds or ()), row.value) if end is not None]
    if reference is not None:
        ends.append(reference)
    if not ends:
        return Markup("")
    low, high = min(ends), max(ends)
    pad = 0.06 * (high - low) or 0.05
    axis = Axis(low - pad, high + pad, (), what)
    body = [_forest_row(row, axis, reference, is_difference, digits) for row in rows]
    head = tag(
        "tr",
        *(
            tag("th", name, scope="col", class_=class_)
            for name, class_ in (
                ("Group", None),
                ("People", "number"),
                ("Events", "number"),
                (f"{what} on one scale", "drawn"),
                (f"{what} (95 % interval)", "number"),
            )
        ),
    )
    whole = tag(
        "table",
        tag("caption", caption),
        tag("thead", head),
        tag("tbody", body),
        class_="table forest",
    )
    return tag("div", whole, class_="table-scroll", role="region", tabindex="0", aria_label=caption)


def _forest_row(
    row: ForestRow, axis: Axis, reference: float | None, is_difference: bool, digits: int
) -> Markup:
    if row.value is None and not row.said:
        return tag("tr", tag("th", row.name, colspan=5, scope="rowgroup"), class_="group-row")
    if row.said or row.value is None:
        words, drawn = row.said, Markup("")
    elif is_difference:
        words = signed(row.value, digits)
        if row.bounds:
            words += f" ({' to '.join(signed(bound, digits) for bound in row.bounds)})"
        drawn = _drawn(row.value, row.bounds, axis, reference)
    else:
        words = with_interval(row.value, row.bounds, digits)
        drawn = _drawn(row.value, row.bounds, axis, reference)
    return tag(
        "tr",
        tag("th", row.name, scope="row"),
        tag("td", count(row.people), class_="number"),
        tag("td", count(row.events), class_="number"),
        tag("td", drawn, class_="drawn"),
        tag("td", words, class_="number"),
    )


def _drawn(
    value: float, bounds: tuple[float, float] | None, axis: Axis, reference: float | None
) -> Markup:
    def place(at: float) -> str:
        return f"{100 * axis.share(at):.2f}%"

    parts = []
    if reference is not None:
        parts.append(
            tag("line", x1=place(reference), x2=place(reference), y1=0, y2=20, class_="threshold")
        )
    if bounds:
        parts.append(
            tag("line", x1=place(bounds[0]), x2=place(bounds[1]), y1=10, y2=10, class_="whisker")
        )
    parts.append(tag("circle", cx=place(value), cy=10, r=4, class_="dot"))
    return tag("svg", *parts, width="100%", height=20, aria_hidden="true", class_="chart")


def bounds_of(pair: Sequence[float | None] | None) -> tuple[float, float] | None:
    """An interval that can be drawn, or None."""
    if pair is None or pair[0] is None or pair[1] is None:
        return None
    return pair[0], pair[1]


__all__ = [
    "DASH",
    "Axis",
    "ForestRow",
    "Series",
    "axis_over",
    "bounds_of",
    "forest",
    "histogram",
    "interval",
    "lines",
    "ticks",
]
