"""When something was, by how old the person was: ages, ranges of ages, and words.

FHIR R4: onset[x] of a Condition (https://hl7.org/fhir/R4/condition.html) and performed[x] of a
Procedure are each a dateTime, an Age, a Period, a Range or a string.
"""

import re

from riskapp.exchange.fhir.dates import When, read_when
from riskapp.exchange.fhir.gathering import Gathering
from riskapp.exchange.fhir.limits import OLDEST_YEARS
from riskapp.exchange.fhir.quantities import Unusable, in_unit
from riskapp.exchange.fhir.shapes import Resource, mapping, text
from riskapp.risk.limits import ADULT_FROM_YEARS

# Words that can mean one thing only; "10 years" may be how long it is ago, and is not read.
AT_AGE = re.compile(
    r"(?:at |since )?(?:the )?age(?:d)?:?(?: of)? (\d{1,3})"
    r"|(?:at )?(\d{1,3})[ -]?(?:years?|yrs?|y)[ -](?:old|of age)",
    re.ASCII | re.IGNORECASE,
)
# As whole phrases: "playing with her children" and "after the birth of a son" are of adults.
IN_CHILDHOOD = re.compile(
    r"(?:(?:in|during|since|from) )?(?:(?:early|late) )?(?:childhood|infancy)"
    r"|as an? (?:child|infant)|(?:at|from|since) birth"
    r"|(?:in der )?(?:frühen )?kindheit|(?:im )?kindesalter|als kind"
    r"|(?:seit|bei) (?:der )?geburt|(?:dans |pendant )?l['’]enfance|(?:en )?la niñez",
    re.IGNORECASE,
)
Ages = tuple[float, float]


def at_age(gathering: Gathering, resource: Resource, name: str) -> When | None:
    """The year in which it was, of ``onset`` or ``performed``; None where that cannot be told.

    Of a range of ages the last year that it can have been, so that nothing is thought to be longer
    ago than it is; None where it may have been in childhood or after.
    """
    words = text(resource.get(f"{name}String"))
    if written := read_when(words):
        return written
    ages = _age(resource.get(f"{name}Age")) or _range(resource.get(f"{name}Range")) or _in(words)
    if ages is None or gathering.born is None:
        return None
    low, high = ages
    if not 0 <= low <= high <= OLDEST_YEARS or low < ADULT_FROM_YEARS <= high:
        return None
    born, now = gathering.born.day.first.year, gathering.today.year
    year = max(min(born + int(high), now), born + int(low))
    return read_when(f"{year:04d}")


def _age(given: object) -> Ages | None:
    try:
        years = in_unit(mapping(given), "a") if given else None
    except Unusable:
        return None
    return None if years is None else (years, years)


def _range(given: object) -> Ages | None:
    low, high = _age(mapping(given).get("low")), _age(mapping(given).get("high"))
    if high is None:
        return None
    return (low[0] if low else 0, high[0])


def _in(words: str) -> Ages | None:
    if found := AT_AGE.fullmatch(words):
        years = float(found[1] or found[2])
        return years, years
    return (0, ADULT_FROM_YEARS - 1) if IN_CHILDHOOD.fullmatch(words) else None
