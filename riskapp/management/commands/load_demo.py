"""Demo people and scans, and a fresh sign-in for them."""

from typing import Any

from django.core.management.base import BaseCommand

from riskapp.management import demo


class Command(BaseCommand):
    help = "Load made-up people with synthetic scans; safe to run again."

    def handle(self, **options: Any) -> None:
        sign_in = demo.load()
        self.stdout.write(f"Sign in as {sign_in.username}, password {sign_in.password}")
        self.stdout.write(f"API token {sign_in.token}")
        self.stdout.write("The scans are measured by the worker: python manage.py work")
