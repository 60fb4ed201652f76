"""Put a record under a legal hold, lift that, or list the holds."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from riskapp.actions import auditing, holding
from riskapp.actions.errors import ActionError


class Command(BaseCommand):
    help = "Keep a person’s record from being erased, by hand or by age, until the hold is lifted."
    requires_system_checks = ()  # of pages, which serve has checked

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        put = what.add_parser("put", help="hold the record of a number")
        put.add_argument("record_number")
        lift = what.add_parser("lift", help="lift the hold of a record number")
        lift.add_argument("record_number")
        for one in (put, lift):
            one.add_argument("--because", required=True, help="why, without naming anybody")
        for one in (put, lift, what.add_parser("list", help="the holds that stand")):
            one.add_argument("--by", required=True, help="the administrator")

    def handle(self, *, what: str, by: str, **options: Any) -> None:
        user = User.objects.filter(username=by).first()
        if user is None:
            raise CommandError(f"There is no account {by}.")
        try:
            if what == "put":
                number, because = options["record_number"], options["because"]
                holding.put(by=user, record_number=number, because=because)
                self.stdout.write("The record is held: nobody can erase it, and no period ends it.")
            elif what == "lift":
                found = _standing(user, options["record_number"])
                holding.lift(by=user, id=found, because=options["because"])
                self.stdout.write("The hold is lifted.")
            else:
                for one in holding.holds(by=user).filter(lifted_at=None):
                    number = one.patient.record_number
                    auditing.read(by=user, action="holds", target=one.patient_id)
                    self.stdout.write(f"{number}  since {one.at:%Y-%m-%d}  {one.because}")
        except ActionError as reason:
            raise CommandError(str(reason)) from reason


def _standing(user: User, record_number: str) -> int:
    for one in holding.holds(by=user).filter(lifted_at=None):
        if one.patient.record_number == record_number.strip():
            return int(one.pk)
    raise CommandError("No record of this number is held in that organisation.")
