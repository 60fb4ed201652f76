"""What a hospital's record tells of one person, and what of it was not used."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple


class UnreadableRecord(ValueError):
    """Why a record cannot be read at all, as one sentence."""


class Identifier(NamedTuple):
    """One of a person's numbers; ``type`` is the code of its kind, such as MR."""

    system: str
    value: str
    type: str


@dataclass(frozen=True, slots=True)
class FhirPerson:
    """Who the record is about.

    Attributes
    ----------
    birth_date : date or None
        Of a birthday known to the month or year only, the middle of it.
    born : str
        The date of birth as closely as it is told, ISO 8601.
    sex : str or None
        At birth where that is told: female, male, or None where it is not known.
    """

    id: str
    name: str
    birth_date: date | None
    sex: str | None
    identifiers: tuple[Identifier, ...] = ()
    born: str = ""

    def number(self, *, system: str = "", type: str = "MR") -> str:
        """The person's number of this system; without one, of this type; blank where none is."""
        for one in self.identifiers:
            if one.system == system if system else one.type == type:
                return one.value
        return ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A value that answers a field of the contract, and where it stands in the record.

    Attributes
    ----------
    unit : str
        UCUM, the contract's; blank for what has none.
    resource : str
        ``Observation/123``, or its fullUrl where it has no id.
    effective : str
        ISO 8601, as closely as it is told; blank where it is not.
    code : str
        ``system|code`` that it was recognised by.
    words : str
        As the record has it, and what was assumed.
    """

    field: str
    value: Any
    unit: str
    resource: str
    effective: str
    code: str
    words: str


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A resource, or a part of one, that answers nothing, and why."""

    resource: str
    field: str
    why: str


@dataclass(frozen=True, slots=True)
class FhirRecord:
    """A record in the contract's fields and units."""

    person: FhirPerson | None
    answers: Mapping[str, Any] = field(default_factory=dict)
    chosen: tuple[Chosen, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()
