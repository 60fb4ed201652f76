"""An account for a colleague, and a key for a program that acts for them."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from riskapp.actions.errors import Refused
from riskapp.actions.managing_people import make_statistician
from riskapp.actions.registering import issue_token, register_clinician
from riskapp.management.passwords import new_password


class Command(BaseCommand):
    help = "Add an account to an organisation, or renew its password; prints what is made, once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--organisation", required=True, help="made if it does not exist")
        parser.add_argument(
            "--statistician", action="store_true", help="may also train and approve models"
        )
        parser.add_argument("--token", metavar="LABEL", help="also print a key for a program")

    def handle(self, *, username: str, organisation: str, **options: Any) -> None:
        try:
            User(username=username).clean_fields(exclude=["password"])
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        password = new_password()
        try:
            user = register_clinician(
                username=username, password=password, organisation=organisation
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{username} signs in with password {password}")
        if options["statistician"]:
            make_statistician(user)
            self.stdout.write(f"{username} may train and approve models")
        if options["token"]:
            key = issue_token(by=user, label=options["token"])
            self.stdout.write(f"Token {key}")
