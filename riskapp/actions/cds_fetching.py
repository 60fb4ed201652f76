"""What a record system did not send along, read from its FHIR server while somebody waits.

CDS Hooks 2.0, section "FHIR Resource Access". Only servers that the site has named are asked, at
addresses made here; no redirect is followed, and what comes late or large is simply not known.
"""

import json
import re
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import requests

from riskapp.exchange.addresses import origin_of
from riskapp.exchange.cds_services import OF_CONTEXT, prefetch_templates
from riskapp.exchange.connection_cds_client import CdsClient
from riskapp.exchange.peer_http import AnswerLimits, bound_session

Resource = Mapping[str, Any]
# A clinician waits; the specification asks services for answers in the order of 500 ms.
DEADLINE_S, CONNECT_S = 2.0, 1.0
LARGEST_BYTES, MOST_PAGES = 5 * 2**20, 5
# SMART App Launch 2.2, "Scopes for requesting FHIR Resources", and as version 1 wrote them.
SCOPE = re.compile(r"(?:patient|user|system)/(\*|[A-Za-z]+)\.(read|\*|c?r?u?d?s?)(?:\?.*)?")


@dataclass(frozen=True, slots=True)
class Access:
    """A record system's own FHIR server, and the token that it lends for this call."""

    server: str
    token: str
    expires_in_s: int
    scopes: tuple[str, ...]

    def grants(self, kind: str, how: str) -> bool:
        """Whether resources of a kind may be read (``r``) or searched (``s``)."""
        found = (SCOPE.fullmatch(scope) for scope in self.scopes)
        return any(
            one[1] in ("*", kind) and (one[2] in ("read", "*") or how in one[2])
            for one in found
            if one is not None
        )


def fetch(
    names: Iterable[str], *, patient: str, client: CdsClient, access: Access
) -> dict[str, Resource]:
    """Answers to the prefetch templates of these names; those that cannot be had are left out.

    Parameters
    ----------
    patient : str
        FHIR id, checked: it becomes part of an address.
    """
    if not client.may_read(access.server) or access.expires_in_s <= 0:
        return {}
    base, until = access.server.rstrip("/"), time.monotonic() + DEADLINE_S
    queries = {name: prefetch_templates()[name].replace(OF_CONTEXT, patient) for name in names}
    asked = {
        name: query
        for name, query in queries.items()
        if access.grants(re.split(r"[/?]", query)[0], "s" if "?" in query else "r")
    }
    if not asked:
        return {}
    threads = ThreadPoolExecutor(max_workers=len(asked))
    try:
        waiting = {
            threads.submit(_pages, base, query, access.token, until): name
            for name, query in asked.items()
        }
        done, _ = wait(waiting, timeout=DEADLINE_S)
        found = {waiting[one]: one.result() for one in done}
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
    return {name: resource for name, resource in found.items() if resource is not None}


def _pages(base: str, query: str, token: str, until: float) -> Resource | None:
    """One answer with its further pages, as long as these lie on the same server."""
    first = _get(f"{base}/{query}", token, until)
    if first is None or first.get("resourceType") != "Bundle":
        return first
    entries, page = _entries(first), first
    for _ in range(MOST_PAGES - 1):
        address = _next(page)
        # The part after the base is theirs: it may not leave the server, nor climb out of it.
        if not address.startswith((f"{base}/", f"{base}?")) or ".." in address:
            break
        found = _get(address, token, until)
        if found is None:
            break
        page = found
        entries += _entries(page)
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries}


def _get(address: str, token: str, until: float) -> Resource | None:
    """A resource; None where it cannot be had, whatever the reason."""
    left_s = max(0.05, until - time.monotonic())
    limits = AnswerLimits(
        connect_s=CONNECT_S, silence_s=left_s, whole_s=left_s, most_bytes=LARGEST_BYTES
    )
    headers = {"Accept": "application/fhir+json", "Authorization": f"Bearer {token}"}
    try:
        with bound_session({origin_of(address)}, limits) as session:
            answer = session.get(address, headers=headers)
        told = json.loads(answer.content) if answer.status_code == 200 else None
    except (requests.RequestException, OSError, ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or told.get("resourceType") == "OperationOutcome":
        return None
    return told


def _entries(bundle: Resource) -> list[Any]:
    entries = bundle.get("entry")
    return list(entries) if isinstance(entries, list) else []


def _next(bundle: Resource) -> str:
    links = bundle.get("link")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("relation") == "next":
            return str(link.get("url", ""))
    return ""
