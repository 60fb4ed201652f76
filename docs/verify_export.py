"""Check a file of Trabecula's trail ("Save with proof") with nothing but Python.

    python verify_export.py trail-2026-11-22.jsonl [DIGEST]

It says whether each row shown is as it was chained, and follows from the one before, also through
rows that are told by their leaf only. With the digest of the last row as somebody else kept it
(the site's log and its file ``trail-heads`` have it), it also proves that nothing was made up:
whoever changes a row changes every digest after it. docs/trail.md specifies what is computed.
"""

import hashlib
import json
import sys
from typing import Any

FIELDS = (
    "number", "at", "by", "organisation_id", "action", "target", "patient_id", "detail", "content",
)  # fmt: skip


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def leaf(row: dict[str, Any], version: str) -> str:
    told = [version, *(row[name] for name in FIELDS)]
    return sha256(json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True))


def problem(lines: list[str], last_digest: str = "") -> str:
    """Why the file is not sound, in one sentence; blank where it is."""
    head, *rows = (json.loads(line) for line in lines if line.strip())
    before, number = head["before"], head["first"] - 1
    for row in rows:
        number += 1
        if row["number"] != number:
            return f"Row {number} is missing."
        if "leaf" in row:
            before = sha256(before + row["leaf"])
            continue
        digest = sha256(before + leaf(row, head["trail"]))
        if row["before"] != before or row["digest"] != digest:
            return f"Row {number} is not as it was written, or does not follow from the one before."
        before = digest
    if rows and number != head["last"]:
        return f"Row {number + 1} is missing: the file should end with {head['last']}."
    if last_digest and before != last_digest:
        return "The last digest is not the one that you gave: some row was made up."
    return ""


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        lines = list(file)
    found = problem(lines, *sys.argv[2:3])
    sys.exit(found or print(f"{len(lines) - 1} rows: each follows from the one before."))  # noqa: T201


if __name__ == "__main__":
    main()
