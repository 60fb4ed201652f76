"""A stored assessment as ORU^R01 (version 2.5.1): one OBX for each outcome, and the report."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from riskapp.exchange.hl7v2.acknowledging import OURS
from riskapp.exchange.hl7v2.message import Signs

VERSION = "2.5.1"
SCHEME = "99TRABECULA"
# No standard code means a probability by this method: LOINC's 90264-3 and its like are FRAX's.
CODES = {
    "major_osteoporotic": ("major_osteoporotic_10y", "10-year major osteoporotic fracture risk"),
    "hip": ("hip_10y", "10-year hip fracture risk"),
}
SIGNS = Signs()


@dataclass(frozen=True, slots=True)
class Result:
    """What is told of one assessment.

    Attributes
    ----------
    id : str
        Of the assessment; it is the filler's order number.
    outcomes : mapping
        Of the evidence's estimate, as stored: ``probability_10y`` and ``interval_95``, fractions.
    words : sequence of str
        Paragraphs for people.
    report : bytes or None
        PDF.
    """

    id: str
    at: datetime
    record_number: str
    name: str
    date_of_birth: date
    sex: str
    outcomes: Mapping[str, Mapping[str, Any]]
    method: str
    words: Sequence[str]
    report: bytes | None = None


@dataclass(frozen=True, slots=True)
class Receiver:
    """MSH-5, MSH-6 and the assigning authority of the record number."""

    application: str = ""
    facility: str = ""
    authority: str = ""


def oru(result: Result, to: Receiver, control_id: str) -> bytes:
    """The message, the same each time it is made, in UTF-8."""
    at = result.at.strftime("%Y%m%d%H%M%S%z")
    lines = [
        ["MSH", "^~\\&", OURS, "", _e(to.application), _e(to.facility), at, "", "ORU^R01^ORU_R01",
         control_id, "P", VERSION, "", "", "", "", "", "UNICODE UTF-8"],
        ["PID", "1", "", f"{_e(result.record_number)}^^^{_e(to.authority)}^MR", "",
         _name(result.name), "", result.date_of_birth.strftime("%Y%m%d"),
         "F" if result.sex == "female" else "M"],
        ["OBR", "1", "", f"{result.id}^{OURS}", f"fracture_risk^Fracture risk^{SCHEME}",
         "", "", at, *[""] * 14, at, "", "", "F"],
        *(["OBX", str(number), *fields, *_when(at)]
          for number, fields in enumerate(_observations(result), 1)),
    ]  # fmt: skip
    return "".join("|".join(line).rstrip("|") + "\r" for line in lines).encode()


def _observations(result: Result) -> Iterable[list[str]]:
    for outcome, (code, words) in CODES.items():
        told = result.outcomes.get(outcome)
        if told is None:
            continue
        interval = told.get("interval_95")
        span = f"{_percent(interval[0])}-{_percent(interval[1])}" if interval else ""
        value = _percent(told["probability_10y"])
        yield ["NM", f"{code}^{words}^{SCHEME}", "", value, "%^percent^UCUM"]
        if span:
            means = f"{code}_interval_95^95 % interval: {words}^{SCHEME}"
            yield ["ST", means, "", span, "%^percent^UCUM"]
    yield ["ST", f"method^Method^{SCHEME}", "", _e(result.method), ""]
    for words in result.words:
        if words:
            yield ["FT", f"narrative^In words^{SCHEME}", "", _e(words), ""]
    if result.report is not None:
        encoded = base64.b64encode(result.report).decode()
        yield ["ED", f"report^Report^{SCHEME}", "", f"{OURS}^AP^PDF^Base64^{encoded}", ""]


def _when(at: str) -> list[str]:
    """OBX-7 to OBX-14: no reference range, no flags, final, on this day."""
    return ["", "", "", "", "F", "", "", at]


def _percent(fraction: float) -> str:
    """Per cent with one digit, as on pages."""
    return f"{100 * fraction:.1f}"


def _name(name: str) -> str:
    """Names are kept as they are written; what is the family's is not known, and is not guessed."""
    return f"{_e(name)}^^^^^^D"


def _e(text: str) -> str:
    return SIGNS.escaped(text)
