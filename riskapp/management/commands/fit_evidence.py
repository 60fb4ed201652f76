"""Calibrate an evidence set to results of FRAX and write its named parameters."""

import hashlib
import json
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from riskapp.risk import published
from riskapp.training.evidence.agreement import agreement, left_out
from riskapp.training.evidence.base_layout import bases_of
from riskapp.training.evidence.fit_evidence import fit
from riskapp.training.evidence.frax_cases import Case, chart_cases, profile_cases, published_cases

Reader = Callable[[Path], Iterator[Case]]
# What each table of cases is, as the page beside the parameters says it.
SOURCES: dict[str, tuple[Reader, str]] = {
    "published": (
        published_cases,
        "Kanis JA and others, 2008. Osteoporos Int 19:385-397, doi:10.1007/s00198-007-0543-5, "
        "Tables 2 and 3; the shape up to age 50 from NOGG's thresholds of 2017 and, for hip at 50, "
        "of 2024 (transcribed, not seen in print)",
    ),
    "profiles": (
        profile_cases,
        "results of FRAX for individual people of four groups in the United States, with BMD "
        "(collected; not part of the project)",
    ),
    "charts": (
        chart_cases,
        "FRAX's charts by T-score and number of risk factors, women, four groups in the United "
        "States and six Asian populations (collected; not part of the project)",
    ),
}


class Command(BaseCommand):
    help = (
        "Calibrate the published-evidence model to tables of FRAX's results and write the "
        "parameters. Takes half an hour. Raise the version, and run evidence_page, when the "
        "result replaces one that was released."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--published", type=Path, required=True, help="CSV: model, sex, age, …")
        parser.add_argument("--profiles", type=Path, help="CSV: us_group, age, sex_female, …")
        parser.add_argument("--charts", type=Path, help="CSV: population, age_years, …")
        parser.add_argument("--evidence-set", default="frax-2008")
        parser.add_argument("--evidence-version", type=int, required=True)
        parser.add_argument("--output", type=Path, help="where not among the published files")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["evidence_set"]
        cases, origin = _read({key: options[key] for key in SOURCES if options[key]})
        counterparts = published.read(f"evidence/{name}-counterparts")["parameters"]
        values = fit(counterparts, cases)
        kept_back, same = left_out(counterparts, cases, values, _progress)
        codes = sorted({case.population for case in cases})
        stored = {
            "evidence_set": name,
            "version": options["evidence_version"],
            "calibrated_to": origin,
            "agreement": agreement(cases, values),
            "left_out": kept_back,
            "left_out_decisions": same,
            "effects": {key: value for key, value in values.items() if ":" not in key},
            "ratios": {key: value for key, value in values.items() if ":ratio." in key},
            "baselines": {code: _rounded(bases_of(code, values)) for code in codes},
        }
        output = options["output"] or published.HERE / "evidence" / f"{name}.json"
        output.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
        for row in stored["agreement"]:
            self.stdout.write(
                f"{row['table']:>20} {row['sex']:>6} {row['outcome']:>18}: "
                f"median {row['median_percent']} %, 90th percentile {row['p90_percent']} %"
            )


def _read(paths: dict[str, Path]) -> tuple[list[Case], list[dict[str, Any]]]:
    cases, origin = [], []
    for key, path in paths.items():
        reader, described = SOURCES[key]
        try:
            read = list(reader(path))
        except (OSError, UnicodeDecodeError, KeyError, ValueError) as error:
            raise CommandError(f"{path} is not a table of FRAX's results.") from error
        cases += read
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        origin.append({"source": described, "cases": len(read), "sha256": digest})
    return cases, origin


def _rounded(bases: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 5) for name, value in bases.items()}


def _progress(parts: Sequence[frozenset[str]]) -> Iterable[frozenset[str]]:
    return tqdm(parts, unit="part", disable=None)
