"""Judge engines on a cohort: one report for people, one JSON for machines."""

import shlex
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from tqdm import tqdm

from riskapp import modelstore
from riskapp.actions.serving import refuse_changed
from riskapp.cohorts.reading import read_cohort
from riskapp.exchange.wording import SAFETY
from riskapp.laboratory.asking import Candidate
from riskapp.laboratory.candidates import EVIDENCE, evidence_candidates, learned_candidates
from riskapp.laboratory.development import Plan
from riskapp.laboratory.document import as_json
from riskapp.laboratory.evaluating import evaluate
from riskapp.laboratory.page.whole import report
from riskapp.laboratory.study import RANKED_BY, Study
from riskapp.management.arguments import UNREADABLE, refuse_overwriting, seed
from riskapp.management.unheard import UnheardCommand
from riskapp.modelstore import ENGINES
from riskapp.risk.errors import RiskError
from riskapp.training.fitting import DEFAULT_SEED, LEARNED

# Fits that say how stable what an engine rests on is.
MOST_RESTING = 5


class Command(UnheardCommand):
    help = (
        "Judge engines on a cohort that they were not fitted to; with --develop, fit engines to "
        "parts of the cohort and judge them on the rest. One report as HTML, one JSON."
    )
    # Learning from people and judging need none of the site’s pages.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("cohort", type=Path, help="CSV or Parquet, as the contract describes")
        parser.add_argument("--outcome", required=True, choices=tuple(RANKED_BY))
        parser.add_argument(
            "--engine", nargs="+", action="extend", choices=ENGINES, metavar="NAME", default=[],
            help=f"any of {', '.join(ENGINES)}; evidence is always asked",
        )  # fmt: skip
        parser.add_argument(
            "--model-id", nargs="+", action="extend", metavar="ID", default=[],
            help="stored models; a run that fitted several engines is found by its own id",
        )  # fmt: skip
        parser.add_argument("--models", type=Path, help="a folder of models beside the site's own")
        parser.add_argument("--report", type=Path, help="where the HTML goes")
        parser.add_argument("--json", type=Path, help="where the JSON goes")
        parser.add_argument("--schema", type=Path, help="the JSON that declares the site's columns")
        parser.add_argument("--population", help="for rows that name none")
        parser.add_argument("--clamp-age", action="store_true")
        parser.add_argument("--evidence-set", default="frax-2008")
        parser.add_argument(
            "--against", default=EVIDENCE, help="what others are held against: evidence or a model"
        )
        parser.add_argument("--resamples", type=int, default=200, help="for intervals")
        parser.add_argument("--seed", type=seed, default=DEFAULT_SEED)
        parser.add_argument(
            "--develop", nargs="+", choices=LEARNED, metavar="ENGINE", default=[],
            help="fit these to parts of the cohort and judge them by nested cross-validation",
        )  # fmt: skip
        parser.add_argument("--folds", type=int, default=5, help="outer folds of --develop")
        parser.add_argument(
            "--refits", type=int, default=10,
            help="fits for the optimism and, up to five of them, for what engines rest on",
        )  # fmt: skip
        parser.add_argument("--no-curve", action="store_true", help="without a learning curve")

    def handle(self, *args: Any, **options: Any) -> None:
        _check(options)
        modelstore.look_also_in(options["models"] or settings.MODEL_DIR)
        try:
            self._line("[0/1] Reading the cohort")
            people = read_cohort(
                options["cohort"],
                population=options["population"],
                clamp_age=options["clamp_age"],
                schema=options["schema"],
            )
            candidates = _candidates(people.profiles, options)
            if options["model_id"]:
                refuse_changed(candidate.engine.model_id for candidate in candidates)
            study = _study(options, candidates)
            if study.plan:
                self.stdout.write(study.plan.in_words)
            document = evaluate(people, study, self._told)
        except RiskError as error:
            raise CommandError(str(error), returncode=UNREADABLE) from error
        self._write(options["report"], lambda: report(document))
        self._write(options["json"], lambda: as_json(document))
        for sentence in (*document["summary"], *document["cannot_be_said"], SAFETY):
            self.stdout.write(sentence)

    def _told(self, steps: Iterable[Any], what: str) -> Iterator[Any]:
        """A bar on a terminal; elsewhere one line for each step, which whoever waits can read."""
        every = list(steps)
        for number, step in enumerate(tqdm(every, desc=what, disable=None)):
            self._line(f"[{number}/{len(every)}] {what[:1].upper()}{what[1:]}")
            yield step

    def _line(self, text: str) -> None:
        if not sys.stderr.isatty():
            self.stdout.write(text)

    def _write(self, path: Path | None, text: Any) -> None:
        if path is None:
            return
        try:
            path.write_text(text(), encoding="utf-8")
        except OSError as error:
            raise CommandError(
                f"{path} cannot be written: {error.strerror}.", returncode=UNREADABLE
            ) from error
        self.stdout.write(f"Wrote {path}")


def _check(options: dict[str, Any]) -> None:
    if not 2 <= options["folds"] <= 50:
        raise CommandError("Folds: 2 to 50.", returncode=UNREADABLE)
    if options["resamples"] < 20 or options["refits"] < 0:
        raise CommandError("Resamples: 20 or more; refits: 0 or more.", returncode=UNREADABLE)
    targets = [options["report"], options["json"]]
    refuse_overwriting(options["cohort"], options["schema"], targets)


def _candidates(profiles: Sequence[Any], options: dict[str, Any]) -> list[Candidate]:
    populations = sorted({profile.population for profile in profiles})
    found = evidence_candidates(populations, options["evidence_set"])
    found += learned_candidates(options["engine"], options["model_id"])
    if options["against"] not in {one.key for one in found}:
        raise CommandError(
            f"Nothing here is called {options['against']!r}; there are "
            f"{', '.join(one.key for one in found)}.",
            returncode=UNREADABLE,
        )
    return found


def _study(options: dict[str, Any], candidates: Sequence[Candidate]) -> Study:
    plan = None
    if options["develop"]:
        plan = Plan(
            engines=tuple(dict.fromkeys(options["develop"])),
            folds=options["folds"],
            refits=options["refits"],
            # A stability needs two fits to compare.
            resamples=min(options["refits"], MOST_RESTING) if options["refits"] > 1 else 0,
            curve=not options["no_curve"],
            seed=options["seed"],
        )
    return Study(
        outcome=options["outcome"],
        name=options["cohort"].name,
        path=options["cohort"],
        candidates=candidates,
        against=options["against"],
        resamples=options["resamples"],
        seed=options["seed"],
        command=shlex.join(["evaluate", *sys.argv[2:]] if sys.argv[1:2] == ["evaluate"] else []),
        plan=plan,
    )
