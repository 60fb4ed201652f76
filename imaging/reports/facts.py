"""What a report says beside its numbers: scanner, date, reference; by lists of known words only.

Nothing is kept that is not on a list here, so no name on a page can pass.
"""

import re
from collections.abc import Mapping
from datetime import date

from imaging.reports.printed import Facts

# Makers by the words that they print; first match wins.
MANUFACTURERS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"hologic|horizon\s+[acw]i?\b|discovery\s+[acw]i?\b|\bqdr", re.I), "hologic"),
    (re.compile(r"lunar|encore|prodigy|\bidxa\b|\bdpx\b", re.I), "ge_lunar"),
    (re.compile(r"norland|\bxr-?(?:46|600|800)\b", re.I), "norland"),
    (re.compile(r"osteosys|\bdexxum\b|\bprimus\b", re.I), "osteosys"),
    (re.compile(r"stratos|\bdms\b|medilink|osteocore", re.I), "dms"),
    (re.compile(r"fujifilm|\bfdx\b", re.I), "fujifilm"),
    # Where the name was not read: headings that only this maker's pages have.
    (re.compile(r"dxa results summary|total bmd cv|\bd0\s*=\s*\d", re.I), "hologic"),
    (
        re.compile(r"densitometry:\s*usa|68% of repeat scans|image not for diagnosis\b", re.I),
        "ge_lunar",
    ),
)
MODELS = re.compile(
    r"\b(horizon\s+(?:[acw]i?|dxl)|discovery\s+(?:[acw]i?|sl)|delphi(?:\s+[acw])?|"
    r"explorer|qdr[\s-]?\d{4}|lunar\s+idxa|lunar\s+prodigy(?:\s+(?:advance|primo|pro))?|"
    r"prodigy(?:\s+(?:advance|primo|pro))?|idxa|lunar\s+dpx[\w-]*|dpx[\w-]*|"
    r"xr-?(?:46|600|800)|dexxum\s*\w?|primus|stratos(?:\s+dr)?|medix\s*\w*)\b",
    re.IGNORECASE,
)
# The reference that T-scores are taken from. The ISCD advises women of NHANES III for the hip
# of both sexes; where the page does not say whose it is, T-scores are not judged by it.
FEMALE_NHANES = re.compile(
    r"nhanes[\s\S]{0,120}?\bfemale|female[\s\S]{0,60}?nhanes|t-?score vs\.? white female", re.I
)
MALE = re.compile(r"nhanes[\s\S]{0,120}?\bmale\b|\bmale\s+reference|vs\.? \w+ male\b", re.I)
PARTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("spine", re.compile(r"\b(?:ap|pa|lumbar)[\s-]*(?:lumbar\s+)?spine|\bl-?spine\b", re.I)),
    ("hip", re.compile(r"\bhips?\b|\bfemur\b|dual\s?femur|femoral|proximal femur", re.I)),
    ("forearm", re.compile(r"forearm|\bradius\b", re.I)),
    ("whole_body", re.compile(r"whole\s?body|total\s?body", re.I)),
)
# Lateral spine scans have regions of the same names and no place in diagnosis (ISCD).
LATERAL_SPINE = re.compile(r"\blateral\s+(?:lumbar\s+)?spine\b", re.I)
LEFT = re.compile(r"\b(?:left|lt|l)\.?\s*(?:hip|femur|forearm|femoral|proximal femur)\b", re.I)
RIGHT = re.compile(r"\b(?:right|rt|r)\.?\s*(?:hip|femur|forearm|femoral|proximal femur)\b", re.I)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# Dates of the scan stand behind these words; one of birth never does.
DATED = (
    r"(?:scan date|exam date|study date|date of (?:exam|scan|study)|"
    r"measured(?: date)?|scanned)"
)
BEFORE_DATE = DATED + r"\s*(?:on)?\s*[:.]?\s*"
NAMED_MONTH = re.compile(
    BEFORE_DATE + r"(?:(?P<day1>\d{1,2})\s+)?(?P<month>[a-z]{3})[a-z]*\.?\s+"
    r"(?:(?P<day2>\d{1,2})\s*[.,]?\s+)?(?P<year>(?:19|20)\d\d)",
    re.I,
)
FIGURES = re.compile(
    BEFORE_DATE + r"(?:[^\n\d]{0,60}\n[^\n\d]{0,20})?"
    r"(?P<a>\d{1,4})[./-](?P<b>\d{1,2})[./-](?P<c>\d{2,4})",
    re.I,
)


def manufacturer_in(text: str) -> str | None:
    """Name who made the scanner, where the words tell."""
    return next((maker for pattern, maker in MANUFACTURERS if pattern.search(text)), None)


def part_in(text: str) -> str | None:
    """Say what the page is about; None where it names several parts or none."""
    found = [part for part, pattern in PARTS if pattern.search(text)]
    return found[0] if len(found) == 1 else None


def facts_in(text: str) -> Facts:
    """Collect what a page says about its scanner, date and reference."""
    model = MODELS.search(text)
    left, right = bool(LEFT.search(text)), bool(RIGHT.search(text))
    return Facts(
        manufacturer=manufacturer_in(text),
        model=" ".join(model.group().split()) if model else None,
        measured_on=date_in(text),
        reference=_reference(text),
        side=("left" if left else "right") if left != right else None,
    )


def joined(first: Facts, second: Facts) -> Facts:
    """Put two pages together; where they differ neither is believed."""

    def one(of: str) -> object:
        a, b = getattr(first, of), getattr(second, of)
        return (a if b is None or a == b else None) if a is not None else b

    return Facts(**{name: one(name) for name in Facts.__dataclass_fields__})  # type: ignore[arg-type]


def facts_of_tags(values: Mapping[str, str]) -> Facts:
    """Take the same facts from DICOM attributes, of which dates are whole: YYYYMMDD."""
    words = f"{values.get('Manufacturer', '')} {values.get('ManufacturerModelName', '')}"
    named = facts_in(words)
    days = (values.get(name, "") for name in ("AcquisitionDate", "StudyDate", "ContentDate"))
    return Facts(
        manufacturer=named.manufacturer,
        model=named.model,
        measured_on=next((day for day in map(date_of_tag, days) if day), None),
    )


def date_of_tag(text: str) -> date | None:
    """Read a DICOM date."""
    if not re.fullmatch(r"(?:19|20)\d{6}", text):
        return None
    return _date(int(text[:4]), int(text[4:6]), int(text[6:]))


def date_in(text: str) -> date | None:
    """Find the day of the scan; None where the text does not say, or not without doubt.

    03/04/2020 is two days, according to the country: it is read only where one of them is over 12.
    """
    days = {day for found in NAMED_MONTH.finditer(text) if (day := _named(found))}
    days |= {day for found in FIGURES.finditer(text) if (day := _figures(found))}
    return days.pop() if len(days) == 1 else None


def _named(found: re.Match[str]) -> date | None:
    name = found["month"].lower()
    day = found["day1"] or found["day2"]
    if name not in MONTHS or day is None:
        return None
    return _date(int(found["year"]), MONTHS.index(name) + 1, int(day))


def _figures(found: re.Match[str]) -> date | None:
    a, b, c = found["a"], found["b"], found["c"]
    if len(a) == 4:
        return _date(int(a), int(b), int(c))
    if len(c) != 4 or (int(a) <= 12 and int(b) <= 12 and a != b):
        return None
    month, day = (int(b), int(a)) if int(a) > 12 else (int(a), int(b))
    return _date(int(c), month, day)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if 1985 <= year <= 2100 else None  # DXA was introduced in 1987


def _reference(text: str) -> str | None:
    if MALE.search(text):
        return "male"
    return "nhanes_female" if FEMALE_NHANES.search(text) else None
