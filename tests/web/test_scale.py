"""Positions on a scale: what lies beyond it is drawn at its end."""

import pytest

from riskapp.web.presenters.scale import Scale

SCALE = Scale(0.0, 50.0, 10.0)


@pytest.mark.parametrize(
    ("low", "high", "start", "width"),
    [
        (10.0, 20.0, "20.00%", "20.00%"),
        (40.0, 50.0, "80.00%", "20.00%"),
        (40.0, 60.0, "80.00%", "20.00%"),
        (52.0, 60.0, "100.00%", "0.00%"),
        (-2.0, -1.0, "0.00%", "0.00%"),
    ],
)
def test_an_interval_beyond_the_scale_ends_with_it(
    low: float, high: float, start: str, width: str
) -> None:
    assert (SCALE.at(low), SCALE.width(low, high)) == (start, width)
