"""Who is registered already and may be the person who is to be registered: alike in name and birth.

Two records of one person each lack what the other holds; one record of two persons mixes them up.
Which it is only people can tell, so that those who are alike are shown before a record is made.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from difflib import SequenceMatcher

from django.contrib.auth.models import User

from riskapp.actions.errors import Refused
from riskapp.actions.finding import everyone
from riskapp.models import Patient
from riskapp.models.search_word import born_on, words

# So many at most are opened and compared, of those born that day first; and so many shown.
MOST_COMPARED, MOST_SHOWN = 500, 5
# Of letters that two names share in order; one letter of ten is a slip of typing.
SAME_LETTERS = 0.85
SENTENCE = "Somebody of nearly this name and birth date is registered already."


class Alike(Refused):
    """People who may be the same; ``found`` says who, without what their records hold."""

    def __init__(self, found: Iterable[Patient]) -> None:
        super().__init__({"name": SENTENCE})
        self.found = tuple(found)


def alike(*, by: User, name: str, date_of_birth: date) -> list[Patient]:
    """Patients of the user's organisation, restricted ones too, who may be this person.

    Of the same birth date: whose names are nearly the same, in any order of their words, or one
    of which lacks words of the other. Of a birth date in which one digit, or day and month, are
    exchanged: whose names have the same words.
    """
    told = words(name)
    same = everyone(by=by).filter(born_on(date_of_birth))[:MOST_COMPARED]
    near = everyone(by=by).filter(born_on(*slips_of(date_of_birth)))[:MOST_COMPARED]
    found = [one for one in same if _nearly(told, words(one.name))]
    found += [one for one in near if sorted(told) == sorted(words(one.name))]
    return found[:MOST_SHOWN]


def slips_of(day: date) -> list[date]:
    """Days that differ from this one by a slip of typing: one digit, or day and month."""
    digits = f"{day:%Y%m%d}"
    written = {digits[:4] + digits[6:] + digits[4:6]}
    for at, digit in enumerate(digits):
        written |= {
            digits[:at] + other + digits[at + 1 :] for other in "0123456789" if other != digit
        }
    return sorted({one for text in written for one in _day(text)} - {day})


def _day(text: str) -> Iterator[date]:
    try:
        yield date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return


def _nearly(one: list[str], other: list[str]) -> bool:
    if not one or not other:
        return False
    if min(len(one), len(other)) > 1 and (set(one) <= set(other) or set(other) <= set(one)):
        return True
    pair = (" ".join(sorted(one)), " ".join(sorted(other)))
    return SequenceMatcher(None, *pair, autojunk=False).ratio() >= SAME_LETTERS
