"""Parts that resources are made of."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from html import escape
from typing import Any
from uuid import UUID, uuid5

from riskapp.exchange.fhir.writing.codes import HOME, UCUM, Json
from riskapp.exchange.fhir.writing.extensions import EXTENSIONS

# Makes ids from names: what says the same has the same id wherever it is written.
OUR_IDS = UUID("6f0d4c2e-9a7b-5c1d-8e3f-2b4a6c8d0e1f")


def reference(kind: str, id: str, display: str = "") -> Json:
    """Point to a resource of ours."""
    return {"reference": f"{kind}/{id}"} | ({"display": display} if display else {})


def quantity(value: float, ucum: str, unit: str = "") -> Json:
    return {"value": value, "unit": unit or ucum, "system": UCUM, "code": ucum}


def percent(probability: float) -> float:
    """A probability as the percentage that FHIR wants, by moving the decimal point alone."""
    written = repr(float(probability))
    if "e" in written:
        return float(Decimal(written) * 100)
    return float(f"{written}e2")


def percent_range(interval: Sequence[float]) -> Json:
    low, high = (quantity(percent(end), "%") for end in interval)
    return {"low": low, "high": high}


def extension(name: str, **value: Any) -> Json:
    """One value under a name of ours, as ``extension("field", valueCode="sex")``."""
    if name not in EXTENSIONS:
        raise KeyError(name)
    return {"url": f"{HOME}/StructureDefinition/{name}", **value}


def nested(name: str, **parts: Mapping[str, Any] | None) -> Json:
    """Several values under one name of ours; a part that is None is left out."""
    inner = [{"url": part, **value} for part, value in parts.items() if value is not None]
    return extension(name, extension=inner)


def instant(moment: datetime) -> str:
    """A moment to the second, with its offset."""
    return moment.isoformat(timespec="seconds")


def years_later(day: date, years: int) -> date:
    """The same day of a later year; the 28th where February has no 29th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def narrative(*paragraphs: str) -> Json:
    """The text of a resource for people who read nothing else of it."""
    told = "".join(f"<p>{escape(_plain(one), quote=False)}</p>" for one in paragraphs if one)
    return {
        "status": "generated",
        "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{told}</div>',
    }


def said(text: str) -> str:
    """Text as a FHIR string has it: something, and no control characters but line ends."""
    return _plain(text).strip() or "-"


def deterministic_id(*names: str) -> str:
    return str(uuid5(OUR_IDS, "|".join(names)))


def _plain(text: str) -> str:
    # Most texts are plain but for blanks that do not break, and thousands are written on a page.
    if (
        text.isprintable()
        or text.replace("\u00a0", "").replace("\n", "").replace("\t", "").isprintable()
    ):
        return text
    odd = {one for one in set(text) if not one.isprintable() and one not in "\n\t\u00a0"}
    return text.translate(dict.fromkeys(map(ord, odd), " ")) if odd else text
