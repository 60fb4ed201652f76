"""Write the page that lists what is read and what is measured."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from imaging.intake.accepted import page


class Command(BaseCommand):
    help = "Write docs/what-is-read.md from the tables of the code."

    def handle(self, *args: Any, **options: Any) -> None:
        target = Path(settings.BASE_DIR) / "docs" / "what-is-read.md"
        target.write_text(page(), encoding="utf-8")
        self.stdout.write(f"Wrote {target.name}")
