"""Checklists as data, joined to what a run can answer."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Document = Mapping[str, Any]
# What a run can say to an item; None where it can say nothing.
Answer = Callable[[Document], str | None]

ANSWERED, IN_PART, AUTHOR, NOT_MEANT = (
    "answered from the run",
    "answered in part; the rest is for the author to write",
    "for the author to write",
    "does not apply to this run",
)


def read(name: str) -> dict[str, Any]:
    """One checklist from its file."""
    path = Path(__file__).with_name(f"{name}.json")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def applies(item: Mapping[str, Any], document: Document) -> bool:
    """Whether an item is meant for this kind of run."""
    develops = document["development"] is not None
    if "part" in item:
        return item["part"] == "evaluation" or develops
    return develops or "E" in item["applies"]


def answered(
    name: str,
    document: Document,
    whole: Mapping[str, Answer],
    in_part: Mapping[str, Answer],
) -> dict[str, Any]:
    """The checklist with an answer and a status for every item."""
    checklist = read(name)
    for item in checklist["items"]:
        number = item["item"]
        if not applies(item, document):
            item |= {"status": NOT_MEANT, "answer": ""}
            continue
        told = whole[number](document) if number in whole else None
        if told:
            item |= {"status": ANSWERED, "answer": told}
            continue
        told = in_part[number](document) if number in in_part else None
        item |= {"status": IN_PART if told else AUTHOR, "answer": told or ""}
    return checklist
