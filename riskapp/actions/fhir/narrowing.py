"""Which patients a search can find at all, by keyed hashes, so that few names are decrypted."""

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Q

from riskapp.actions.fhir.query import Moment, Query, Token
from riskapp.actions.finding import numbered
from riskapp.models import search_word

# Parameters that only a decrypted row can answer; the others are columns.
OPENS = frozenset({"identifier", "name", "date"})
ONE_DAY = timedelta(days=1)


def opens(query: Query) -> bool:
    """Whether rows have to be decrypted to tell if they answer."""
    return any(name in OPENS for name, _ in query.asked)


def finds_few(query: Query) -> bool:
    """Whether the words of names and birth dates find all who can answer.

    A number is found within the organisation, by an index of both.
    """
    return any(
        name in ("name", "date") and all(_condition(name, one) is not None for one in values)
        for name, values in query.asked
    )


def narrowed(query: Query) -> Q:
    """A condition that every patient meets who answers; more may meet it."""
    condition = Q()
    for name, values in query.asked:
        parts = [_condition(name, one) for one in values]
        if all(part is not None for part in parts):
            condition &= _any_of([part for part in parts if part is not None])
    return condition


def _any_of(parts: Sequence[Q]) -> Q:
    found = Q(pk__in=[])
    for part in parts:
        found |= part
    return found


def _condition(name: str, value: Token | Moment | str) -> Q | None:
    """What one value leaves; None where nothing can be said of it without decrypting."""
    if isinstance(value, Token):
        if value.code is None:
            return None
        return {"identifier": numbered(value.code), "gender": Q(sex=value.code)}.get(name)
    if isinstance(value, Moment):
        return _born(value) if name == "date" else None
    return search_word.named(value)


def _born(moment: Moment) -> Q | None:
    """Of a day, a month or a year; hashes know no before and after."""
    start, end = moment.span
    if moment.prefix != "eq":
        return None
    written = start.date().isoformat()
    if end - start == ONE_DAY:
        return search_word.born_on(written)
    is_month = start.day == 1 and timedelta(days=27) < end - start < timedelta(days=32)
    is_year = (start.month, start.day) == (1, 1) and end - start > timedelta(days=364)
    length = 7 if is_month else 4 if is_year else 0
    return search_word.born_on(written[:length]) if length else None
