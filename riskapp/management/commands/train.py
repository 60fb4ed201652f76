"""Fit learned engines to a cohort and store them with their cards."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from riskapp import modelstore
from riskapp.cohorts.reading import read_cohort
from riskapp.evaluation.summary import judge
from riskapp.management.arguments import seed as seed_number
from riskapp.management.unheard import UnheardCommand
from riskapp.modelstore import folders
from riskapp.risk.errors import RiskError
from riskapp.training.card import summary
from riskapp.training.distributed.cluster import connected
from riskapp.training.distributed.training import left_aside, train_on_workers
from riskapp.training.fitting import DEFAULT_SEED, LEARNED, Workshop
from riskapp.training.outcomes import taught
from riskapp.training.storing import train
from riskapp.training.sums.from_sums import RECIPES as ON_WORKERS


class Command(UnheardCommand):
    help = "Fit engines to a cohort; one engine is stored as ID, several as ID-ENGINE."
    # Learning from people and judging need none of the site’s pages.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("cohort", type=Path, help="CSV or Parquet, as the contract describes")
        parser.add_argument("--model-id", required=True)
        parser.add_argument(
            "--engine",
            action="extend",
            nargs="+",
            choices=LEARNED,
            metavar="NAME",
            help=f"any of {', '.join(LEARNED)}; all of them if left out",
        )
        parser.add_argument("--seed", type=seed_number, default=DEFAULT_SEED)
        parser.add_argument(
            "--out",
            type=Path,
            default=settings.MODEL_DIR,
            help="folder of model folders; by default the site's own, where all commands look; in "
            "any other, evaluate, explain and score find the model with --models",
        )
        parser.add_argument("--schema", type=Path, help="the site's JSON; by default beside COHORT")
        parser.add_argument("--population", help="for rows that name none")
        parser.add_argument("--clamp-age", action="store_true")
        parser.add_argument(
            "--unanchored",
            action="store_true",
            help="start from nothing instead of from the evidence; for comparison only",
        )
        parser.add_argument(
            "--dask",
            metavar="ADDRESS",
            help="train on Parquet part by part, on workers: local, or a scheduler's address",
        )

    def handle(
        self,
        *,
        cohort: Path,
        model_id: str,
        engine: list[str] | None,
        seed: int,
        out: Path,
        schema: Path | None,
        population: str | None,
        clamp_age: bool,
        unanchored: bool,
        dask: str | None,
        **options: Any,
    ) -> None:
        engines = tuple(dict.fromkeys(engine or (ON_WORKERS if dask else LEARNED)))
        modelstore.look_also_in(out)
        try:
            ids = _ids(model_id, engines, out)
            if dask:
                if unanchored or clamp_age or schema:
                    raise CommandError("--dask goes with --engine, --seed and --population only.")
                if not set(engines) <= set(ON_WORKERS):
                    raise CommandError(f"On workers {', '.join(ON_WORKERS)} can be trained.")
                self._on_workers(dask, cohort, ids, out, seed, population)
                return
            people = read_cohort(cohort, population=population, clamp_age=clamp_age, schema=schema)
            # Counts only: neither logs nor terminals are places for a patient's values.
            for reason, count in people.left_out.items():
                self.stdout.write(f"{count} left out: {reason}")
            for remark in people.remarks:
                self.stdout.write(remark)
            self.stdout.write(f"{len(people.profiles)} people")
            # Refused before anything is said to be fitted.
            taught(people.follow_up, anchored=not unanchored)
            workshop = Workshop(people)
            for number, (name, own_id) in enumerate(ids.items()):
                self.stdout.write(f"[{number}/{len(engines)}] Fitting {name}")
                folder = train(
                    workshop, name, own_id, out, judge=judge, seed=seed, anchored=not unanchored
                )
                self.stdout.write(summary(modelstore.load(folder.name)))
        except RiskError as error:
            raise CommandError(str(error)) from error

    def _on_workers(
        self,
        address: str,
        cohort: Path,
        ids: dict[str, str],
        out: Path,
        seed: int,
        population: str | None,
    ) -> None:
        not_learned = left_aside(cohort)
        if not_learned:
            self.stdout.write(not_learned)
        with connected(address) as client:
            for name, own_id in ids.items():
                train_on_workers(
                    client, cohort.resolve(), name, own_id, out, seed=seed, population=population
                )
                self.stdout.write(summary(modelstore.load(own_id)))


def _ids(model_id: str, engines: tuple[str, ...], out: Path) -> dict[str, str]:
    """What each engine is stored as, refused before anything is read if it cannot be."""
    folders.refuse_unnameable(model_id)
    ids = {name: model_id if len(engines) == 1 else f"{model_id}-{name}" for name in engines}
    for own_id in ids.values():
        folders.refuse_taken(out, own_id)
    return ids
