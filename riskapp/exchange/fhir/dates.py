"""When something was: FHIR's dateTime, instant, Period and Timing, to the day."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

from riskapp.exchange.fhir.shapes import Resource, mapping, mappings
from riskapp.exchange.partial_date import PartialDate, Precision, read_partial_date

# FHIR R4, dateTime and instant (https://hl7.org/fhir/R4/datatypes.html#dateTime).
_TIMED = re.compile(
    r"(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII
)
AVERAGE_MONTH_DAYS = 365.25 / 12


@dataclass(frozen=True, slots=True)
class When:
    """A moment as it is written.

    Attributes
    ----------
    day : PartialDate
        Where it was written, not where we are.
    moment : datetime or None
        In UTC, where a time with its zone is told.
    """

    day: PartialDate
    moment: datetime | None = None

    def __str__(self) -> str:
        return str(self.day)

    @property
    def order(self) -> tuple[date, datetime]:
        """To sort by: the day in UTC, then the time."""
        if self.moment is not None:
            return self.moment.date(), self.moment
        first = self.day.first
        return first, datetime(first.year, first.month, first.day, tzinfo=UTC)

    def is_after(self, today: date) -> bool:
        """Whether it lies in the future wherever one looks from."""
        days = [self.day.first] + ([self.moment.date()] if self.moment else [])
        return min(days) > today

    @property
    def is_exact(self) -> bool:
        return self.day.precision == Precision.DAY

    def months_until(self, today: date) -> float:
        """Months that have passed; of a month or year from its middle."""
        first, last = self.day.first, self.day.last
        middle = date.fromordinal((first.toordinal() + last.toordinal()) // 2)
        exact = self.day.months_until(today)
        if exact is not None:
            return max(exact, 0)
        return max(round((today - middle).days / AVERAGE_MONTH_DAYS), 0)


def read_when(written: object) -> When | None:
    """A dateTime, date or instant; None where it is none."""
    if not isinstance(written, str) or len(written) > 40:
        return None
    timed = _TIMED.fullmatch(written.strip())
    try:
        if timed is None:
            return When(read_partial_date(written))
        day = read_partial_date(timed[1])
        moment = datetime.fromisoformat(written.strip())
        return When(day, moment.astimezone(UTC) if moment.tzinfo else None)
    except (ValueError, OverflowError):
        return None


def effective(resource: Resource, *names: str) -> When | None:
    """The first of these elements that tells a moment; of a period its end, else its start.

    Parameters
    ----------
    names : str
        Elements without their type, such as ``effective`` for effectiveDateTime.
    """
    for name in names:
        for kind in ("DateTime", "Instant", "", "Date"):
            found = read_when(resource.get(f"{name}{kind}"))
            if found is not None:
                return found
        for period in (resource.get(f"{name}Period"), resource.get(name)):
            start, end = period_of(period)
            if end or start:
                return end or start
        events = mapping(resource.get(f"{name}Timing")).get("event")
        told = [read_when(each) for each in events] if isinstance(events, list) else []
        known = [each for each in told if each is not None]
        if known:
            return max(known, key=lambda each: each.order)
    return None


def period_of(given: object) -> tuple[When | None, When | None]:
    """Start and end of a Period."""
    period = mapping(given)
    return read_when(period.get("start")), read_when(period.get("end"))


def latest(*given: When | None) -> When | None:
    known = [each for each in given if each is not None]
    return max(known, key=lambda each: each.order, default=None)


def updated(resource: Resource) -> When | None:
    """When the resource itself was last written."""
    for meta in mappings(resource.get("meta")):
        return read_when(meta.get("lastUpdated"))
    return None
