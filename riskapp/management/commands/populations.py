"""List the populations that can be chosen, with their sources and what each borrows."""

from typing import Any

from django.core.management.base import BaseCommand

from riskapp.risk import evidence_sets


class Command(BaseCommand):
    help = "List the populations that can be chosen, their sources, years and what is borrowed."

    def handle(self, *args: Any, **options: Any) -> None:
        for one in evidence_sets.choosable():
            self.stdout.write(f"{one.code}: {one.name} ({one.years})")
            for source in one.sources:
                self.stdout.write(f"  source: {source}")
            for borrowed in one.borrowed:
                self.stdout.write(f"  borrowed: {borrowed}")
