"""Catalogues of the patient's page: write them anew, check them, record a speaker's review."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from riskapp.exchange.languages import LISTED, with_review
from riskapp.management import patient_words


class Command(BaseCommand):
    help = (
        "Bring the catalogues of the patient's page up to its words: each language's django.po, "
        "to be edited, and the compiled file beside it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; say what is amiss")
        parser.add_argument(
            "--reviewed",
            metavar="CODE",
            choices=patient_words.translated(),
            help="record that a speaker has reviewed this language as it is now",
        )
        parser.add_argument("--by", metavar="NAME", help="who reviewed it")

    def handle(self, *, check: bool, reviewed: str | None, by: str | None, **_: Any) -> None:
        if (reviewed is None) != (by is None):
            raise CommandError(
                "A review needs both the language and a name: --reviewed CODE --by NAME."
            )
        if not check and reviewed is None:
            for code in patient_words.translated():
                patient_words.write(code, patient_words.renewed(code))
        amiss = [
            problem
            for code in ([reviewed] if reviewed else patient_words.translated())
            for problem in patient_words.problems(code)
        ]
        for problem in amiss:
            self.stdout.write(problem)
        if amiss and (check or reviewed):
            raise CommandError(f"{len(amiss)} things are amiss in the catalogues.")
        if reviewed and by:
            told = with_review(reviewed, by=by, on=timezone.localdate())
            LISTED.write_text(told, encoding="utf-8")
            self.stdout.write(f"{reviewed} is reviewed by {by}, and offered from now on.")
