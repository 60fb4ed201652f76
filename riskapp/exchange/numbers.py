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
    """``0.2163`` as ``21.6``, without the unit; small is not nothing."""
    text = plain(100 * probability)
    return "under 0.1" if probability > 0 and float(text) == 0 else text


def percent(probability: float) -> str:
    """``0.2163`` as ``21.6 %``; the space does not break."""
    return f"{percentage(probability)}{NO_BREAK_SPACE}%"


def percent_range(interval: Sequence[float] | None) -> str | None:
    """``(0.174, 0.266)`` as ``17.4 to 26.6 %``; None stays None."""
    return None if interval is None else f"{percentage_range(interval)}{NO_BREAK_SPACE}%"


def percentage_range(interval: Sequence[float]) -> str:
    """``(0.174, 0.266)`` as ``17.4 to 26.6``, without the unit; once where both read alike."""
    return " to ".join(dict.fromkeys(percentage(end) for end in interval))
