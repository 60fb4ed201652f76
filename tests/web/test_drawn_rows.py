"""Small strips: words of the guideline's lines and of the axis never lie on each other."""

import itertools

import pytest

from riskapp.web.presenters.drawn_rows import ROW_PX, DrawnRows, Told, drawn_rows
from riskapp.web.presenters.guideline_lines import DrawnLine
from riskapp.web.presenters.labels import NARROWEST_LETTERS

PLACES = [*(step / 2 for step in range(1, 40)), 20.3, 32.5, 39.2, 40.0]  # on scales of 1 to 40 %
WIDTHS = [NARROWEST_LETTERS, 40, 60]  # in letters of the labels
Words = tuple[float, float, int]


def words(drawn: DrawnRows, width: int) -> list[Words]:
    """Start and end of all words above the rows, in letters, and where they stand, in pixels."""
    ends = [(one.x, one.text, one.anchor, drawn.axis_y) for one in drawn.ticks]
    ends[-1] = (ends[-1][0], f"{ends[-1][1]} %", *ends[-1][2:])
    found = []
    for x, text, anchor, y in [*ends, *((o.x, o.text, o.anchor, o.y) for o in drawn.lines)]:
        before = {"start": 0.0, "middle": len(text) / 2, "end": len(text)}[anchor]
        start = float(x.rstrip("%")) / 100 * width - before
        found.append((start, start + len(text), y))
    return found


@pytest.mark.parametrize("largest", [0.008, 0.03, 0.07, 0.11, 0.19, 0.38])
@pytest.mark.parametrize("width", WIDTHS)
def test_no_words_lie_on_others_wherever_the_lines_are(largest: float, width: int) -> None:
    told = [Told("Somebody", {"probability_10y": largest, "interval_95": None})]
    for low, high in itertools.combinations_with_replacement(PLACES, 2):
        drawn = drawn_rows(told, [DrawnLine(low, "treat"), DrawnLine(high, "very high")])
        for one, other in itertools.combinations(words(drawn, width), 2):
            assert one[2] != other[2] or one[1] < other[0] or other[1] < one[0]
        for line in drawn.lines:
            assert 0 < line.top <= line.bottom <= drawn.head_px
        for start, end, y in words(drawn, width):
            assert start > -0.01
            assert end < width + 0.01
            assert ROW_PX <= y <= drawn.axis_y


def test_no_line_is_drawn_through_words() -> None:
    told = [Told("Somebody", {"probability_10y": 0.38, "interval_95": None})]
    for low, high in itertools.combinations(PLACES, 2):
        drawn = drawn_rows(told, [DrawnLine(low, "treat"), DrawnLine(high, "very high")])
        for line in drawn.lines:
            place = float(line.x.rstrip("%")) / 100 * NARROWEST_LETTERS
            for start, end, y in words(drawn, NARROWEST_LETTERS):
                assert y <= line.y or line.bottom < y or not start < place < end


def test_every_line_on_the_scale_is_named_and_both_ends_of_the_axis() -> None:
    told = [Told("Somebody", {"probability_10y": 0.227, "interval_95": None})]
    lines = [DrawnLine(20.3, "treat"), DrawnLine(32.5, "very high")]
    drawn = drawn_rows(told, lines)
    assert [(one.x, one.text) for one in drawn.lines] == [
        ("50.75%", "treat 20.3"),
        ("81.25%", "very high 32.5"),
    ]
    assert drawn.lines[0].y != drawn.lines[1].y
    assert [one.text for one in drawn.ticks] == ["0", "40"]
    assert drawn_rows(told).head_px < drawn.head_px  # no more room than the words take
