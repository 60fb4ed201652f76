"""What the made-up hospital holds: FHIR R4 resources in memory, gone when it stops."""

import json
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

Resource = dict[str, Any]
# Of every resource type here, the reference that says whose it is.
OF_PATIENT = ("subject", "patient")


class NotThere(Exception):
    """No such resource."""


class Unusable(Exception):
    """What was sent cannot be taken, with a sentence."""


class Hospital:
    """Resources by type and id. Every method may be called from any thread."""

    def __init__(self, bundles: Iterable[Mapping[str, Any]]) -> None:
        self._lock = threading.RLock()
        self._held: dict[tuple[str, str], Resource] = {}
        for bundle in bundles:
            for entry in bundle["entry"]:
                resource = deepcopy(dict(entry["resource"]))
                self._held[resource["resourceType"], resource["id"]] = resource

    @classmethod
    def from_folder(cls, folder: Path) -> "Hospital":
        """Read every ``*.json`` of a folder, each one Bundle."""
        files = sorted(folder.glob("*.json"))
        return cls(json.loads(file.read_text(encoding="utf-8")) for file in files)

    def read(self, kind: str, id: str) -> Resource:
        with self._lock:
            try:
                return deepcopy(self._held[kind, id])
            except KeyError:
                raise NotThere(f"{kind}/{id}") from None

    def search(self, kind: str, wanted: Iterable[tuple[str, str]]) -> list[Resource]:
        """Resources that meet every parameter; one that is not in ``MATCHERS`` is passed over."""
        asked = [(MATCHERS[name], value) for name, value in wanted if name in MATCHERS]
        with self._lock:
            return [
                deepcopy(one)
                for (held_kind, _), one in self._held.items()
                if held_kind == kind and all(match(one, value) for match, value in asked)
            ]

    def all(self) -> list[Resource]:
        with self._lock:
            return [deepcopy(one) for one in self._held.values()]

    def everything(self, patient_id: str) -> list[Resource]:
        """The patient and all that is about them."""
        with self._lock:
            patient = self.read("Patient", patient_id)
            return [patient, *(one for one in self._about(patient_id))]

    def create(self, resource: Mapping[str, Any], if_none_exist: str = "") -> tuple[Resource, bool]:
        """Store under an id of the hospital's own; with whether that was needed.

        Raises
        ------
        Unusable
            If it has no type, or more than one resource meets ``if_none_exist``.
        """
        kind = resource.get("resourceType")
        if not isinstance(kind, str):
            raise Unusable("A resource says its resourceType.")
        with self._lock:
            if if_none_exist:
                there = self.search(kind, parse_qsl(if_none_exist))
                if len(there) > 1:
                    raise Unusable("More than one resource meets If-None-Exist.")
                if there:
                    return there[0], False
            kept = deepcopy(dict(resource)) | {"id": uuid.uuid4().hex}
            self._held[kind, kept["id"]] = kept
            return deepcopy(kept), True

    def transact(self, bundle: Mapping[str, Any]) -> list[tuple[Resource, bool]]:
        """Create all entries or none; references to a ``fullUrl`` among them become real ones."""
        entries = bundle.get("entry", [])
        if any(entry.get("request", {}).get("method") != "POST" for entry in entries):
            raise Unusable("This hospital takes transactions of POST entries only.")
        with self._lock:
            before = dict(self._held)
            try:
                made = [
                    self.create(entry["resource"], entry["request"].get("ifNoneExist", ""))
                    for entry in entries
                ]
            except (Unusable, KeyError) as wrong:
                self._held = before
                raise Unusable(str(wrong)) from wrong
            places = {
                entry["fullUrl"]: f"{one['resourceType']}/{one['id']}"
                for entry, (one, _) in zip(entries, made, strict=True)
                if "fullUrl" in entry
            }
            for one, _ in made:
                key = (one["resourceType"], one["id"])
                self._held[key] = _with_places(self._held[key], places)
            return [(self.read(one["resourceType"], one["id"]), new) for one, new in made]

    def _about(self, patient_id: str) -> Iterator[Resource]:
        for one in self._held.values():
            if patient_of(one) == patient_id and one["resourceType"] != "Patient":
                yield deepcopy(one)


def patient_of(resource: Mapping[str, Any]) -> str:
    """Id of the patient that a resource is about, blank where it is about none."""
    if resource["resourceType"] == "Patient":
        return str(resource.get("id", ""))
    for name in OF_PATIENT:
        kind, _, id = resource.get(name, {}).get("reference", "").rpartition("/")
        if kind.endswith("Patient"):
            return str(id)
    return ""


def _codings(concepts: Any) -> Iterator[Mapping[str, Any]]:
    for concept in concepts if isinstance(concepts, list) else [concepts or {}]:
        yield from concept.get("coding", [])


def _is_token(value: str, pairs: Iterable[tuple[str, str]]) -> bool:
    """Whether one of ``system|code, code, …`` is among the pairs of system and code."""
    there = set(pairs)
    for wanted in value.split(","):
        system, bar, code = wanted.rpartition("|")
        if any(one == code and (not bar or of == system) for of, one in there):
            return True
    return False


def _coded(name: str) -> Callable[[Resource, str], bool]:
    def match(resource: Resource, value: str) -> bool:
        pairs = (
            (one.get("system", ""), one.get("code", "")) for one in _codings(resource.get(name))
        )
        return _is_token(value, pairs)

    return match


def _has_identifier(resource: Resource, value: str) -> bool:
    held = resource.get("identifier", [])
    all_held = held if isinstance(held, list) else [held]
    return _is_token(value, ((one.get("system", ""), one.get("value", "")) for one in all_held))


def _is_of(resource: Resource, value: str) -> bool:
    return patient_of(resource) == value.rpartition("/")[2]


MATCHERS: dict[str, Callable[[Resource, str], bool]] = {
    "_id": lambda resource, value: resource["id"] in value.split(","),
    "patient": _is_of,
    "subject": _is_of,
    "code": _coded("code"),
    "category": _coded("category"),
    "identifier": _has_identifier,
    "status": lambda resource, value: resource.get("status") in value.split(","),
}


def _with_places(value: Any, places: Mapping[str, str]) -> Any:
    """A copy in which each reference to a full URL is one to what was stored."""
    if isinstance(value, dict):
        return {
            key: places.get(one, one)
            if key == "reference" and isinstance(one, str)
            else _with_places(one, places)
            for key, one in value.items()
        }
    if isinstance(value, list):
        return [_with_places(one, places) for one in value]
    return value
