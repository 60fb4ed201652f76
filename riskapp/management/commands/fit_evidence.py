"""Calibrate an evidence set to a table of published cases and write its named parameters."""

import hashlib
import json
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from riskapp.risk import published
from riskapp.risk.populations import population
from riskapp.training.agreement import agreement, left_out
from riskapp.training.fit_evidence import fit, read_cases

SOURCES = (
    "Kanis JA and others, 2008. Osteoporos Int 19:385-397, doi:10.1007/s00198-007-0543-5, Tables 2 "
    "and 3; below age 50 the shape of the NOGG 2017 thresholds (transcribed, not seen in print)"
)


class Command(BaseCommand):
    help = (
        "Calibrate the published-evidence model to a CSV of published cases (columns model, sex, "
        "age, bmi, crf, fn_tscore, mof_pct, hip_pct) and write the parameters. Takes minutes. "
        "Raise the version, and run evidence_page, when the result replaces one that was released."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("cases", type=Path)
        parser.add_argument("--evidence-set", default="frax-2008")
        parser.add_argument("--population", default="gb")
        parser.add_argument("--evidence-version", type=int, required=True)
        parser.add_argument("--output", type=Path, help="where not among the published files")

    def handle(self, *args: Any, **options: Any) -> None:
        name, cases_file = options["evidence_set"], options["cases"]
        try:
            cases = read_cases(cases_file)
        except (OSError, UnicodeDecodeError, KeyError, ValueError) as error:
            raise CommandError(f"{cases_file} is not a table of published cases.") from error
        rows = published.read(f"evidence/{name}-counterparts")["parameters"]
        people = population(options["population"])
        values = fit(rows, cases, people)
        kept_back = left_out(rows, cases, people, values, _progress)
        stored = {
            "evidence_set": name,
            "version": options["evidence_version"],
            "calibrated_to": {
                "sources": SOURCES,
                "cases": len(cases),
                "sha256": hashlib.sha256(cases_file.read_bytes()).hexdigest(),
            },
            "agreement": agreement(cases, people, values),
            "left_out": kept_back,
            "effects": {key: value for key, value in values.items() if not _is_base(key)},
            "baselines": {people.code: {k: v for k, v in values.items() if _is_base(k)}},
        }
        output = options["output"] or published.HERE / "evidence" / f"{name}.json"
        output.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
        for row in stored["agreement"]:
            self.stdout.write(
                f"{row['table']:>13} {row['sex']:>6} {row['outcome']:>18}: "
                f"median {row['median_percent']:.2f} %, 90th percentile {row['p90_percent']:.2f} %"
            )


def _is_base(name: str) -> bool:
    return name.startswith("base.")


def _progress(groups: Iterable[str]) -> Iterable[str]:
    return tqdm(groups, unit="group", disable=None)
