"""A FHIR R4 bulk export (NDJSON, in a folder or zip) as histories of people."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Any, TextIO
from zipfile import BadZipFile, ZipFile
from zlib import error as ZlibError

from riskapp.cohorts.follow_up import UnreadableCohort
from riskapp.cohorts.history import ENCOUNTER, History, Person, day_of
from riskapp.cohorts.limits import (
    LARGEST_EXPORT_BYTES,
    LONGEST_LINE,
    SMALL_ENOUGH_BYTES,
    TIGHTEST_PACKED,
)
from riskapp.exchange.clinical_codes import CodeTable, Meaning, normal_system

# Resources that say so are about nobody, or about what was not so.
NOT_SO = {
    "entered-in-error",
    "cancelled",
    "refuted",
    "not-taken",
    "not-done",
    "draft",
    "registered",
}
Resource = Mapping[str, Any]


def is_export(path: Path) -> bool:
    """Whether a folder or zip holds NDJSON."""
    if path.is_dir():
        return any(path.glob("*.ndjson"))
    return path.suffix.lower() == ".zip"


def read_export(path: Path, codes: CodeTable, units: Mapping[str, str]) -> History:
    """Read Patient, Observation, Condition, Procedure, medication and family resources.

    Raises
    ------
    UnreadableCohort
        If the export cannot be opened, a line is no JSON, or nobody is in it.
    """
    history = History(units=units)
    medicines: dict[str, list[tuple[str, str]]] = {}
    for resource in _resources(path, ("Patient", "Medication")):
        kind, own_id = resource.get("resourceType"), str(resource.get("id", ""))
        if kind == "Patient" and own_id:
            history.people[own_id] = _person(resource)
        elif kind == "Medication":
            medicines[own_id] = _codings(resource.get("code"))
    if not history.people:
        raise UnreadableCohort(f"{path.name} holds no Patient.")
    for resource in _resources(path, None):
        _add(history, resource, codes, medicines)
    return history


def _resources(path: Path, kinds: tuple[str, ...] | None) -> Iterator[Resource]:
    """Resources of these kinds, or all others but Patient and Medication."""
    for name, lines in _files(path):
        for number, line in enumerate(lines, 1):
            if len(line) > LONGEST_LINE:
                raise UnreadableCohort(f"Line {number} of {name} is too long for a resource.")
            if not line.strip():
                continue
            try:
                resource = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise UnreadableCohort(f"Line {number} of {name} is no JSON.") from error
            if not isinstance(resource, dict):
                raise UnreadableCohort(f"Line {number} of {name} is no FHIR resource.")
            first = resource.get("resourceType") in ("Patient", "Medication")
            if first == (kinds is not None):
                yield resource


def _files(path: Path) -> Iterator[tuple[str, Iterator[str]]]:
    if path.is_dir():
        for file in sorted(path.glob("*.ndjson")):
            with _told(file.name), file.open(encoding="utf-8-sig") as source:
                yield file.name, _bounded(source, file.name)
        return
    with _told(path.name), ZipFile(path) as archive:
        members = [each for each in archive.infolist() if each.filename.endswith(".ndjson")]
        if sum(each.file_size for each in members) > LARGEST_EXPORT_BYTES:
            raise UnreadableCohort(f"{path.name} unpacks to more than is read here.")
        for each in members:
            tightest = max(SMALL_ENOUGH_BYTES, TIGHTEST_PACKED * each.compress_size)
            if each.file_size > tightest:
                raise UnreadableCohort(
                    f"A file in {path.name} is packed too tightly to hold records; "
                    "send the export unpacked."
                )
        for member in sorted(members, key=lambda each: each.filename):
            with archive.open(member) as raw:
                yield member.filename, _bounded(TextIOWrapper(raw, encoding="utf-8-sig"), path.name)


def _bounded(source: TextIO, name: str) -> Iterator[str]:
    """Lines, none of them read beyond the limit by more than a character."""
    while True:
        with _told(name):
            line = source.readline(LONGEST_LINE + 1)
        if not line:
            return
        yield line


@contextmanager
def _told(name: str) -> Iterator[None]:
    try:
        yield
    except (OSError, BadZipFile, UnicodeDecodeError, EOFError, RuntimeError, ZlibError) as error:
        raise UnreadableCohort(f"{name} cannot be read as a FHIR export in UTF-8.") from error


def _person(resource: Resource) -> Person:
    sex = resource.get("gender")
    died = _to_the_month(resource.get("deceasedDateTime"))
    undated = "deceasedDateTime" in resource or resource.get("deceasedBoolean") is True
    return Person(
        sex=sex if sex in ("female", "male") else None,
        born=_birthday(resource.get("birthDate")),
        died=died,
        died_undated=died is None and undated,
    )


def _birthday(written: object) -> float | None:
    """A birthday of which only the year or month is told is taken as at its middle."""
    if isinstance(written, str) and len(written) == len("2026"):
        return day_of(f"{written}-07-01")
    return _to_the_month(written)


def _to_the_month(written: object) -> float | None:
    """A day of which only the month is told is taken as its middle."""
    if isinstance(written, str) and len(written) == len("2026-01"):
        return day_of(f"{written}-15")
    return day_of(written)


def _add(
    history: History,
    resource: Resource,
    codes: CodeTable,
    medicines: Mapping[str, list[tuple[str, str]]],
) -> None:
    kind = resource.get("resourceType")
    if _says_not_so(resource):
        history.not_used["marked as an error, refuted or not done"] += 1
        return
    who = _reference(resource.get("subject") or resource.get("patient"), "Patient")
    if kind == "Observation":
        _observation(history, who, resource, codes)
    elif kind in ("Condition", "Procedure"):
        day, known = _when(resource, ("onset", "performed")), _day(resource, "recordedDate")
        meant = _meanings(codes, _codings(resource.get("code")))
        history.add(who, meant, known if day is None else day, known=known)
    elif kind in ("MedicationStatement", "MedicationRequest", "MedicationAdministration"):
        coded = _codings(resource.get("medicationCodeableConcept"))
        coded += medicines.get(_reference(resource.get("medicationReference"), "Medication"), [])
        asserted = _day(resource, "dateAsserted")
        day = _when(resource, ("effective", "authoredOn"))
        history.add(who, _meanings(codes, coded), day, known=asserted)
    elif kind == "FamilyMemberHistory":
        _family(history, who, resource, codes)
    elif kind == "Encounter":
        history.add(who, {Meaning(ENCOUNTER)}, _when(resource, ("period",)))


def _says_not_so(resource: Resource) -> bool:
    told = {str(resource.get("status"))}
    told |= {code for _, code in _codings(resource.get("verificationStatus"))}
    return bool(told & NOT_SO)


def _observation(history: History, who: str, resource: Resource, codes: CodeTable) -> None:
    sites = [
        f"{normal_system(system)}|{code}" for system, code in _codings(resource.get("bodySite"))
    ]
    day = _when(resource, ("effective",))
    for part in (resource, *_listed(resource.get("component"))):
        meant = _meanings(codes, _codings(part.get("code")), sites)
        if not meant:
            continue
        answers = _meanings(codes, _codings(part.get("valueCodeableConcept")))
        if answers or "valueCodeableConcept" in part:
            history.add(who, _answered(meant, answers), day)
            continue
        if "valueBoolean" in part:
            said = part["valueBoolean"] is True
            history.add(who, {each._replace(answer=said) for each in meant}, day)
            continue
        quantity = part.get("valueQuantity")
        quantity = quantity if isinstance(quantity, dict) else {}
        value = quantity.get("value")
        if quantity.get("comparator") or isinstance(value, bool | str):
            value = None
        # An answer that is neither coded nor a number says nothing of a yes/no question.
        numeric = {each for each in meant if each.name in history.units}
        history.add(
            who, numeric, day, value=value, unit=quantity.get("code") or quantity.get("unit")
        )


def _answered(meant: set[Meaning], answers: set[Meaning]) -> set[Meaning]:
    """What coded answers say of what was asked; a plain yes or no says it of everything."""
    wanted = {each.name for each in meant}
    plain = {each.answer for each in answers if each.name == "answer"}
    own = {each for each in answers if each.name in wanted}
    return own | {each._replace(answer=said) for each in meant for said in plain}


def _family(history: History, who: str, resource: Resource, codes: CodeTable) -> None:
    relation = _meanings(codes, _codings(resource.get("relationship")))
    if not any(each.name == "parent" for each in relation):
        return
    for condition in _listed(resource.get("condition")):
        meant = _meanings(codes, _codings(condition.get("code")))
        if any(each.name == "hip_fracture" for each in meant):
            history.add(who, {Meaning("parent_hip_fracture")}, _day(resource, "date"))


def _meanings(
    codes: CodeTable, codings: list[tuple[str, str]], sites: list[str] | None = None
) -> set[Meaning]:
    return {
        meaning for system, code in codings for meaning in codes.meanings(system, code, sites or ())
    }


def _codings(concept: Any) -> list[tuple[str, str]]:
    """System and code of a CodeableConcept, or of a list of them."""
    found: list[tuple[str, str]] = []
    for each in concept if isinstance(concept, list) else [concept]:
        for coding in _listed(each.get("coding")) if isinstance(each, dict) else ():
            found.append((str(coding.get("system", "")), str(coding.get("code", ""))))
    return found


def _listed(given: Any) -> list[dict[str, Any]]:
    return [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []


def _reference(given: Any, kind: str) -> str:
    written = given.get("reference") if isinstance(given, dict) else None
    if not isinstance(written, str):
        return ""
    return written.rpartition(f"{kind}/")[2].partition("/")[0].removeprefix("urn:uuid:")


def _day(resource: Resource, name: str) -> float | None:
    return day_of(resource.get(name))


def _when(resource: Resource, names: tuple[str, ...]) -> float | None:
    """The first of dateTime, start of a period, or plain date that is there, to the day."""
    for name in names:
        period = resource.get(f"{name}Period", resource.get(name))
        started = period.get("start") if isinstance(period, dict) else period
        day = _day(resource, f"{name}DateTime")
        day = day_of(started) if day is None else day
        if day is not None:
            return day
    return None
