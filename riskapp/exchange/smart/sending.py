"""Results written to a record: together where it takes transactions, else one after the other."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests

from riskapp.exchange.connection_ehr import EhrConnection
from riskapp.exchange.fhir.writing import codes
from riskapp.exchange.fhir.writing.bundle import collection
from riskapp.exchange.smart.asking import FHIR_JSON, answered, json_of, read_object, session_to
from riskapp.exchange.smart.errors import LaunchProblem, NoAnswer, NotAllowedThere

Resource = dict[str, Any]
# What may pass by itself: conflicts of the moment, too many questions, a server in trouble.
LATER = frozenset({408, 409, 423, 425, 429})


class RefusedThere(LaunchProblem):
    """The record will not take this, however often it is sent."""


def takes(ehr: EhrConnection, token: str) -> tuple[bool, frozenset[str]]:
    """Whether a record takes transactions, and which types it lets be created.

    Raises
    ------
    NoAnswer
    """
    told = json_of(session_to(ehr.origins, token), f"{ehr.base}/metadata")
    rest = [one for one in _rows(told.get("rest")) if one.get("mode", "server") == "server"]
    together = any(
        one.get("code") == "transaction" for side in rest for one in _rows(side.get("interaction"))
    )
    kinds = {
        str(kind.get("type"))
        for side in rest
        for kind in _rows(side.get("resource"))
        if any(one.get("code") == "create" for one in _rows(kind.get("interaction")))
    }
    return together, frozenset(kinds)


def send(
    ehr: EhrConnection,
    token: str,
    resources: Sequence[Resource],
    *,
    at: datetime,
    together: bool,
) -> list[str]:
    """Create each resource there unless it is there already; where each stands (``Type/id``).

    Each is found again by its identifier (If-None-Exist), so that what was taken without our
    hearing of it is not written twice.

    Raises
    ------
    NoAnswer
        If it is not known whether all was taken: send the same again.
    NotAllowedThere
        If the token is not taken.
    RefusedThere
        If the record refuses what was sent.
    """
    identified = [_identified(one) for one in resources]
    entries = [_entry(each) for each in collection(identified, at)["entry"]]
    session = session_to(ehr.origins, token)
    session.headers["Content-Type"] = FHIR_JSON
    if together:
        return _at_once(session, ehr, entries)
    return _one_by_one(session, ehr, entries)


def _at_once(
    session: requests.Session, ehr: EhrConnection, entries: Sequence[Resource]
) -> list[str]:
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}
    told = read_object(_taken(answered(session, "POST", ehr.base, json=bundle)).content)
    replies = [one.get("response", {}) for one in _rows(told.get("entry"))]
    if len(replies) != len(entries):
        raise NoAnswer("The record did not confirm everything that was sent.")
    if not all(str(one.get("status", "")).startswith("2") for one in replies):
        raise RefusedThere("The record refused a part of what was sent.")
    return [_place(str(one.get("location", ""))) for one in replies]


def _one_by_one(
    session: requests.Session, ehr: EhrConnection, entries: Sequence[Resource]
) -> list[str]:
    """What others refer to goes first, as its place has to be known."""
    places: dict[str, str] = {}
    waiting = list(entries)
    while waiting:
        names = {one["fullUrl"] for one in waiting}
        ready = [one for one in waiting if not names & _referred(one["resource"])]
        for one in ready or waiting[:1]:
            places[one["fullUrl"]] = _created(session, ehr, one, places)
            waiting.remove(one)
    return [places[one["fullUrl"]] for one in entries]


def _created(
    session: requests.Session, ehr: EhrConnection, entry: Resource, places: Mapping[str, str]
) -> str:
    resource, condition = entry["resource"], entry["request"]["ifNoneExist"]
    kind = resource["resourceType"]
    address = f"{ehr.base}/{kind}"
    answer = _taken(
        answered(
            session,
            "POST",
            address,
            json=_replaced(resource, places),
            headers={"If-None-Exist": condition},
        )
    )
    place = _place(answer.headers.get("Location", ""))
    if place:
        return place
    # It was there already, or the record does not say where it put it.
    found = json_of(session, f"{address}?{condition}")
    for one in _rows(found.get("entry")):
        return f"{kind}/{one.get('resource', {}).get('id', '')}"
    raise NoAnswer("The record did not confirm what was sent.")


def _taken(answer: requests.Response) -> requests.Response:
    status = answer.status_code
    if status == 401:
        raise NotAllowedThere("The record no longer takes the token.")
    if status in LATER or status >= 500:
        raise NoAnswer(f"The record answered {status}.")
    if not 200 <= status < 300:
        raise RefusedThere(f"The record refused it ({status}).")
    return answer


def _identified(resource: Resource) -> Resource:
    """With an identifier of its own where its writer gave it none."""
    if resource.get("identifier"):
        return resource
    own = {"system": f"{codes.HOME}/resource", "value": resource["id"]}
    return resource | {"identifier": [own]}


def _entry(entry: Resource) -> Resource:
    resource = {name: one for name, one in entry["resource"].items() if name not in ("id", "meta")}
    own = resource["identifier"][0]
    return {
        "fullUrl": entry["fullUrl"],
        "resource": resource,
        "request": {
            "method": "POST",
            "url": resource["resourceType"],
            "ifNoneExist": urlencode({"identifier": f"{own['system']}|{own['value']}"}),
        },
    }


def _referred(value: Any) -> set[str]:
    if isinstance(value, list):
        return set().union(*map(_referred, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    found = set().union(*map(_referred, value.values())) if value else set()
    name = value.get("reference")
    return found | ({name} if isinstance(name, str) else set())


def _replaced(value: Any, places: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_replaced(one, places) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: places.get(one, one) if key == "reference" and isinstance(one, str)
        else _replaced(one, places)
        for key, one in value.items()
    }  # fmt: skip


def _place(location: str) -> str:
    """``Type/id`` of an address such as ``https://…/Type/id/_history/1``."""
    path = urlsplit(location).path.partition("/_history")[0]
    parts = path.rstrip("/").split("/")
    return "/".join(parts[-2:]) if len(parts) > 1 else ""


def _rows(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
