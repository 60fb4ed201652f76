"""Plain mappings, from a form, a JSON body or a CSV row, into the domain."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Any

from imaging.wording import MINUS
from riskapp.exchange.wording import FIELDS
from riskapp.risk import evidence_sets
from riskapp.risk.bone_density import DxaManufacturer
from riskapp.risk.errors import InvalidProfile
from riskapp.risk.limits import CLAMPABLE_AGE_YEARS, RANGES
from riskapp.risk.profile import FACTORS, FIELD_NAMES, FractureSite, RiskProfile, Sex, Treatment
from riskapp.risk.site_columns import SiteColumn

REQUIRED = ("population", "age_years", "sex")
CHOICES: dict[str, type[StrEnum]] = {
    "sex": Sex,
    "prior_fracture_site": FractureSite,
    "dxa_manufacturer": DxaManufacturer,
    "osteoporosis_treatment": Treatment,
}
YES_OR_NO = (*FACTORS, "postmenopausal")
# Any of these says that there was a fracture; only a number can be none.
FRACTURE_DETAILS = (
    "prior_fracture_site",
    "number_of_prior_fractures",
    "prior_fracture_months_ago",
)
# The caller's own row number travels beside the answers and is not one of them.
NOT_ANSWERS = ("id",)
NAMES = frozenset((*FIELD_NAMES, *NOT_ANSWERS))
LONGEST_NUMBER = 40  # characters; more is no measurement and slow to parse
_YES = {"true", "yes", "1", "1.0"}
_NO = {"false", "no", "0", "0.0"}
# "1,234" is a thousand and more in London and little more than one in Berlin; no thousands begin
# with a zero.
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
# Stand in for required answers that cannot be read, so that the others are still checked.
_STAND_INS: dict[str, Any] = {"population": "gb", "age_years": 65.0, "sex": Sex.FEMALE}


@dataclass(frozen=True, slots=True)
class Reading:
    """A profile, and what the reader changed to make it."""

    profile: RiskProfile
    warnings: tuple[str, ...] = ()


# Said of every answer that may be left out; it ends the sentence.
OR_BLANK = ", or blank for not known"


class _Unreadable(ValueError):
    """What was wrong with one answer, as the end of a sentence."""


def read_profile(
    answers: Mapping[str, object],
    *,
    clamp_age: bool = False,
    site_columns: Sequence[SiteColumn] = (),
) -> Reading:
    """Build a profile from answers as typed, sent or tabulated.

    Every door calls this one function, so that one person cannot receive two numbers.

    Parameters
    ----------
    answers : mapping of contract field name to JSON value or text
        Blank text and None mean not known. ``id`` is ignored.
    clamp_age : bool
        Compute an age outside 40 to 90 at the nearer limit, and say so, instead of refusing it.
    site_columns : sequence of SiteColumn
        Further columns that may be among the answers.

    Raises
    ------
    InvalidProfile
        With one sentence for every field that cannot be used, unknown field names included: a
        slip in a name must not turn an answer into "not known".
    """
    of_site = {column.name for column in site_columns}
    problems = {
        str(name): f"There is no field named {str(name)[:60]!r}; see the list of fields."
        for name in answers
        if name not in NAMES and name not in of_site
    }
    values: dict[str, Any] = {}
    for name, read in READERS.items():
        given = answers.get(name)
        if given is None or blank(given):
            continue
        if isinstance(given, Decimal):  # as Parquet may hold numbers
            given = float(given)
        try:
            values[name] = read(given)
        except _Unreadable as reason:
            told = str(reason).removesuffix(OR_BLANK) if name in REQUIRED else reason
            problems[name] = f"{FIELDS[name].label} {told}."
    measured, strange = _site_values(answers, site_columns)
    problems |= strange | _required(values, problems) | _denied_but_described(values)
    warnings: tuple[str, ...] = ()
    if clamp_age and "age_years" in values:
        warnings = _clamp(values)
        problems |= _beyond_clamping(values["age_years"])
    try:
        profile = RiskProfile(**{**_STAND_INS, **values}, site_values=measured)
    except InvalidProfile as refusal:
        # An answer that could not be read is told before what its absence leaves wanting.
        problems = refusal.by_field | problems
    if problems:
        raise InvalidProfile(problems)
    return Reading(profile, warnings)


def readable(answers: Mapping[str, object]) -> dict[str, Any]:
    """The answers that can be read and are within their range, each for itself."""
    found = {}
    for name, read in READERS.items():
        given = answers.get(name)
        if blank(given):
            continue
        try:
            value = read(given)
        except _Unreadable:
            continue
        limit = RANGES.get(name)
        if limit is None or limit.low <= value <= limit.high:
            found[name] = value
    return found


def blank(given: object) -> bool:
    """Whether an answer is left out: not known."""
    return given is None or (isinstance(given, str) and not given.strip())


def _site_values(
    answers: Mapping[str, object], columns: Sequence[SiteColumn]
) -> tuple[dict[str, float], dict[str, str]]:
    """What is known of a site's own columns, and what of it cannot be used."""
    found: dict[str, float] = {}
    problems: dict[str, str] = {}
    for column in columns:
        given = answers.get(column.name)
        if blank(given):
            continue
        try:
            value = float(_yes_or_no(given)) if column.yes_no else number(given)
        except _Unreadable as reason:
            problems[column.name] = f"{column.label} {reason}."
            continue
        if not column.low <= value <= column.high:
            problems[column.name] = f"{column.label} is {value:g}; expected {column.plausible}."
        found[column.name] = value
    return found, problems


def _required(values: Mapping[str, Any], problems: Mapping[str, str]) -> dict[str, str]:
    missing = {
        name: f"{FIELDS[name].label} is needed and is never guessed."
        for name in REQUIRED
        if name not in values and name not in problems
    }
    if "population" in values:
        try:
            evidence_sets.check_population(values["population"])
        except InvalidProfile as refusal:
            missing |= refusal.by_field
    return missing


def _denied_but_described(values: Mapping[str, Any]) -> dict[str, str]:
    """A fracture that is described cannot have been answered no; one of the two is a slip."""
    described = [name for name in FRACTURE_DETAILS if name in values]
    if values.get("number_of_prior_fractures") == 0:
        described.remove("number_of_prior_fractures")
    if values.get("prior_fragility_fracture") is not False or not described:
        return {}
    told = FIELDS[described[0]].label
    return {
        "prior_fragility_fracture": f"Prior fragility fracture is answered no, but "
        f"{told[0].lower()}{told[1:]} is given; correct one of the two."
    }


def _clamp(values: dict[str, Any]) -> tuple[str, ...]:
    age, limit = values["age_years"], RANGES["age_years"]
    if limit.low <= age <= limit.high:
        return ()
    if not CLAMPABLE_AGE_YEARS.low <= age <= CLAMPABLE_AGE_YEARS.high:
        return ()
    values["age_years"] = min(max(age, limit.low), limit.high)
    return (f"Age is {age:g}; computed at {values['age_years']:g}, the nearest age covered.",)


def _beyond_clamping(age_years: float) -> dict[str, str]:
    """The range that applies to those who let ages be clamped."""
    limit = CLAMPABLE_AGE_YEARS
    if limit.low <= age_years <= limit.high:
        return {}
    return {"age_years": f"{limit.expected(age_years)}."}


def _yes_or_no(given: object) -> bool:
    if isinstance(given, bool):
        return given
    if isinstance(given, str | int | float):
        text = str(given).strip().lower()
        if text in _YES:
            return True
        if text in _NO:
            return False
    raise _Unreadable("should be true, false or blank for not known")


def number(given: object) -> float:
    """A number as JSON has it or as a person writes it; ValueError where it is none."""
    if type(given) is float and math.isfinite(given):
        return given
    problem = _Unreadable(f"should be a plain number{OR_BLANK}")
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise problem
    if isinstance(given, str):
        if len(given) > LONGEST_NUMBER or "_" in given:
            raise problem
        given = _as_english(given)
    try:
        found = float(given)
    except (ValueError, OverflowError):
        raise problem from None
    if not math.isfinite(found):
        raise problem
    return found


def _as_english(written: str) -> str:
    """A number with a printed minus sign or a decimal comma, as Python reads it."""
    text = written.strip().replace(MINUS, "-")
    if _THOUSANDS.fullmatch(text):
        raise _Unreadable("has a comma that may mean thousands; write 70.5 for seventy and a half")
    return text.replace(",", ".") if text.count(",") == 1 and "." not in text else text


def _whole(given: object) -> float | int:
    # A fraction is passed on as it is: the profile refuses it with the range beside it.
    found = number(given)
    return int(found) if found.is_integer() else found


def _choice(choices: type[StrEnum], given: object) -> StrEnum:
    text = given.strip().lower() if isinstance(given, str) else given
    for choice in choices:
        if text == choice.value:
            return choice
    raise _Unreadable(f"should be one of {', '.join(choices)}{OR_BLANK}")


def _date(given: object) -> date:
    if isinstance(given, datetime):
        return given.date()
    if isinstance(given, date):
        return given
    try:
        return date.fromisoformat(given.strip() if isinstance(given, str) else "")
    except ValueError:
        raise _Unreadable("should be a date such as 2026-01-31, or blank") from None


def _text(given: object) -> str:
    if not isinstance(given, str):
        raise _Unreadable("should be text")
    return given.strip().lower()


def _reader(name: str) -> Callable[[object], Any]:
    if name in YES_OR_NO:
        return _yes_or_no
    if name in CHOICES:
        return partial(_choice, CHOICES[name])
    if name == "dxa_date":
        return _date
    if name == "population":
        return _text
    return _whole if RANGES[name].whole else number


# What reads one field's answer, where there is one; ValueError where it cannot be read.
READERS = {name: _reader(name) for name in FIELD_NAMES}
