"""A study that has arrived, as a page shows it."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from riskapp.actions.whose_arrival import differences
from riskapp.models import Arrival, Patient

DIFFERS, AGREES = "another {}", "nothing that the files say differs"


@dataclass(frozen=True, slots=True)
class ArrivalView:
    """What a study says of itself; blank where it says nothing.

    Attributes
    ----------
    holds : str
        Kinds and numbers of its objects, such as ``CT × 120``.
    source : str
        The name of who sent it.
    """

    arrival: Arrival
    name: str
    holds: str
    day: date | None
    source: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A patient whom it could be filed under, and what the files say otherwise."""

    patient: Patient
    differs: str


def arrival_view(arrival: Arrival) -> ArrivalView:
    kinds = Counter(file.modality or "?" for file in arrival.files.all())
    family, *given = arrival.name.split("=")[0].split("^")[:3]
    return ArrivalView(
        arrival=arrival,
        name=" ".join(part for part in (*given, family) if part),
        holds=", ".join(f"{kind} × {count}" for kind, count in sorted(kinds.items())),
        day=_day(arrival.study_day),
        source=arrival.source.partition(":")[2] or arrival.source,
    )


def candidate(arrival: Arrival, patient: Patient) -> Candidate:
    different = differences(arrival, patient)
    words = [DIFFERS.format(one) for one in different]
    if arrival.identifier and arrival.identifier.casefold() != patient.record_number.casefold():
        words.append(DIFFERS.format("record number"))
    return Candidate(patient, ", ".join(words) or AGREES)


def _day(text: str) -> date | None:
    """Read YYYYMMDD (PS3.5 section 6.2); anything else is not told."""
    if not (len(text) == 8 and text.isascii() and text.isdigit()):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
