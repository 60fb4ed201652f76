"""Resources put together: in a bundle, or one within another."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from riskapp.exchange.fhir.writing.codes import Json
from riskapp.exchange.fhir.writing.elements import deterministic_id, instant

# A resource holds no part of itself, so that nothing has to be looked for.
SORTED = json.JSONEncoder(sort_keys=True, check_circular=False)


def name_of(resource: Mapping[str, Any]) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def versioned(resource: Json) -> Json:
    """With a version made of what it says, so that whatever changes it changes the version."""
    meta = {name: value for name, value in resource.get("meta", {}).items() if name != "versionId"}
    told = SORTED.encode(resource | {"meta": meta}).encode()
    version = hashlib.sha256(told).hexdigest()[:16]
    first = {"resourceType": resource["resourceType"], "id": resource["id"]}
    return {**first, "meta": {"versionId": version, **meta}, **_without(resource, "meta")}


def collection(resources: Sequence[Json], at: datetime) -> Json:
    """Resources that are nowhere stored, each under a name of its own that refers to no server."""
    urns = {
        name_of(one): f"urn:uuid:{deterministic_id('fresh', name_of(one))}" for one in resources
    }
    return {
        "resourceType": "Bundle",
        "id": deterministic_id("bundle", *urns),
        "type": "collection",
        "timestamp": instant(at),
        "entry": [
            {"fullUrl": urns[name_of(one)], "resource": _pointing(one, urns)} for one in resources
        ],
    }


def stored_collection(resources: Sequence[Json], at: datetime, base: str) -> Json:
    """Resources that can be read at their addresses."""
    return {
        "resourceType": "Bundle",
        "id": deterministic_id("bundle", *map(name_of, resources)),
        "type": "collection",
        "timestamp": instant(at),
        "entry": [{"fullUrl": f"{base}/{name_of(one)}", "resource": one} for one in resources],
    }


def containing(resource: Json, others: Iterable[Json]) -> Json:
    """One resource with others inside it, as it would have to stand alone."""
    inner = {name_of(one): one for one in others}
    inside = {name: f"#{one['id']}" for name, one in inner.items()}
    bare = [_without(one, "meta", "text") for one in inner.values()]
    made: Json = _pointing(resource, inside)
    return made | {"contained": [*made.get("contained", []), *bare]}


def searchset(
    found: Sequence[Json],
    *,
    base: str,
    total: int | None,
    links: Mapping[str, str],
    at: datetime,
    remarks: Json | None = None,
    included: Sequence[Json] = (),
) -> Json:
    """One page of what a search found; ``remarks`` is an OperationOutcome about the search."""
    entries = [_found(one, base, "match") for one in found]
    entries += [_found(one, base, "include") for one in included]
    if remarks is not None:
        entries.append({"resource": remarks, "search": {"mode": "outcome"}})
    made: Json = {
        "resourceType": "Bundle",
        "type": "searchset",
        "timestamp": instant(at),
        "link": [{"relation": name, "url": url} for name, url in links.items()],
    }
    if total is not None:
        made["total"] = total
    return made | ({"entry": entries} if entries else {})


def _found(one: Json, base: str, mode: str) -> Json:
    return {"fullUrl": f"{base}/{name_of(one)}", "resource": one, "search": {"mode": mode}}


def _pointing(value: Any, names: Mapping[str, str]) -> Any:
    """The same with each reference and address of one of these resources replaced."""
    if isinstance(value, list):
        return [_pointing(one, names) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: names.get(one, one)
        if key in ("reference", "url") and isinstance(one, str)
        else _pointing(one, names)
        for key, one in value.items()
    }


def _without(resource: Mapping[str, Any], *names: str) -> Json:
    return {key: value for key, value in resource.items() if key not in names}
