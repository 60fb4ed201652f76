"""Erase a person's record at a shell: by one administrator who names another."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from riskapp.actions.erasing import ask_to_erase, confirm_erasure
from riskapp.actions.erasure_certificate import problems_with
from riskapp.actions.errors import ActionError
from riskapp.models import Erasure

NOT_REPEATED = "What was typed is not the record number; nothing was erased."


class Command(BaseCommand):
    help = "Erase a person's record for good; writes a certificate."
    requires_system_checks = ()  # of pages, which serve has checked

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("record_number")
        parser.add_argument("--by", required=True, help="the administrator who asks")
        parser.add_argument("--confirmed-by", required=True, help="another administrator")
        parser.add_argument("--because", required=True, choices=Erasure.Because.values)
        parser.add_argument("--repeat", help="the record number again, where nobody can type it")
        parser.add_argument("--certificate", type=Path, help="where to write it as JSON")

    def handle(self, *, record_number: str, by: str, confirmed_by: str, **options: Any) -> None:
        repeated = options["repeat"] or _typed()
        if repeated.strip() != record_number:
            raise CommandError(NOT_REPEATED)
        try:
            asked = ask_to_erase(
                by=_user(by), record_number=record_number, because=options["because"]
            )
            done = confirm_erasure(by=_user(confirmed_by), id=asked.id, record_number=record_number)
        except ActionError as reason:
            raise CommandError(str(reason)) from reason
        if problems := problems_with(done.certificate):
            raise CommandError(" ".join(problems))
        if options["certificate"]:
            told = json.dumps(done.certificate, indent=2)
            options["certificate"].write_text(told, encoding="utf-8")
        rows = sum(told["rows"] for told in done.certificate["erased"].values())
        self.stdout.write(
            f"Erased: {rows} rows and {done.certificate['files']['number']} files. "
            f"Certificate {done.id}."
        )


def _typed() -> str:
    """The number once more, as somebody types it; nothing where nobody can."""
    try:
        return input("Type the record number to erase it for good: ")
    except EOFError:
        return ""


def _user(name: str) -> User:
    user = User.objects.filter(username=name).first()
    if user is None:
        raise CommandError(f"There is no account {name}.")
    return user
