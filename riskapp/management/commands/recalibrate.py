"""Move a stored model to the level and spread of newer people, where that is enough."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from riskapp import modelstore
from riskapp.actions.serving import refuse_changed
from riskapp.cohorts.reading import read_cohort
from riskapp.evaluation.summary import judge
from riskapp.risk.errors import RiskError
from riskapp.training.card import summary
from riskapp.training.recalibrate import in_words, recalibrate


class Command(BaseCommand):
    help = "Recalibrate a model on a cohort; what it learned of people stays as it is."
    # Learning from people and judging need none of the site’s pages.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("parent", metavar="MODEL-ID")
        parser.add_argument("cohort", type=Path, help="CSV or Parquet, as the contract describes")
        parser.add_argument("--model-id", required=True, help="of the new model")
        parser.add_argument("--schema", type=Path, help="the site's JSON; by default beside COHORT")
        parser.add_argument("--population", help="for rows that name none")
        parser.add_argument(
            "--out",
            type=Path,
            default=settings.MODEL_DIR,
            help="folder of model folders; by default the site's own",
        )

    def handle(
        self, *, parent: str, cohort: Path, model_id: str, out: Path, **options: Any
    ) -> None:
        modelstore.look_also_in(out)
        try:
            self.stdout.write("[1/3] Reading the cohort")
            people = read_cohort(cohort, population=options["population"], schema=options["schema"])
            self.stdout.write("[2/3] Comparing what the model expects with what happened")
            model = modelstore.load(parent)
            refuse_changed([model.model_id])
            updates = recalibrate(model, people, model_id, out, judge=judge)
            for cause, each in updates.items():
                self.stdout.write(in_words(cause, each))
            self.stdout.write(summary(modelstore.load(model_id)))
        except RiskError as error:
            raise CommandError(str(error)) from error
