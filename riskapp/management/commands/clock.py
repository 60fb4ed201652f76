"""Say whether the clock of this machine agrees with the trail and the database."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from riskapp.actions import clock

WRONG = 1


class Command(BaseCommand):
    help = "Compare the clock with the trail and the database. Exit status 1 where they differ."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--is-right",
            action="store_true",
            help="the clock was set right: earlier rows of the trail are not held against it",
        )

    def handle(self, *, is_right: bool, **options: Any) -> None:
        if is_right:
            clock.say_right()
        problem = clock.problem_with_the_clock()
        self.stdout.write(problem or "The clock agrees with the trail and the database.")
        if problem:
            sys.exit(WRONG)
