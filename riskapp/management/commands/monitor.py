"""Look how far a model's people and numbers are from those it learned from."""

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError

from riskapp.actions import monitoring, registry, serving
from riskapp.actions.monitoring import Assessed, Followed
from riskapp.evaluation.course import Course
from riskapp.exchange.wording import FIELDS
from riskapp.laboratory.monitoring import (
    BEYOND_CHANCE,
    LIMITS,
    Finding,
    chance_of_each,
    compared_by_year,
    compared_inputs,
    compared_predictions,
    compared_with_outcomes,
    gravest,
)
from riskapp.models import RegisteredModel
from riskapp.risk.design_row import COLUMNS, Floats
from riskapp.risk.errors import RiskError
from riskapp.risk.estimate import Outcome
from riskapp.training.reference import REFERENCE, known_columns

OUTCOME_WORDS = {"hip": "Hip fracture", "major_osteoporotic": "Major fracture"}
NO_REFERENCE = "Model {id} was stored without a description of the people it learned from."


class Command(BaseCommand):
    help = "Compare inputs, missingness, answers and outcomes with those a model learned from."
    # Learning from people and judging need none of the site’s pages.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "model_id", nargs="*", metavar="MODEL-ID", help="all in shadow or serving if left out"
        )
        parser.add_argument("--limits", action="store_true", help="print where verdicts change")

    def handle(self, *, model_id: list[str], limits: bool, **options: Any) -> None:
        if limits:
            for kind, limit in LIMITS.items():
                told = f"{kind}: watch {limit.watch:g}, act {limit.act:g}; {limit.source}"
                self.stdout.write(told)
            self.stdout.write(f"{BEYOND_CHANCE[0].upper()}{BEYOND_CHANCE[1:]}.")
            return
        for model in _models(model_id):
            try:
                verdict, findings = _look(model)
            except RiskError as refusal:
                raise CommandError(str(refusal)) from refusal
            self.stdout.write(f"{model.model_id}: {verdict}")
            for one in findings:
                told = f"{one.kind:<12} {one.verdict:<8} {one.name}  {one.value}  {one.sentence}"
                self.stdout.write(told)


def _models(ids: Sequence[str]) -> list[RegisteredModel]:
    status = RegisteredModel.Status
    if not ids:
        return list(RegisteredModel.objects.filter(status__in=[status.SHADOW, status.SERVING]))
    found = {model.model_id: model for model in RegisteredModel.objects.filter(model_id__in=ids)}
    missing = [id for id in ids if id not in found]
    if missing:
        raise CommandError(f"No registered model is called {missing[0]!r}.")
    return [found[id] for id in ids]


def _look(model: RegisteredModel) -> tuple[str, list[Finding]]:
    text = registry.stored(model).texts.get(REFERENCE)
    if text is None:
        raise CommandError(NO_REFERENCE.format(id=model.model_id))
    reference = json.loads(text)
    people = monitoring.assessed(model)
    labels = {
        name: FIELDS[column.field].label
        for name, column in COLUMNS.items()
        if column.field in FIELDS
    }
    labels |= {column.name: column.label for column in serving.reads(model)}
    chance = chance_of_each(reference, len(Outcome))
    now = known_columns([one.profile for one in people], list(reference["columns"]))
    findings = compared_inputs(reference, now, labels, chance)
    findings += compared_predictions(reference, _predicted(people), OUTCOME_WORDS, chance)
    for outcome in Outcome:
        findings += _outcome(model, outcome, chance)
    verdict = gravest(findings)
    days = [one.day for one in people]
    monitoring.keep_look(model, days, [asdict(one) for one in findings], verdict)
    return verdict, findings


def _predicted(people: Sequence[Assessed]) -> dict[str, Floats]:
    answered = [one.estimate for one in people if one.estimate is not None]
    return {
        outcome.value: np.array([each.outcomes[outcome].probability_10y for each in answered])
        for outcome in Outcome
    }


def _outcome(model: RegisteredModel, outcome: Outcome, chance: float) -> list[Finding]:
    people = monitoring.followed(model, outcome)
    name = f"{OUTCOME_WORDS[outcome.value]}, observed / expected"
    curves, seen = _curves(people, outcome), _seen(people)
    years = np.array([str(each.day.year) for each in people], dtype=np.str_)
    return [
        compared_with_outcomes(name, curves, seen, chance),
        compared_by_year(f"{name} by year of assessment", curves, seen, years, chance),
    ]


def _curves(people: Sequence[Followed], outcome: Outcome) -> Floats:
    """Probability by the end of each year, shape (n, 10)."""
    curves = [dict(each.estimate.outcomes[outcome].curve) for each in people]
    return np.array([[each[year] for year in range(1, 11)] for each in curves]).reshape(-1, 10)


def _seen(people: Sequence[Followed]) -> Course:
    return Course(
        years=np.array([each.years for each in people], dtype=np.float64),
        event=np.array([each.event for each in people], dtype=np.bool_),
        died=np.array([each.died for each in people], dtype=np.bool_),
        weights=np.ones(len(people)),
        competing=True,
    )
