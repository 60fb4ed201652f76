"""Say of certificates whether what they name is gone; after a restore, erase it again."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from riskapp.actions.erased_again import erase_again, finish_what_was_cut_off
from riskapp.actions.erasure_certificate import problems_with
from riskapp.actions.errors import ActionError
from riskapp.models import Erasure


class Command(BaseCommand):
    help = "Check certificates of erasure: all, one by its id, or one in a file."
    requires_system_checks = ()  # of pages, which serve has checked

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("certificate", nargs="?", help="an id, or a file of JSON")
        parser.add_argument("--again", action="store_true", help="erase what came back")
        parser.add_argument("--by", help="the administrator who does so")

    def handle(self, *, certificate: str | None, again: bool, by: str, **options: Any) -> None:
        finish_what_was_cut_off()
        wrong = 0
        for told in _certificates(certificate):
            if again:
                self._again(told, by)
            problems = problems_with(told)
            wrong += bool(problems)
            self.stdout.write(f"{told.get('id')}: {' '.join(problems) or 'gone, as it says.'}")
        if wrong:
            raise CommandError(f"{wrong} certificate(s) do not hold.")

    def _again(self, told: dict[str, Any], by: str | None) -> None:
        user = User.objects.filter(username=by or "").first()
        if user is None:
            raise CommandError("Name with --by the administrator who erases again.")
        try:
            if erase_again(told, by=user):
                self.stdout.write(f"{told['id']}: had come back, and was erased again.")
        except ActionError as reason:
            raise CommandError(str(reason)) from reason


def _certificates(named: str | None) -> list[dict[str, Any]]:
    done = Erasure.objects.exclude(erased_at=None)
    if named is None:
        return list(done.values_list("certificate", flat=True))
    if Path(named).is_file():
        try:
            told = json.loads(Path(named).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise CommandError(f"{named} is no certificate.") from None
        if not isinstance(told, dict):
            raise CommandError(f"{named} is no certificate.")
        return [told]
    try:
        return [done.get(id=UUID(named)).certificate]
    except (ValueError, Erasure.DoesNotExist):
        raise CommandError(f"There is no certificate {named}.") from None
