"""The frame of a plot: axes, grid and names, drawn so that letters keep their size.

Places are percentages of the width; only lines inside a nested, stretched picture scale. So a
plot is as legible on a telephone and on paper as on a desk.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from riskapp.laboratory.page.markup import Markup, Part, joined, tag

# Percent of the width kept free for the numbers of the vertical axis, and at the far edge.
LEFT, RIGHT = 12.0, 3.0
# Pixels above the plot, and below it for the numbers and the name of the horizontal axis.
TOP, BOTTOM = 10.0, 44.0
STYLES = 6


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: its ends, where numbers stand, and what it is called."""

    low: float
    high: float
    ticks: Sequence[float]
    name: str
    digits: int = 1

    def share(self, value: float) -> float:
        """Where a value lies, from 0 at the low end to 1 at the high one, held within."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))

    def place(self, value: float) -> float:
        """As ``share``, but beyond the ends where the value is: a line is cut off, not bent."""
        return (value - self.low) / (self.high - self.low)

    def text(self, value: float) -> str:
        return f"{value:.{self.digits}f}".replace("-", "\u2212")


@dataclass(frozen=True, slots=True)
class Frame:
    """A plot of a fixed height and any width."""

    across: Axis
    up: Axis
    height: float = 300.0

    def x(self, value: float) -> str:
        return f"{LEFT + self.across.share(value) * (100 - LEFT - RIGHT):.2f}%"

    def y(self, value: float) -> float:
        return round(TOP + (1 - self.up.share(value)) * self._inner, 2)

    @property
    def _inner(self) -> float:
        return self.height - TOP - BOTTOM

    def grid(self) -> Markup:
        """Lines and numbers of both axes, and their names."""
        foot = TOP + self._inner
        rows = [
            (
                tag(
                    "line",
                    x1=f"{LEFT}%",
                    x2=f"{100 - RIGHT}%",
                    y1=self.y(v),
                    y2=self.y(v),
                    class_="grid",
                ),
                tag("text", self.up.text(v), x=f"{LEFT - 1}%", y=self.y(v) + 4, text_anchor="end"),
            )
            for v in self.up.ticks
        ]
        columns = [
            (
                tag("line", x1=self.x(v), x2=self.x(v), y1=foot, y2=foot + 4, class_="axis"),
                tag("text", self.across.text(v), x=self.x(v), y=foot + 18, text_anchor="middle"),
            )
            for v in self.across.ticks
        ]
        axis = tag("line", x1=f"{LEFT}%", x2=f"{100 - RIGHT}%", y1=foot, y2=foot, class_="axis")
        name = tag(
            "text",
            self.across.name,
            x=f"{LEFT + (100 - LEFT - RIGHT) / 2}%",
            y=self.height - 6,
            text_anchor="middle",
            class_="axis-name",
        )
        return joined((rows, axis, columns, name))

    def stretched(self, *parts: Part) -> Markup:
        """A picture over the plot's own area, one unit wide and high, that stretches with it."""
        return tag(
            "svg",
            *parts,
            x=f"{LEFT}%",
            y=TOP,
            width=f"{100 - LEFT - RIGHT}%",
            height=self._inner,
            viewBox="0 0 1 1",
            preserveAspectRatio="none",
            overflow="hidden",
        )

    def line(self, xs: Sequence[float], ys: Sequence[float | None], class_: str) -> Markup:
        """A line through the points that are there."""
        points = " ".join(
            f"{self.across.place(x):.4f},{1 - self.up.place(y):.4f}"
            for x, y in zip(xs, ys, strict=True)
            if y is not None
        )
        return tag("polyline", points=points, class_=class_)

    def band(
        self, xs: Sequence[float], lower: Sequence[float], upper: Sequence[float], class_: str
    ) -> Markup:
        """The area between two lines."""
        there = [(x, high) for x, high in zip(xs, upper, strict=True)]
        back = [(x, low) for x, low in zip(xs, lower, strict=True)][::-1]
        points = " ".join(
            f"{self.across.place(x):.4f},{1 - self.up.place(y):.4f}" for x, y in (*there, *back)
        )
        return tag("polygon", points=points, class_=class_)


def chart(ident: str, title: str, told: str, height: float, *parts: Part) -> Markup:
    """A drawing with a title and a description that a screen reader speaks."""
    return tag(
        "svg",
        tag("title", title, id=f"{ident}-title"),
        tag("desc", told, id=f"{ident}-desc"),
        *parts,
        class_="chart",
        role="img",
        width="100%",
        height=height,
        aria_labelledby=f"{ident}-title {ident}-desc",
    )


def marker(style: int, x: str, y: float) -> Markup:
    """A point whose shape tells the series without colour."""
    shapes = (
        lambda: tag("circle", cx=0, cy=0, r=4),
        lambda: tag("rect", x=-4, y=-4, width=8, height=8),
        lambda: tag("path", d="M0 -5.5L5.5 0L0 5.5L-5.5 0Z"),
        lambda: tag("path", d="M0 -5L5 4.5H-5Z"),
        lambda: tag("path", d="M0 5L5 -4.5H-5Z"),
        lambda: tag("path", d="M-4 -4L4 4M-4 4L4 -4"),
    )
    shape = shapes[style % STYLES]()
    return tag(
        "svg",
        shape,
        x=x,
        y=y,
        overflow="visible",
        width=1,
        height=1,
        class_=f"marker series-{style % STYLES}",
    )


def key(names: Sequence[str], *, points: bool = True) -> Markup:
    """What each style of line stands for, in words beside a sample, with its points or without."""
    lines = (
        tag(
            "li",
            tag(
                "svg",
                tag("line", x1=0, x2=36, y1=8, y2=8, class_=f"line series-{index % STYLES}"),
                marker(index, "18", 8) if points else None,
                width=36,
                height=16,
                aria_hidden="true",
                class_="chart sample",
            ),
            name,
        )
        for index, name in enumerate(names)
    )
    return tag("ul", lines, class_="key")


def ticks(low: float, high: float, step: float) -> list[float]:
    """Round values from low to high."""
    count = round((high - low) / step)
    return [round(low + index * step, 10) for index in range(count + 1)]
