"""Numbers as every door writes them, and places on a chart."""

from django.utils.safestring import SafeString

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
    """A position on a chart, as the percentage that SVG understands.

    A page has hundreds of them, and a template need not look for what to escape.
    """
    return SafeString(f"{100 * part / whole:.2f}%")
