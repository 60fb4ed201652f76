"""List the populations that can be chosen, with their sources and what each borrows."""

from typing import Any

from django.core.management.base import BaseCommand

from riskapp.actions import describing


class Command(BaseCommand):
    requires_system_checks = ()  # of pages, which serve has checked
    help = (
        "List the populations that can be chosen: sources, years, whose fractures are published, "
        "how each evidence set came by the fracture hazards, and what is borrowed."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        for one in describing.populations():
            only = "" if len(one.sexes) > 1 else f"; {one.sexes[0]} only"
            self.stdout.write(f"{one.code}: {one.name} ({one.years}{only})")
            for name, made in one.bases.items():
                self.stdout.write(f"  {name}: {made}")
            for source in one.sources:
                self.stdout.write(f"  source: {source}")
            for borrowed in one.borrowed:
                self.stdout.write(f"  borrowed: {borrowed}")
