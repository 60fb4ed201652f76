"""Numbers as every door writes them."""

import pytest

from riskapp.exchange.numbers import percent_range, percentage


def test_what_is_small_is_not_written_as_nothing() -> None:
    assert percent_range((0.0004, 0.02)) == "under 0.1 to 2.0\u00a0%"
    assert percent_range((0.0005, 0.02)) == "0.1 to 2.0\u00a0%"
    assert percent_range((0.0, 0.02)) == "0.0 to 2.0\u00a0%"


@pytest.mark.parametrize(
    ("probability", "told"),
    [(0.0, "0.0"), (1e-9, "under 0.1"), (0.00049, "under 0.1"), (0.00051, "0.1"), (0.2163, "21.6")],
)
def test_small_is_not_nothing(probability: float, told: str) -> None:
    assert percentage(probability) == told
