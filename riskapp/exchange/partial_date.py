"""A date that may be known to the day, the month or the year only, written as ISO 8601 has it."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

WRITTEN = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
HOW_TO_WRITE = "is a day, a month or a year, such as 2024-09-20, 2024-09 or 2024."


class Precision(StrEnum):
    """How closely a date is known."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class PartialDate:
    """The first day that a date can mean, and how closely it is known."""

    first: date
    precision: Precision

    def __str__(self) -> str:
        lengths = {Precision.DAY: 10, Precision.MONTH: 7, Precision.YEAR: 4}
        return self.first.isoformat()[: lengths[self.precision]]

    @property
    def last(self) -> date:
        """The last day that it can mean."""
        if self.precision == Precision.DAY:
            return self.first
        month = self.first.month if self.precision == Precision.MONTH else 12
        return date(self.first.year, month, monthrange(self.first.year, month)[1])

    def months_until(self, day: date) -> int | None:
        """Months that have passed on ``day``; None where only the year is known.

        Completed ones from a day; from a month the difference of the months, which is as close
        as it can be told.
        """
        if self.precision == Precision.YEAR:
            return None
        months = 12 * (day.year - self.first.year) + day.month - self.first.month
        is_short = self.precision == Precision.DAY and day.day < self.first.day
        return months - is_short


def read_partial_date(text: str) -> PartialDate:
    """Read ``2024-09-20``, ``2024-09`` or ``2024``.

    Raises
    ------
    ValueError
        If it is none of them, or no day of the calendar.
    """
    written = WRITTEN.fullmatch(text.strip())
    if written is None:
        raise ValueError(HOW_TO_WRITE)
    year, month, day = written.groups()
    try:
        first = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        raise ValueError("is no day of the calendar.") from None
    precision = Precision.DAY if day else Precision.MONTH if month else Precision.YEAR
    return PartialDate(first, precision)
