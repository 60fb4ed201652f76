"""Write everything that is kept of one person into a zip."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from riskapp.actions.errors import ActionError
from riskapp.actions.exporting import export_patient
from riskapp.actions.finding import patients
from riskapp.models import Patient
from riskapp.models.keyed_hash import hashed


class Command(BaseCommand):
    help = "Export one person's record: data, FHIR, scans, reports, and who looked."
    requires_system_checks = ()  # of pages, which serve has checked

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("record_number")
        parser.add_argument("file", type=Path)
        parser.add_argument("--by", required=True, help="the clinician who exports")

    def handle(self, *, record_number: str, file: Path, by: str, **options: Any) -> None:
        user = User.objects.filter(username=by).first()
        if user is None:
            raise CommandError(f"There is no account {by}.")
        try:
            found = patients(by=user).filter(hashed(Patient, "number_hash", record_number)).first()
            if found is None:
                raise CommandError("There is no record of this number in that organisation.")
            with open(file, "xb", opener=_private) as target:
                export_patient(by=user, id=found.id, target=target)
        except FileExistsError:
            raise CommandError(f"There is a file {file} already.") from None
        except ActionError as reason:
            raise CommandError(str(reason)) from reason
        self.stdout.write(f"{file} holds the record; hand it to nobody but the person.")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
