"""Guideline's lines on the strips: labels that never lie on each other, and words for them."""

import itertools

import pytest

from riskapp.web.presenters.guideline_lines import DrawnLine
from riskapp.web.presenters.labels import NARROWEST_LETTERS
from riskapp.web.presenters.strip import Threshold, strip

OUTCOME = {"probability_10y": 0.2163, "interval_95": [0.174, 0.266]}
PLACES = [0.4, 1.0, 2.3, 3.68, 5.4, 8.64, 12.2, 19.5, 20.3, 26.4, 32.5, 60.0]


def spans(line: Threshold) -> tuple[float, float]:
    """Where a label lies on the narrowest strip, in per cent of it."""
    place, width = float(line.x.rstrip("%")), 100 * len(line.text) / NARROWEST_LETTERS
    before = {"start": 0.0, "middle": width / 2, "end": width}[line.anchor]
    return place - before, place - before + width


@pytest.mark.parametrize(("low", "high"), list(itertools.combinations(PLACES, 2)))
def test_labels_never_lie_on_each_other_and_stay_on_the_strip(low: float, high: float) -> None:
    lines = (DrawnLine(low, "treat"), DrawnLine(high, "very high"))
    for probability in (0.004, 0.05, 0.3, 0.8):
        outcome = {"probability_10y": probability, "interval_95": None}
        first, second = strip(outcome, lines=lines).thresholds
        assert first.is_upper != second.is_upper  # a row each
        for start, end in map(spans, (first, second)):
            assert start >= -0.01
            assert end <= 100.01


def test_the_scale_reaches_beyond_the_lines_and_says_where_they_are() -> None:
    drawn = strip(OUTCOME, lines=(DrawnLine(20.3, "treat"), DrawnLine(32.5, "very high")))
    assert drawn.scale_end == "40.0\u00a0%"
    assert [line.text for line in drawn.thresholds] == ["treat 20.3", "very high 32.5"]
    assert [line.x for line in drawn.thresholds] == ["50.75%", "81.25%"]
    assert [line.percent for line in drawn.thresholds] == ["20.3\u00a0%", "32.5\u00a0%"]
    assert strip(OUTCOME).thresholds == ()
