"""Check that no row of the trail was changed, removed, moved, added or cut off."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand
from django.forms.models import model_to_dict
from tqdm import tqdm

from riskapp.actions.trail.checking import accept_restored, check
from riskapp.models import AuditEvent

NOT_SOUND = 1


class Command(BaseCommand):
    help = "Check the trail. Exit status 0 where every row is as it was written, else 1."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="first", type=int, default=1, metavar="NUMBER")
        parser.add_argument("--json", action="store_true", help="one JSON object")
        parser.add_argument(
            "--restored",
            action="store_true",
            help="an older copy was restored: check its rows, and go on from where they end",
        )

    def handle(self, *, first: int, restored: bool, **options: Any) -> None:
        if restored:
            found = accept_restored()
            told: dict[str, Any] = asdict(found)
        else:
            rows = AuditEvent.objects.filter(number__gte=first).count()
            hidden = not sys.stderr.isatty()
            with tqdm(total=rows, unit=" rows", disable=hidden) as bar:
                told = model_to_dict(check(max(first, 1), lambda number: bar.update()))
        self.stdout.write(json.dumps(told) if options["json"] else told["sentence"])
        if not told["is_sound"]:
            sys.exit(NOT_SOUND)
