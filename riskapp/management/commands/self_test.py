"""Test what answers, as every process does at its start, and print a sheet to sign."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from riskapp.actions.self_testing import run
from riskapp.management.self_test_sheet import sheet
from riskapp.modelstore.engines import make_golden
from riskapp.modelstore.self_test import GOLDEN


class Command(BaseCommand):
    help = "Hold every model and table that answers against its golden estimates."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--report", type=Path, help="write a sheet to print and sign (text)")
        parser.add_argument(
            "--make",
            action="store_true",
            help="for who releases the product: write the golden estimates that ship with it",
        )

    def handle(self, *, report: Path | None, make: bool, **options: Any) -> None:
        if make:
            self._make()
            return
        found = run()
        for one in found:
            self.stdout.write(f"{'FAILED' if one.problem else 'passed'}  {one.model_id}")
        if report is not None:
            report.write_text(sheet(found), encoding="utf-8")
            self.stdout.write(f"Wrote {report}")
        problems = [one.problem for one in found if one.problem]
        if problems:
            raise CommandError("\n".join(problems))

    def _make(self) -> None:
        GOLDEN.mkdir(exist_ok=True)
        for name, kept in make_golden().items():
            answers = ",\n  ".join(json.dumps(one) for one in kept.pop("answers"))
            head = json.dumps(kept, indent=1).removesuffix("\n}")
            text = f'{head},\n "answers": [\n  {answers}\n ]\n}}\n'
            (GOLDEN / f"{name}.json").write_text(text, encoding="utf-8")
            self.stdout.write(f"Wrote {name}.json")
