"""Hold the evidence engine against what happened and what was printed, and write the page."""

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from riskapp.evaluation.evidence import deaths, discrimination, incidence, thresholds
from riskapp.evaluation.evidence.falls import falls
from riskapp.evaluation.evidence.validation_page import Findings, page
from riskapp.risk.errors import RiskError
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.evidence_sets import answered, evidence_set
from riskapp.risk.populations import population

Found = TypeVar("Found")

POPULATION = "gb"
# The cohort is of neither.
COHORT_POPULATIONS = (POPULATION, "us")
# The survey is of the United States, of all its groups.
DEATHS_POPULATION = "us"


class Command(BaseCommand):
    help = (
        "Compare the evidence engine with deaths, fractures, thresholds and incidence from files "
        "that are not part of the project, print the page and write it to "
        "docs/validation-evidence.md. Sections whose file is not given are left out."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--deaths", type=Path, help="NHANES 2003-2006, merged, as CSV")
        parser.add_argument("--cohort", type=Path, help="people followed until they fractured, CSV")
        parser.add_argument("--one-year", type=Path, help="GLOW500, separated by tabs")
        parser.add_argument("--thresholds", type=Path, help="printed thresholds, CSV")
        parser.add_argument("--incidence", type=Path, help="published hip fracture incidence, CSV")
        parser.add_argument("--estonia", type=Path, help="hip fractures in Estonia, CSV")
        parser.add_argument("--output", type=Path, help="where not docs/validation-evidence.md")

    def handle(self, *args: Any, **options: Any) -> None:
        engine = EvidenceEngine()
        counted = [
            *(_read(options["incidence"], incidence.read_incidence) or ()),
            *(_read(options["estonia"], incidence.read_estonia) or ()),
        ]
        findings = Findings(
            model_id=engine.model_id,
            population=POPULATION,
            deaths_population=f"`{DEATHS_POPULATION}`",
            deaths=_deaths(options["deaths"], engine.evidence_set),
            cohort=_read(
                options["cohort"],
                lambda path: {
                    code: discrimination.cohort_concordance(path, code)
                    for code in COHORT_POPULATIONS
                },
            ),
            one_year=_read(
                options["one_year"],
                lambda path: discrimination.one_year_concordance(path, POPULATION),
            ),
            thresholds=_read(options["thresholds"], thresholds.compare),
            incidence=incidence.compare(counted, engine.evidence_set) if counted else None,
            falls=falls(engine.evidence_set, answered(engine.evidence_set)),
        )
        text = page(findings)
        target = options["output"] or Path(settings.BASE_DIR) / "docs" / "validation-evidence.md"
        target.write_text(text, encoding="utf-8")
        self.stdout.write(text)
        self.stdout.write(f"Wrote {target.name}")


def _deaths(path: Path | None, name: str) -> list[deaths.Deaths] | None:
    survey = _read(path, deaths.read_survey)
    if survey is None or DEATHS_POPULATION not in answered(name):
        return None
    parameters = evidence_set(name, DEATHS_POPULATION).parameters
    return deaths.compare(survey, population(DEATHS_POPULATION), parameters)


def _read(path: Path | None, read: Callable[[Path], Found]) -> Found | None:
    if path is None:
        return None
    try:
        return read(path)
    except (OSError, UnicodeDecodeError, KeyError, ValueError, RiskError) as error:
        # Without what the error says: it may quote a row, and rows are people.
        raise CommandError(
            f"{path} is not the table that is expected ({type(error).__name__})."
        ) from None
