"""How numbers are written: rounded here and nowhere earlier."""

from collections.abc import Sequence

from imaging.wording import MINUS, decimals_of, rounded

NO_BREAK_SPACE = "\u00a0"  # a unit stays beside its number
UCUM = {"HU": "[hnsf'U]", "g/cm²": "g/cm2", "mg/cm³": "mg/cm3", "kg/m²": "kg/m2"}
# Of what no precision is known for: as on a scan's page.
DIGITS, DIGITS_OF_A_SCORE = 4, 3


def plain(value: float, decimals: int = 1) -> str:
    """A number with a real minus sign; what rounds to nothing carries no sign."""
    return rounded(value, decimals)


def quantity(value: float, unit: str) -> str:
    """``82.5`` as ``83 HU``, ``0.5725`` as ``0.573 g/cm²``: a measured or typed value."""
    number = quantity_without_unit(value, unit)
    return f"{number}{NO_BREAK_SPACE}{unit}" if unit else number


def quantity_without_unit(value: float, unit: str) -> str:
    decimals = decimals_of("", UCUM.get(unit, unit), abs(value))
    if decimals is None:
        return short(value, DIGITS if unit else DIGITS_OF_A_SCORE)
    return plain(value, decimals)


def short(value: float, digits: int = 6) -> str:
    """As few digits as say the same, for what people typed or a table holds."""
    return f"{value:.{digits}g}".replace("-", MINUS)


def signed(value: float, decimals: int = 1) -> str:
    """A change: always with its sign, so that colour never has to say it."""
    text = plain(value, decimals)
    return f"+{text}" if value > 0 and float(text) != 0 else text


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
