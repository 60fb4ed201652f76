"""One engine's answer about one person, stored or fresh, as the writers take it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from riskapp.exchange.fhir.writing.codes import Json

EVIDENCE = "evidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """What is told of an assessment.

    Attributes
    ----------
    id : str
        UUID of the assessment; every resource made of it has an id made of this one.
    at : datetime
        When it was answered, with its offset.
    estimate : mapping
        One ``Estimate`` of the contract, as ``assessment_json`` writes it.
    profile : mapping
        Known fields by contract name.
    provenance : mapping of field to text
        ``typed``, ``record``, ``scan <id> version <n>``, ``imported <id>``; of a fresh answer
        ``imported``.
    chosen : sequence of mapping
        ``field``, ``value``, ``unit``, ``resource``, ``effective``, ``code``, ``words`` of what
        resources of another system gave.
    passed_over : sequence of mapping
        ``resource``, ``field``, ``why``.
    measurements : sequence of mapping
        Of scans, as an assessment keeps them.
    warnings : sequence of str
        About the whole; the estimate has its own.
    paragraph : str
        The answer in words; blank where there is none.
    subject : dict
        Reference to the person.
    author : str
        Who asked: a clinician's or a program's account.
    is_stored : bool
        Whether the assessment can be read here later. References to resources of another system
        can be followed only by who asks now.
    """

    id: str
    at: datetime
    estimate: Mapping[str, Any]
    profile: Mapping[str, Any]
    software_version: str
    subject: Json
    author: str
    is_stored: bool
    provenance: Mapping[str, str] = field(default_factory=dict)
    chosen: Sequence[Mapping[str, Any]] = ()
    passed_over: Sequence[Mapping[str, Any]] = ()
    measurements: Sequence[Mapping[str, Any]] = ()
    warnings: Sequence[str] = ()
    paragraph: str = ""

    @property
    def engine(self) -> str:
        return str(self.estimate["engine"])

    @property
    def risk_assessment_id(self) -> str:
        """The assessment's own for published epidemiology, which always answers."""
        return self.id if self.engine == EVIDENCE else f"{self.id}.{self.engine}"

    @property
    def day(self) -> date:
        return self.at.date()

    def chosen_for(self, name: str) -> Mapping[str, Any] | None:
        return next((one for one in self.chosen if one["field"] == name), None)

    def measured_for(self, name: str) -> Mapping[str, Any] | None:
        """The scan's measurement that gave a field."""
        for one in self.measurements:
            if one["used"] and name in one["fields"]:
                return {**one["used"], "slot": one["slot"]}
        return None
