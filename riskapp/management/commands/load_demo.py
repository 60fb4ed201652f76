"""Demo people and scans, and a fresh sign-in for them."""

from typing import Any

from django.core.management.base import BaseCommand

from riskapp.management import demo


class Command(BaseCommand):
    help = "Load made-up people with synthetic scans; safe to run again."

    def handle(self, **options: Any) -> None:
        sign_in = demo.load()
        for sentence in sign_in.sentences:
            self.stdout.write(sentence)
        self.stdout.write(f"API token {sign_in.token}")
        self.stdout.write(
            "Scans are measured by python manage.py work, "
            "cohorts checked by python manage.py tend_laboratory"
        )
