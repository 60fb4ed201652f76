"""Check a cohort file and describe it, before anybody learns from it."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError

from riskapp.cohorts.cohort import Cohort
from riskapp.cohorts.dictionary_page import OUTCOME_WORDS, page_html, page_markdown
from riskapp.cohorts.follow_up import UnreadableCohort, UnusableCohort
from riskapp.cohorts.reading import read_cohort
from riskapp.cohorts.summary import summarise
from riskapp.management.arguments import UNREADABLE, refuse_overwriting

REFUSED = 3


class Command(BaseCommand):
    help = (
        "Check a cohort: a CSV or Parquet file with a small JSON beside it. Exit status 0 usable, "
        "3 refused, 2 unreadable."
    )
    # Checking a file needs neither the site's pages nor its database.
    requires_system_checks: ClassVar[list[str]] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("cohort", type=Path)
        parser.add_argument("--schema", type=Path, help="the site's JSON, if it lies elsewhere")
        parser.add_argument("--population", help="for rows that name none")
        parser.add_argument("--clamp-age", action="store_true")
        parser.add_argument("--json", action="store_true", help="print the description as JSON")
        parser.add_argument(
            "--page", type=Path, help="write the data dictionary: .html that prints, or .md"
        )

    def handle(self, *, cohort: Path, page: Path | None, **options: Any) -> None:
        refuse_overwriting(cohort, options["schema"], [page])
        try:
            people = read_cohort(
                cohort,
                population=options["population"],
                clamp_age=options["clamp_age"],
                schema=options["schema"],
            )
        except UnusableCohort as error:
            status = "unreadable" if isinstance(error, UnreadableCohort) else "refused"
            if options["json"]:
                self.stdout.write(json.dumps({"status": status, "reason": str(error)}, indent=1))
            else:
                self.stdout.write(f"{status}: {error}")
            sys.exit(UNREADABLE if status == "unreadable" else REFUSED)
        summary = summarise(people)
        if options["json"]:
            self.stdout.write(json.dumps(summary, indent=1, ensure_ascii=False))
        else:
            self.stdout.write(in_lines(people))
        if page is not None:
            _write(page, summary, cohort.stem)


def in_lines(cohort: Cohort) -> str:
    """Say what the cohort is in lines that fit a terminal; counts only."""
    lines = [f"usable: {len(cohort.profiles)} rows, {len(set(cohort.people.tolist()))} people"]
    lines += [
        f"{OUTCOME_WORDS[name]:<28} {int(each.event.sum()):>7} events "
        f"{float(each.years.sum()):>12.0f} person-years"
        for name, each in cohort.follow_up.items()
    ]
    lines += [f"{number} left out: {reason}" for reason, number in cohort.left_out.items()]
    return "\n".join([*lines, *cohort.remarks])


def _write(page: Path, summary: dict[str, Any], title: str) -> None:
    laid_out = page_markdown if page.suffix.lower() == ".md" else page_html
    try:
        page.write_text(laid_out(summary, title), encoding="utf-8")
    except OSError as error:
        raise CommandError(
            f"{page} cannot be written: {error.strerror}.", returncode=UNREADABLE
        ) from error
