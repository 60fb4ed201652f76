"""Numbers as a reader sees them. Rounding happens here and nowhere before."""

from collections.abc import Sequence

MINUS, DASH, THIN = "\u2212", "\u2013", "\u202f"
# Counts below this could point at a person (a usual rule of statistical offices).
SMALL_CELL = 5


def figure(value: float | None, digits: int = 3) -> str:
    """A plain number, or a dash for what could not be computed."""
    if value is None:
        return DASH
    return f"{value:.{digits}f}".replace("-", MINUS)


def signed(value: float | None, digits: int = 3) -> str:
    """A difference with its sign."""
    if value is None:
        return DASH
    return f"{value:+.{digits}f}".replace("-", MINUS)


def p_value(value: float) -> str:
    """A P; those that three digits would show as none are said to be small."""
    return "<0.001" if value < 0.001 else figure(value)


def percent(value: float | None, digits: int = 1) -> str:
    """A fraction as a percentage."""
    return DASH if value is None else f"{100 * value:.{digits}f}\u00a0%".replace("-", MINUS)


def count(value: int | str | None) -> str:
    """A count; those that were hidden are texts already."""
    if value is None:
        return DASH
    return value if isinstance(value, str) else f"{value:,}"


def interval(bounds: Sequence[float | None] | None, digits: int = 3) -> str:
    """Lower to upper."""
    if bounds is None or any(bound is None for bound in bounds):
        return DASH
    return " to ".join(figure(bound, digits) for bound in bounds)


def with_interval(
    value: float | None, bounds: Sequence[float | None] | None, digits: int = 3
) -> str:
    """A number with its interval in brackets."""
    if value is None:
        return DASH
    if bounds is None or any(bound is None for bound in bounds):
        return figure(value, digits)
    return f"{figure(value, digits)} ({interval(bounds, digits)})"


def hidden(number: int) -> int | str:
    """The count, or "<5" where it could point at a person."""
    return number if number == 0 or number >= SMALL_CELL else f"<{SMALL_CELL}"
