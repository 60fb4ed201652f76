"""An account for a colleague in any roles, and a key for a program that acts for them."""

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from riskapp.actions.errors import Refused
from riskapp.actions.managing_people import set_roles
from riskapp.actions.registering import issue_token, register_account
from riskapp.management.passwords import new_password
from riskapp.models import Role


class Command(BaseCommand):
    help = "Add an account to an organisation, or renew its password; prints what is made, once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        self.add_who(parser)
        parser.add_argument(
            "--roles",
            nargs="+",
            required=True,
            choices=Role.values,
            help="all that the person is to have; others are taken away",
        )

    def add_who(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--organisation", required=True, help="made if it does not exist")
        parser.add_argument("--token", metavar="LABEL", help="also print a key for a program")

    def handle(
        self, *, username: str, organisation: str, roles: Sequence[str], **options: Any
    ) -> None:
        with transaction.atomic():
            user = self.signing_in(username, organisation)
            set_roles(by=user, user=user, roles=roles)
        self.stdout.write(f"{username} is now: {', '.join(user.membership.roles)}")
        self.give_token(user, options["token"])

    def signing_in(self, username: str, organisation: str, roles: Sequence[Role] = ()) -> User:
        """The account with a fresh password, which is printed; ``roles`` are for a new one."""
        try:
            User(username=username).clean_fields(exclude=["password"])
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        password = new_password()
        try:
            user = register_account(
                username=username, password=password, organisation=organisation, roles=roles
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{username} signs in with password {password}")
        return user

    def give_token(self, user: User, label: str | None) -> None:
        if label:
            self.stdout.write(f"Token {issue_token(by=user, label=label)}")
