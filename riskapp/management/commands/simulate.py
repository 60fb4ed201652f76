"""Make a cohort of people who never lived, e.g. to train or test a model."""

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from riskapp.management.arguments import refuse_workbook, seed
from riskapp.risk.errors import RiskError
from riskapp.training.simulation.options import FEMORAL_NECK, MISSING, Options, SiteEffect
from riskapp.training.simulation.simulate import PEOPLE_AT_ONCE, note, parts_of
from riskapp.training.simulation.tables import TableOut
from riskapp.training.writing import as_json

OUTCOMES = ("hip", "major", "any", "death")


class Command(BaseCommand):
    requires_system_checks = ()  # of pages, which serve has checked
    help = "Write a simulated cohort (CSV or Parquet) and, beside it, how it was made (JSON)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("output", type=Path, help="file to write; refused if it exists")
        parser.add_argument("--people", type=int, default=50_000)
        parser.add_argument("--seed", type=seed, default=1)
        parser.add_argument("--population", default="gb")
        parser.add_argument("--age-from", type=float, default=40.0)
        parser.add_argument("--age-to", type=float, default=90.0)
        parser.add_argument("--share-women", type=float, default=0.5)
        parser.add_argument(
            "--femoral-neck",
            choices=FEMORAL_NECK,
            default="evidence",
            help="whose T-scores by age: the evidence engine's or the survey's",
        )
        parser.add_argument("--shortest-follow-up", type=float, default=6.0, metavar="YEARS")
        parser.add_argument(
            "--longest-follow-up", type=float, default=14.0, metavar="YEARS", help="cut at ten"
        )
        parser.add_argument("--drop-out-per-year", type=float, default=0.0, metavar="RATE")
        parser.add_argument(
            "--informative",
            type=float,
            default=0.0,
            help="above 0: who is near a hip fracture leaves earlier; needs --drop-out-per-year",
        )
        parser.add_argument("--missing", choices=MISSING, default="none")
        parser.add_argument("--missing-share", type=float, default=0.3)
        parser.add_argument(
            "--not-recorded", nargs="+", default=[], metavar="FIELD", help="absent altogether"
        )
        parser.add_argument(
            "--scanners", type=int, default=0, help="so many, each with its own calibration"
        )
        parser.add_argument(
            "--site-column",
            action="append",
            default=[],
            type=site_effect,
            metavar="NAME:HIP[:OTHER[:PER_DECADE]]",
            help="a further column and its true hazard ratios per SD; may be repeated",
        )
        parser.add_argument("--noise-columns", type=int, default=0)
        parser.add_argument("--noise-correlation", type=float, default=0.5)
        parser.add_argument(
            "--no-imaging-effects",
            action="store_true",
            help="texture, CT attenuation and hip axis say no more than the evidence engine knows",
        )
        parser.add_argument(
            "--true-incidence",
            type=float,
            default=1.0,
            metavar="FACTOR",
            help="the true fracture hazards are so many times those of the evidence",
        )
        parser.add_argument(
            "--changed-effect",
            action="append",
            default=[],
            type=changed_effect,
            metavar="FIELD:RATIO",
            help="a hazard ratio that the evidence does not know of; may be repeated",
        )
        parser.add_argument(
            "--departure",
            type=int,
            default=0,
            metavar="WORLD",
            help="above 0: levels and effects are off by a draw of the evidence's own doubt",
        )
        parser.add_argument(
            "--with-truth",
            action="store_true",
            help="write each person's true 10-year probabilities to OUTPUT's name with -truth",
        )

    def handle(self, *, output: Path, with_truth: bool, **options: Any) -> None:
        truth_at = output.with_stem(f"{output.stem}-truth")
        note_at = output.with_suffix(".json")
        refuse_workbook(output)
        if note_at == output:
            raise CommandError(f"{output.name} is where the note goes; end the name in .csv.")
        for path in (output, note_at, *([truth_at] if with_truth else [])):
            if path.exists():
                raise CommandError(f"{path} exists; choose another name.")
        counted = dict.fromkeys(OUTCOMES, 0)
        try:
            asked = _options(options)
            with TableOut(output) as cohort, TableOut(truth_at if with_truth else None) as truth:
                parts = tqdm(
                    parts_of(asked), total=-(-asked.people // PEOPLE_AT_ONCE), disable=None
                )
                for part in parts:
                    cohort.write(part.table)
                    truth.write(part.truth)
                    for name in OUTCOMES:
                        counted[name] += int(part.table[f"{name}_event"].sum())
            note_at.write_text(as_json(note(asked)), encoding="utf-8")
        except RiskError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}.") from error
        told = ", ".join(f"{count} {name}" for name, count in counted.items())
        self.stdout.write(f"{asked.people} people simulated ({told}); {output}")


def _options(given: dict[str, Any]) -> Options:
    plain = {name: given[name] for name in Options.__dataclass_fields__ if name in given}
    return Options(
        **plain | {"not_recorded": tuple(given["not_recorded"])},
        site_effects=tuple(given["site_column"]),
        imaging_effects=not given["no_imaging_effects"],
        changed_effects=dict(given["changed_effect"]),
    )


def site_effect(text: str) -> SiteEffect:
    """Read NAME:HIP[:OTHER[:PER_DECADE]]; OTHER is as HIP where it is left out."""
    name, *numbers = text.split(":")
    try:
        hip, *rest = (float(number) for number in numbers)
        other, per_decade = (*rest, hip, 0.0)[:2] if not rest else (*rest, 0.0)[:2]
    except ValueError as error:
        raise ArgumentTypeError(f"{text} should be NAME:HIP[:OTHER[:PER_DECADE]].") from error
    return SiteEffect(name=name, hip=hip, other=other, per_decade=per_decade)


def changed_effect(text: str) -> tuple[str, float]:
    """Read FIELD:RATIO."""
    name, _, ratio = text.partition(":")
    try:
        return name, float(ratio)
    except ValueError as error:
        raise ArgumentTypeError(f"{text} should be FIELD:RATIO.") from error
