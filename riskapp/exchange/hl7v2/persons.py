"""Whom a message is about (PID), in the words that a patient is registered with."""

import re
from dataclasses import dataclass
from datetime import date

from riskapp.exchange.hl7v2.errors import DATA_TYPE, MISSING, MessageRefused
from riskapp.exchange.hl7v2.message import Message, Segment, Value, day_of

# HL7 table 0001; others (ambiguous, other, not applicable, unknown) are no sex at birth.
SEXES = {"F": "female", "M": "male"}


@dataclass(frozen=True, slots=True)
class Person:
    """What is told; None where it is not, which leaves a registered patient as it is."""

    record_number: str
    name: str | None
    date_of_birth: date | None
    sex: str | None


def read_person(message: Message, authority: str, identifier_type: str) -> Person:
    """Read PID.

    Parameters
    ----------
    authority, identifier_type : str
        Which of the repetitions of PID-3 is the site's record number: its assigning authority
        (PID-3.4, name or universal id) and its type (PID-3.5); blank does not ask.

    Raises
    ------
    MessageRefused
        If PID, or the record number, is missing or told twice: the message may be about two.
    """
    segment = message.only("PID")
    numbers = {
        one.text(1)
        for one in segment.repetitions(3)
        if one.text(1) and _is_ours(one, authority, identifier_type)
    }
    if not numbers:
        raise MessageRefused("PID-3 has no record number of this site.", MISSING, "PID-3")
    if len(numbers) > 1:
        raise MessageRefused("PID-3 has several record numbers of this site.", DATA_TYPE, "PID-3")
    return Person(
        record_number=numbers.pop(),
        name=_name(segment),
        date_of_birth=_day(segment.text(7)),
        sex=SEXES.get(segment.text(8).upper()),
    )


def _is_ours(value: Value, authority: str, identifier_type: str) -> bool:
    named = {value.text(4, 1), value.text(4, 2)}
    kind = value.text(5)
    return (not authority or authority in named) and (
        not identifier_type or not kind or kind == identifier_type
    )


def _name(segment: Segment) -> str | None:
    """The legal name (XPN.7 L), else the first one: given names, then the family's."""
    names = segment.repetitions(5)
    if not names:
        return None
    name = next((one for one in names if one.text(7) == "L"), names[0])
    parts = (name.text(2), name.text(3), name.text(1))
    return " ".join(" ".join(parts).split()) or None


def _day(text: str) -> date | None:
    """A day that is told to the day; a year or a month alone is not known closely enough."""
    if not text:
        return None
    if re.fullmatch(r"\d{4}(\d\d)?", text, re.ASCII):
        return None
    try:
        return day_of(text)
    except ValueError:
        raise MessageRefused("PID-7 is no day (YYYYMMDD).", DATA_TYPE, "PID-7") from None
