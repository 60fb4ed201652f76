"""What the lists share: tabs with counts, links that keep the other choices, times in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

DAYS_OF_A_WEEK, DAYS_OF_A_MONTH, DAYS_OF_A_YEAR = 7, 30.4375, 365.25
WEEKS_FROM_DAYS, MONTHS_FROM_WEEKS, YEARS_FROM_MONTHS = 14, 12, 24


@dataclass(frozen=True, slots=True)
class Tab:
    """One way to cut a list; ``href`` keeps what else was chosen."""

    label: str
    count: int
    href: str
    is_current: bool


def link(asked: Mapping[str, str], **changes: str) -> str:
    """The query of a list with some choices changed; blanks are left out."""
    chosen = {name: text for name, text in {**asked, **changes}.items() if text}
    return f"?{urlencode(chosen)}"


def days_in_words(days: int) -> str:
    """A length of time, as exactly as it matters."""
    if days < WEEKS_FROM_DAYS:
        return _counted(days, "day")
    if days < MONTHS_FROM_WEEKS * DAYS_OF_A_WEEK:
        return _counted(days // DAYS_OF_A_WEEK, "week")
    months = int(days / DAYS_OF_A_MONTH)
    if months < YEARS_FROM_MONTHS:
        return _counted(months, "month")
    return _counted(int(days / DAYS_OF_A_YEAR), "year")


def waited_in_words(since: date, today: date) -> str:
    """How long ago it began."""
    days = (today - since).days
    return days_in_words(days) if days > 0 else "today"


def due_in_words(due_on: date, today: date) -> str:
    """How far off a day is, or how long past."""
    days = (due_on - today).days
    if days == 0:
        return "due today"
    return f"due in {days_in_words(days)}" if days > 0 else f"{days_in_words(-days)} overdue"


def _counted(count: int, unit: str) -> str:
    return f"{count}\u00a0{unit}{'' if count == 1 else 's'}"
