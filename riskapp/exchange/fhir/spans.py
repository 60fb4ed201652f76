"""Dates of FHIR as spans of time: a year is all of it, a moment hardly any."""

import re
from datetime import UTC, date, datetime, time, timedelta

# https://hl7.org/fhir/R4/datatypes.html#dateTime: to the year, month, day, or to the second with
# an offset. In a search the minute suffices, and the offset may be missing.
DATE_TIME = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T\d\d:\d\d(:\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?)?)?"
)
Span = tuple[datetime, datetime]
SHORTEST = timedelta(microseconds=1)


def span_of(written: str, *, searched: bool = False) -> Span | None:
    """From and until what a date says, in UTC; None where it is no date of FHIR.

    Parameters
    ----------
    searched : bool
        As search parameters may be written, without seconds or an offset.
    """
    found = DATE_TIME.fullmatch(written)
    if found is None:
        return None
    year, month, day, seconds, offset = found.groups()
    if "T" in written and not searched and not (seconds and offset):
        return None
    try:
        if "T" in written:
            return _moment(written, seconds)
        return _days(int(year), int(month) if month else None, int(day) if day else None)
    except (ValueError, OverflowError):
        return None


def _moment(written: str, seconds: str | None) -> Span:
    at = datetime.fromisoformat(written)
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    if seconds is None:
        return at, at + timedelta(minutes=1)
    return at, at + (SHORTEST if "." in seconds else timedelta(seconds=1))


def _days(year: int, month: int | None, day: int | None) -> Span:
    # A month or a day of nought is no date, and none at all is all of them.
    first = date(year, 1 if month is None else month, 1 if day is None else day)
    if day:
        after = first + timedelta(days=1)
    elif month:
        after = date(year + month // 12, month % 12 + 1, 1)
    else:
        after = date(year + 1, 1, 1)
    return _midnight(first), _midnight(after)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
