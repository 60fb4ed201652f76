"""For whoever runs the site: help somebody sign in where no administrator can."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from riskapp.actions import sessions
from riskapp.actions.counting_attempts import unlock
from riskapp.actions.passwords import make_link
from riskapp.actions.second_factor import take_away


class Command(BaseCommand):
    help = "Let an account sign in again: a one-time link, an end to waiting, an end of sessions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument(
            "--link", action="store_true", help="print a link that sets a password, once"
        )
        parser.add_argument(
            "--unlock", action="store_true", help="forget attempts to sign in that failed"
        )
        parser.add_argument(
            "--without-second-factor",
            action="store_true",
            help="take the second factor away, so that another can be set up",
        )
        parser.add_argument(
            "--end-sessions", action="store_true", help="sign the account out everywhere"
        )

    def handle(self, *, username: str, **options: Any) -> None:
        user = User.objects.filter(username=username, membership__isnull=False).first()
        if user is None:
            raise CommandError(f"There is no account {username}.")
        told = ("link", "unlock", "without_second_factor", "end_sessions")
        if not any(options[one] for one in told):
            raise CommandError(
                "Say what to do: --link, --unlock, --without-second-factor, --end-sessions."
            )
        if options["unlock"]:
            unlock(by=user, user=user)
            self.stdout.write(f"{username} need not wait any more.")
        if options["without_second_factor"]:
            take_away(by=user, user=user)
            self.stdout.write(f"{username} has no second factor any more.")
        if options["end_sessions"]:
            told = sessions.end_all(by=user, user=user)
            self.stdout.write(f"{username} is signed out ({told} sessions).")
        if options["link"]:
            made = make_link(by=user, user=user)
            path = reverse("one_time_link", args=[made.token])
            self.stdout.write(f"Once, until {made.link.expires_at:%d %B %Y, %H:%M} UTC: {path}")
