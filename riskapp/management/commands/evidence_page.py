"""Write the page that shows an evidence set's parameters beside their published counterparts."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from riskapp.risk import published
from riskapp.training.evidence.derived_page import derived_page
from riskapp.training.evidence.evidence_page import page


class Command(BaseCommand):
    help = "Write docs/evidence-<set>.md from the published data files."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--evidence-set", default="frax-2008")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["evidence_set"]
        target = Path(settings.BASE_DIR) / "docs" / f"evidence-{name}.md"
        borrows = "borrows" in published.read(f"evidence/{name}")
        target.write_text((derived_page if borrows else page)(name), encoding="utf-8")
        self.stdout.write(f"Wrote {target.name}")
