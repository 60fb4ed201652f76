"""Where the words beside a chart's lines stand: on no others, however narrow the chart is."""

from collections.abc import Sequence
from dataclasses import dataclass

from riskapp.web.presenters.guideline_lines import DrawnLine
from riskapp.web.presenters.numbers import plain
from riskapp.web.presenters.scale import Scale

# Of the narrowest chart, in letters of its labels: two strips side by side on a small screen.
NARROWEST_LETTERS = 27
LETTER = 100 / NARROWEST_LETTERS  # in per cent of the narrowest chart


@dataclass(frozen=True, slots=True)
class Label:
    """Words on the narrowest chart; ``place`` is that of their line, in per cent of the width."""

    place: float
    text: str
    anchor: str

    @property
    def span(self) -> tuple[float, float]:
        """Where the words begin and end."""
        width = LETTER * len(self.text)
        start = self.place - {"start": 0.0, "middle": width / 2, "end": width}[self.anchor]
        return start, start + width

    def is_clear_of(self, other: "Label") -> bool:
        """Whether a letter has room between both."""
        (start, end), (others_start, others_end) = self.span, other.span
        return end + LETTER <= others_start or others_end + LETTER <= start

    def cuts(self, other: "Label") -> bool:
        """Whether the line of this one would pass through the other's words, or touch them."""
        start, end = other.span
        return start - LETTER / 2 < self.place < end + LETTER / 2


def labels_of(lines: Sequence[DrawnLine], axis: Scale) -> tuple[Label, ...]:
    """Each begins or ends at its line: the lower one's away from the other, where there is room."""
    return tuple(
        _label(
            100 * (line.percent - axis.low) / (axis.high - axis.low),
            f"{line.words} {plain(line.percent)}",
            prefers_end=index == 0 and len(lines) > 1,
        )
        for index, line in enumerate(lines)
    )


def centred(place: float, text: str) -> Label:
    """Words in the middle over their line, or on the side of it where they have room."""
    start, end = Label(place, text, "middle").span
    return Label(place, text, "start" if start < 0 else "end" if end > 100 else "middle")


def lower_one_is_above(labels: Sequence[Label]) -> bool:
    """Whether the higher line's label stands below, as its line would cut the other label."""
    return len(labels) > 1 and labels[0].anchor == "start" and labels[1].place < labels[0].span[1]


def _label(place: float, text: str, *, prefers_end: bool) -> Label:
    width = LETTER * len(text)
    fits = {"end": width <= place, "start": place + width <= 100}
    order = ("end", "start") if prefers_end else ("start", "end")
    return Label(place, text, next((side for side in order if fits[side]), "middle"))
