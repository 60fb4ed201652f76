"""Work out the effects of an evidence set that rests on published meta-analyses."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from riskapp.risk import published
from riskapp.training.evidence.derive_evidence import derive


class Command(BaseCommand):
    help = (
        "Write evidence/<set>.json from its counterparts file and the set that it follows. Run it, "
        "and evidence_page, whenever one of the two has changed; raise the version when the result "
        "replaces one that was released."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--evidence-set", default="meta-2025")
        parser.add_argument("--evidence-version", type=int, required=True)
        parser.add_argument("--output", type=Path, help="where not among the published files")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["evidence_set"]
        beside = published.read(f"evidence/{name}-counterparts")
        stored = {
            "evidence_set": name,
            "version": options["evidence_version"],
            "borrows": beside["follows"],
            "bases_follow": beside["follows"],
            "replaces": beside["replaces"],
            "effects": derive(beside),
            "baselines": {},
        }
        output = options["output"] or published.HERE / "evidence" / f"{name}.json"
        output.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
        for parameter, value in stored["effects"].items():
            self.stdout.write(f"{parameter}: {value}")
