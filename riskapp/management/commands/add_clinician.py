"""An account for a clinician: short for ``add_person NAME --roles clinician``."""

from argparse import ArgumentParser
from typing import Any

from riskapp.actions.managing_people import make_statistician
from riskapp.management.commands import add_person
from riskapp.models import Role


class Command(add_person.Command):
    help = "Add a clinician to an organisation, or renew a password; prints what is made, once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        self.add_who(parser)
        parser.add_argument(
            "--statistician", action="store_true", help="may also train and approve models"
        )

    def handle(self, *, username: str, organisation: str, **options: Any) -> None:
        user = self.signing_in(username, organisation, [Role.CLINICIAN])
        if options["statistician"]:
            make_statistician(user)
            self.stdout.write(f"{username} may train and approve models")
        self.give_token(user, options["token"])
