"""Numbers as every door writes them, and places on a chart."""

from riskapp.exchange.numbers import (
    percent,
    percent_range,
    percentage,
    percentage_range,
    plain,
    quantity,
    short,
    signed,
)

__all__ = [
    "percent",
    "percent_range",
    "percentage",
    "percentage_range",
    "plain",
    "quantity",
    "share",
    "short",
    "signed",
]


def share(part: float, whole: float) -> str:
    """A position on a chart, as the percentage that SVG understands."""
    return f"{100 * part / whole:.2f}%"
