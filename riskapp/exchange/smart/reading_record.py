"""The whole of what a record holds of one patient that an assessment can use."""

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

import requests

from riskapp.exchange.connection_ehr import EhrConnection
from riskapp.exchange.smart.asking import LIMITS, Limits, json_of, session_to
from riskapp.exchange.smart.errors import LaunchProblem, NoAnswer, NotAllowedThere, TokenEnded
from riskapp.exchange.smart.scopes import allows

Resource = Mapping[str, Any]
PAGE = 100
EVERYTHING = "Patient-everything"
# Codes of issues by which a record says that what it tells is not all (FHIR R4, issue-type).
GAPS = frozenset({"suppressed", "incomplete", "too-costly", "timeout", "throttled"})
# Where $everything is not offered. Observations by category, as some records refuse to list all;
# the last search finds density by code (LOINC), whatever category a department files it under.
SEARCHES: tuple[tuple[str, str], ...] = (
    ("Observation", "category=vital-signs"),
    ("Observation", "category=social-history"),
    ("Observation", "category=survey"),
    ("Observation", "category=imaging"),
    (
        "Observation",
        "code=http://loinc.org|24701-5,http://loinc.org|38263-0,http://loinc.org|38261-4,"
        "http://loinc.org|38264-8,http://loinc.org|24966-4,http://loinc.org|38267-1",
    ),
    ("Condition", ""),
    ("MedicationRequest", ""),
    ("MedicationStatement", ""),
    ("FamilyMemberHistory", ""),
    ("Procedure", ""),
)


@dataclass
class PatientRecord:
    """Resources, each once, and sentences about what could not be read."""

    patient: Resource
    resources: list[Resource] = field(default_factory=list)
    not_read: list[str] = field(default_factory=list)


def read_patient_record(
    ehr: EhrConnection,
    token: str,
    patient: str,
    granted: tuple[str, ...],
    *,
    renews: bool = False,
    limits: Limits = LIMITS,
) -> PatientRecord:
    """Fetch the patient, and what is about them, several searches at a time.

    Raises
    ------
    TokenEnded
        If the record stops taking the token and the caller ``renews`` it to read once more.
    LaunchProblem
        If not even the patient can be read. Of everything else what is missing is said.
    """
    session = session_to(ehr.origins, token)
    reading = _Reading(ehr, session, time.monotonic() + limits.record_s, limits, renews)
    there = reading.one(f"Patient/{patient}")
    if there.get("resourceType") != "Patient" or there.get("id") != patient:
        raise LaunchProblem("The record answered with another patient than the one that is open.")
    record = PatientRecord(there)
    found = _everything(reading, patient) if _offers_everything(reading) else None
    if found is None:
        found = _searched(reading, patient, granted, record)
    seen = {("Patient", patient)}
    for resource in found:
        key = (str(resource.get("resourceType")), str(resource.get("id")))
        if key not in seen and len(record.resources) < limits.resources:
            seen.add(key)
            record.resources.append(resource)
    return record


@dataclass(frozen=True)
class _Reading:
    ehr: EhrConnection
    session: requests.Session
    until: float
    limits: Limits
    renews: bool

    def one(self, path: str) -> dict[str, Any]:
        return json_of(self.session, f"{self.ehr.base}/{path}")

    def pages(self, path: str) -> Iterator[Resource]:
        """Resources of a search with all its pages.

        Raises
        ------
        LaunchProblem
            If a page cannot be had in time, or there are too many.
        """
        address = f"{self.ehr.base}/{path}"
        for _ in range(self.limits.pages):
            if time.monotonic() > self.until:
                raise NoAnswer("The record was too slow.")
            bundle = json_of(self.session, address)
            yield from _resources(bundle)
            if _tells_of_gaps(bundle):
                raise NoAnswer("The record says that it left something out.")
            following = _next(bundle)
            if not following:
                return
            address = self._whole(address, following)
        raise NoAnswer("There was more than can be read.")

    def _whole(self, page: str, link: str) -> str:
        """A link as a browser reads it; one that starts with a type stands below the base."""
        return urljoin(page if link.startswith(("?", "/")) else f"{self.ehr.base}/", link)


def _offers_everything(reading: _Reading) -> bool:
    try:
        told = reading.one("metadata")
    except LaunchProblem:
        return False
    return any(
        str(operation.get("definition", "")).rpartition("/")[2] == EVERYTHING
        or operation.get("name") == "everything"
        for rest in _rows(told.get("rest"))
        for kind in _rows(rest.get("resource"))
        if kind.get("type") == "Patient"
        for operation in _rows(kind.get("operation"))
    )


def _everything(reading: _Reading, patient: str) -> list[Resource] | None:
    """All by one operation; None where the record announces it and does not do it."""
    try:
        return list(reading.pages(f"Patient/{patient}/$everything?_count={PAGE}"))
    except LaunchProblem as reason:
        if reading.renews and isinstance(reason, TokenEnded):
            raise
        return None


def _searched(
    reading: _Reading, patient: str, granted: tuple[str, ...], record: PatientRecord
) -> list[Resource]:
    wanted = [(kind, query) for kind, query in SEARCHES if allows(granted, kind, "r")]

    def search(asked: tuple[str, str]) -> tuple[list[Resource], str]:
        kind, query = asked
        path = f"{kind}?patient={patient}&_count={PAGE}{'&' if query else ''}{query}"
        return _as_far_as_it_goes(reading, path, kind)

    with ThreadPoolExecutor(reading.limits.at_once) as together:
        told = list(together.map(search, wanted))
    record.not_read += list(dict.fromkeys(sentence for _, sentence in told if sentence))
    return [resource for resources, _ in told for resource in resources]


def _as_far_as_it_goes(reading: _Reading, path: str, kind: str) -> tuple[list[Resource], str]:
    found: list[Resource] = []
    try:
        for resource in reading.pages(path):
            found.append(resource)
    except NotAllowedThere as refusal:
        if reading.renews and isinstance(refusal, TokenEnded):
            raise
        return found, f"The record does not let Trabecula read {kind}."
    except LaunchProblem as reason:
        return found, f"{kind} was not read, or not all of it: {reason}"
    return found, ""


def _resources(bundle: Mapping[str, Any]) -> Iterator[Resource]:
    for entry in _rows(bundle.get("entry")):
        resource = entry.get("resource")
        if isinstance(resource, dict) and isinstance(resource.get("resourceType"), str):
            if resource["resourceType"] != "OperationOutcome":
                yield resource


def _tells_of_gaps(bundle: Resource) -> bool:
    """Whether an OperationOutcome among the entries says that not all is told."""
    return any(
        issue.get("severity") in ("fatal", "error") or issue.get("code") in GAPS
        for entry in _rows(bundle.get("entry"))
        if _table(entry.get("resource")).get("resourceType") == "OperationOutcome"
        for issue in _rows(_table(entry.get("resource")).get("issue"))
    )


def _next(bundle: Mapping[str, Any]) -> str:
    """The next page; its origin is checked where it is asked."""
    found = (one.get("url") for one in _rows(bundle.get("link")) if one.get("relation") == "next")
    return next((url for url in found if isinstance(url, str)), "")


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _rows(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
