"""An export from its start to its files, step by step (FHIR Bulk Data Access 2.0)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urljoin

import requests

from riskapp.exchange.bulk.asking import (
    AskLater,
    BulkProblem,
    Source,
    asked,
    json_of,
    wait_of,
)
from riskapp.exchange.bulk.limits import FILE_WITHIN_S, LARGEST_FILE_BYTES, MOST_FILES
from riskapp.exchange.fhir.shapes import mapping, mappings, text, words_of
from riskapp.exchange.peer_http import TooMuch, pieces

SYSTEM, GROUP, PATIENT = "system", "group", "patient"
NDJSON = "application/fhir+ndjson"
# What a reading of records uses, and nothing else is asked for.
KINDS = (
    "Patient", "Observation", "Condition", "Procedure", "MedicationStatement",
    "MedicationRequest", "MedicationAdministration", "MedicationDispense", "Medication",
    "FamilyMemberHistory", "DiagnosticReport", "Device", "QuestionnaireResponse",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class File:
    """One file of a manifest: NDJSON of one type of resource."""

    kind: str
    url: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an export holds.

    Attributes
    ----------
    transaction_time : str
        The instant that the export shows, which the next one may start from.
    files, errors, deleted : tuple of File
        NDJSON of resources, of OperationOutcomes, and of bundles of what is no longer there.
    """

    transaction_time: str
    requires_token: bool
    files: tuple[File, ...]
    errors: tuple[File, ...]
    deleted: tuple[File, ...]


@dataclass(frozen=True, slots=True)
class NotYet:
    """The export is being made."""

    progress: str
    wait_s: float


def kick_off(source: Source, token: str, *, level: str, group: str = "", since: str = "") -> str:
    """Ask for an export and give the address at which it is to be asked for.

    Raises
    ------
    BulkProblem, AskLater
    """
    paths = {SYSTEM: "$export", PATIENT: "Patient/$export"}
    path = paths.get(level) or f"Group/{quote(group, safe='')}/$export"
    query = {"_outputFormat": NDJSON, "_type": ",".join(KINDS)} | (
        {"_since": since} if since else {}
    )
    headers = {"Accept": "application/fhir+json", "Prefer": "respond-async"}
    address = f"{source.base}/{path}?{urlencode(query)}"
    with asked(source, "GET", address, token, headers=headers) as answer:
        place = answer.headers.get("Content-Location", "")
        if answer.status_code != 202 or not place:
            raise BulkProblem(f"{source.name} did not start the export{_said(source, answer)}.")
    return urljoin(address, place)


def look(source: Source, token: str, status_url: str) -> Manifest | NotYet:
    """Ask whether an export is ready.

    Raises
    ------
    BulkProblem
        If the server says that it failed, or answers with no manifest.
    AskLater
    """
    with asked(source, "GET", status_url, token, headers={"Accept": "application/json"}) as answer:
        if answer.status_code == 202:
            return NotYet(text(answer.headers.get("X-Progress")), wait_of(answer))
        if answer.status_code == 500 and answer.headers.get("Retry-After"):
            raise AskLater(f"{source.name} had an error and asks for patience.", wait_of(answer))
        if answer.status_code != 200:
            raise BulkProblem(f"The export of {source.name} failed{_said(source, answer)}.")
        return read_manifest(source, json_of(source, answer), status_url)


def read_manifest(source: Source, told: Mapping[str, Any], address: str) -> Manifest:
    """What a manifest that was given at an address says; addresses in it may be relative to that.

    Raises
    ------
    BulkProblem
        If it is no manifest.
    """
    if not isinstance(told.get("output"), list):
        raise BulkProblem(f"The export of {source.name} came without a list of files.")
    names = ("output", "error", "deleted")
    lists = {name: _files(source, told.get(name), address) for name in names}
    if sum(map(len, lists.values())) > MOST_FILES:
        raise BulkProblem(f"The export of {source.name} has more than {MOST_FILES:,} files.")
    return Manifest(
        transaction_time=text(told.get("transactionTime")),
        requires_token=told.get("requiresAccessToken") is not False,
        files=lists["output"],
        errors=lists["error"],
        deleted=lists["deleted"],
    )


def fetch(source: Source, token: str, file: File, path: Path, room_bytes: int) -> int:
    """Bring one file to the disk, whole or not at all, and give its bytes.

    Raises
    ------
    BulkProblem
        If the server refuses it, or it is too large.
    AskLater
        If it broke off: it is then asked for again from its start.
    """
    part = path.with_suffix(".part")
    most, size = min(LARGEST_FILE_BYTES, room_bytes), 0
    with asked(source, "GET", file.url, token, headers={"Accept": NDJSON}) as answer:
        if answer.status_code != 200:
            raise BulkProblem(f"A file of {source.name} was refused{_said(source, answer)}.")
        told = answer.headers.get("Content-Length", "")
        plain = not answer.headers.get("Content-Encoding")
        try:
            with part.open("wb") as kept:
                for piece in pieces(answer, most, FILE_WITHIN_S):
                    size += kept.write(piece)
        except TooMuch as too_much:
            part.unlink()
            sentence = f"A file of {source.name} is larger than can be kept."
            raise BulkProblem(sentence) from too_much
    if plain and told.isascii() and told.isdigit() and int(told) != size:
        part.unlink()
        raise AskLater(f"A file of {source.name} broke off.")
    part.replace(path)
    return size


def dismiss(source: Source, token: str, status_url: str) -> None:
    """Tell the server that its files are no longer needed; whether it listens is its own."""
    try:
        with asked(source, "DELETE", status_url, token):
            pass
    except (AskLater, BulkProblem):
        pass


def _files(source: Source, given: object, address: str) -> tuple[File, ...]:
    found = []
    for each in mappings(given) if isinstance(given, Sequence) else ():
        url = each.get("url")
        if not isinstance(url, str) or not url:
            raise BulkProblem(f"The export of {source.name} names a file without an address.")
        try:
            found.append(File(text(each.get("type")), urljoin(address, url)))
        except ValueError:
            raise BulkProblem(f"The export of {source.name} names a file badly.") from None
    return tuple(found)


def _said(source: Source, answer: requests.Response) -> str:
    """What an OperationOutcome says, behind the status."""
    try:
        issues = mappings(json_of(source, answer).get("issue"))
    except (BulkProblem, requests.RequestException):
        issues = []
    words = [
        text(one.get("diagnostics")) or words_of(mapping(one.get("details"))) for one in issues
    ]
    told = "; ".join(filter(None, words))
    return f" ({answer.status_code}{': ' + told if told else ''})"
