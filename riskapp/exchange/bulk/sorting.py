"""The lines of an export by patient: found on the disk, however large the export is."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from riskapp.exchange.bulk.limits import DEEPEST_JSON, LONGEST_LINE, MOST_OF_ONE_PATIENT
from riskapp.exchange.fhir.shapes import mapping, text

Resource = Mapping[str, Any]
# What other resources refer to, and which element of theirs does.
REFERS = {"medicationReference": "Medication", "device": "Device"}


class Lines:
    """Where each line of some NDJSON files stands.

    The index is a SQLite file beside them, so that memory does not grow with the export.
    """

    def __init__(self, index: Path) -> None:
        self._path = index
        self._base = sqlite3.connect(index)
        self._base.execute(
            "CREATE TABLE IF NOT EXISTS line"
            " (kind TEXT, id TEXT, patient TEXT, file TEXT, start INTEGER, length INTEGER)"
        )
        self.broken = 0

    def close(self) -> None:
        self._base.close()

    def add(self, path: Path) -> None:
        """Read one file; a line that holds no resource is counted and otherwise passed over."""
        with path.open("rb") as lines:
            start = 0
            while line := lines.readline(LONGEST_LINE + 1):
                length = len(line)
                if length > LONGEST_LINE and not line.endswith(b"\n"):
                    length += _skip(lines)
                    self.broken += 1
                elif line.strip():
                    self._note(path, start, line)
                start += length
        self._base.commit()

    def finish(self) -> None:
        """Make looking up quick, once all files are in."""
        self._base.execute("CREATE INDEX IF NOT EXISTS by_patient ON line (patient)")
        self._base.execute("CREATE INDEX IF NOT EXISTS by_id ON line (kind, id)")
        self._base.commit()

    def patients(self, after: str = "") -> Iterator[str]:
        """Ids of the patients in the export and of those that something is about, in order."""
        with closing(self._base.cursor()) as cursor:
            rows = cursor.execute(
                "SELECT DISTINCT patient FROM line WHERE patient > ? ORDER BY patient", (after,)
            )
            for (patient,) in rows:
                yield patient

    def of(self, patient: str) -> list[Resource]:
        """Everything about one patient, and the medicines and devices that it refers to."""
        rows = self._base.execute(
            "SELECT file, start, length FROM line WHERE patient = ? ORDER BY file, start LIMIT ?",
            (patient, MOST_OF_ONE_PATIENT),
        ).fetchall()
        found = list(_read(rows))
        wanted = {
            (kind, text(mapping(one.get(name)).get("reference")).rpartition("/")[2])
            for one in found
            for name, kind in REFERS.items()
        }
        for kind, own_id in sorted(wanted):
            if own_id:
                found += _read(
                    self._base.execute(
                        "SELECT file, start, length FROM line WHERE kind = ? AND id = ? LIMIT 1",
                        (kind, own_id),
                    ).fetchall()
                )
        return found

    def _note(self, path: Path, start: int, line: bytes) -> None:
        resource = parsed(line)
        kind = text(mapping(resource).get("resourceType"))
        if resource is None or not kind:
            self.broken += 1
            return
        own_id = text(resource.get("id"))
        patient = own_id if kind == "Patient" else _patient_of(resource)
        self._base.execute(
            "INSERT INTO line VALUES (?, ?, ?, ?, ?, ?)",
            (kind, own_id, patient, str(path), start, len(line)),
        )


def parsed(line: bytes) -> dict[str, Any] | None:
    """A JSON object that is not nested too deeply; None for anything else."""
    if line.count(b"[") + line.count(b"{") > LONGEST_LINE // 8:
        return None
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) and not _is_too_deep(told) else None


def _is_too_deep(told: object) -> bool:
    level: list[Any] = [told]
    for _ in range(DEEPEST_JSON):
        level = [
            one
            for held in level
            for one in (held.values() if isinstance(held, dict) else held)
            if isinstance(one, dict | list)
        ]
        if not level:
            return False
    return True


def _patient_of(resource: Resource) -> str | None:
    """The id of whom a resource is about; None for what is about nobody."""
    for name in ("subject", "patient"):
        written = text(mapping(resource.get(name)).get("reference")).split("/_history/")[0]
        if written.startswith("Patient/") or "/Patient/" in written:
            return written.rpartition("Patient/")[2] or None
    return None


def _read(rows: Iterable[tuple[str, int, int]]) -> Iterator[Resource]:
    for file, start, length in rows:
        with Path(file).open("rb") as lines:
            lines.seek(start)
            resource = parsed(lines.read(length))
        if resource is not None:
            yield resource


def _skip(lines: Any) -> int:
    """The rest of a line that is too long, unread."""
    length = 0
    while part := lines.readline(LONGEST_LINE):
        length += len(part)
        if part.endswith(b"\n"):
            break
    return length
