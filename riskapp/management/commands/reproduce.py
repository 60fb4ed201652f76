"""Compute stored estimates again, and say whether they are the same."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from riskapp.actions import auditing, reproducing
from riskapp.models import Assessment, AuditEvent

NOT_THE_SAME = 1


class Command(BaseCommand):
    help = "Compute stored estimates again. Exit status 0 where all are the same, else 1."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("id", nargs="?", help="id of an assessment")
        which.add_argument("--all", action="store_true", help="every stored assessment")
        parser.add_argument("--json", action="store_true", help="one JSON object for each")

    def handle(self, *, id: str | None, **options: Any) -> None:
        differing = asked = 0
        for one in _all() if options["all"] else [_one(str(id))]:
            asked += 1
            differing += not one.is_sound
            if options["json"]:
                self.stdout.write(json.dumps(asdict(one) | {"is_same": one.is_same}))
            elif not options["all"] or not one.is_sound:
                self._tell(one)
        if options["all"] and not options["json"]:
            self.stdout.write(f"{asked - differing:,} of {asked:,} assessments are the same now.")
        if differing:
            sys.exit(NOT_THE_SAME)

    def _tell(self, one: reproducing.Reproduction) -> None:
        self.stdout.write(f"{one.assessment_id}: {one.sentence}")
        for part in one.parts:
            self.stdout.write(f"  {part.engine} {part.model_id}: {part.sentence}")
            for difference in part.differences:
                self.stdout.write(f"    {difference}")


def _one(id: str) -> reproducing.Reproduction:
    try:
        UUID(id)
    except ValueError as wrong:
        raise CommandError("Name an assessment by its id, as its page’s address has it.") from wrong
    found = _stored().filter(id=id).first()
    if found is not None:
        made = auditing.Actor.SITE
        auditing.read(by=made, action="reproduce", target=found.patient_id)
        return reproducing.reproduced(found)
    row = AuditEvent.objects.filter(target=id, action=reproducing.CREATED).last()
    if row is None:
        raise CommandError("There is no such assessment, and the trail knows of none.")
    return reproducing.erased(row)


def _all() -> Iterator[reproducing.Reproduction]:
    rows: Iterable[Assessment] = _stored().order_by("created_at").iterator(chunk_size=100)
    total = Assessment.objects.count()
    auditing.record(
        by=auditing.Actor.SITE,
        action="reproduce.all",
        target="list",
        detail={"count": total},
    )
    for one in tqdm(rows, total=total, unit=" assessments", disable=not sys.stderr.isatty()):
        yield reproducing.reproduced(one)


def _stored() -> Any:
    return Assessment.objects.select_related("patient")
