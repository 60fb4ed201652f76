"""How numbers are written: rounded here and nowhere earlier."""

from collections.abc import Sequence

from riskapp.exchange.wording import MINUS, NO_BREAK_SPACE


def plain(value: float, decimals: int = 1) -> str:
    """A number with a real minus sign; what rounds to nothing carries no sign."""
    text = f"{abs(value):.{decimals}f}"
    return MINUS + text if value < 0 and float(text) != 0 else text


def short(value: float, digits: int = 6) -> str:
    """As few digits as say the same, for what people typed or a table holds."""
    return f"{value:.{digits}g}".replace("-", MINUS)


def signed(value: float, decimals: int = 1) -> str:
    """A change: always with its sign, so that colour never has to say it."""
    text = f"{abs(value):.{decimals}f}"
    if float(text) == 0:
        return text
    return ("+" if value > 0 else MINUS) + text


def percentage(probability: float) -> str:
    """``0.2163`` as ``21.6``, without the unit."""
    return plain(100 * probability)


def percent(probability: float) -> str:
    """``0.2163`` as ``21.6 %``; the space does not break."""
    return f"{percentage(probability)}{NO_BREAK_SPACE}%"


def percent_range(interval: Sequence[float] | None) -> str | None:
    """``(0.174, 0.266)`` as ``17.4 to 26.6 %``; None stays None, small is not nothing."""
    if interval is None:
        return None
    lower, upper = interval
    first = percentage(lower)
    if lower > 0 and float(first) == 0:
        first = "under 0.1"
    return f"{first} to {percent(upper)}"


def share(part: float, whole: float) -> str:
    """A position on a chart, as the percentage that SVG understands."""
    return f"{100 * part / whole:.2f}%"
