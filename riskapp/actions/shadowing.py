"""Models in shadow answer silently what was asked, after the answer was given.

Nothing happens when an assessment is stored: a worker looks for those that a model in shadow has
not answered yet. So an answer is never slower, and never fails, because a model is being tried.
"""

import logging
from dataclasses import dataclass
from statistics import fmean, pstdev, quantiles
from typing import Any

from django.contrib.auth.models import User

from riskapp.actions.laboratory_finding import model as find_model
from riskapp.actions.serving import engine_as_registered
from riskapp.actions.stored_answers import stored_profile
from riskapp.exchange.assessment_json import estimate_json
from riskapp.models import Assessment, RegisteredModel, ServedModel, ShadowScore
from riskapp.risk.errors import RiskError, UnknownModel
from riskapp.risk.estimate import Engine, EstimateOptions

log = logging.getLogger(__name__)
# Scored before a worker looks for other work again.
AT_ONCE = 50
OUTCOMES = ("major_osteoporotic", "hip")
# 10-year probabilities from which treatment is advised: LeBoff 2022,
# doi:10.1007/s00198-021-05900-y (BHOF). Fixed, unlike those that depend on age, so that a share
# of people who cross one means the same everywhere.
THRESHOLDS = {"major_osteoporotic": 0.20, "hip": 0.03}
# Differences up to one percentage point are called agreement here; a choice of this product.
AGREEMENT = 0.01


def score_shadows() -> bool:
    """Answer some assessments by the models in shadow; False if there were none to answer."""
    found = False
    for model in RegisteredModel.objects.filter(status=RegisteredModel.Status.SHADOW):
        waiting = (
            Assessment.objects.filter(
                patient__organisation=model.organisation_id, created_at__gte=model.shadow_since
            )
            .exclude(shadows__model=model)
            .order_by("created_at")[:AT_ONCE]
        )
        served = _served(model)
        rows = [_scored(model, assessment, served) for assessment in waiting]
        # Two workers may have answered the same one; one of the two rows stays.
        ShadowScore.objects.bulk_create(rows, ignore_conflicts=True)
        found = found or bool(rows)
    return found


def _scored(model: RegisteredModel, assessment: Assessment, served: Engine | None) -> ShadowScore:
    beside = _beside(assessment, served)
    row = ShadowScore(model=model, assessment=assessment, beside=beside)
    try:
        row.answer = _answer(engine_as_registered(model), assessment)
    except RiskError as refusal:
        row.refused = str(refusal)
    return row


def _answer(engine: Engine, assessment: Assessment) -> dict[str, Any]:
    options = EstimateOptions(
        evidence_set=assessment.evidence_set, explain=False, interval=False, verdicts=False
    )
    outcomes = estimate_json(engine.estimate(stored_profile(assessment), options))["outcomes"]
    told = ("probability_10y", "curve")
    return {name: {key: outcomes[name][key] for key in told} for name in OUTCOMES}


def _beside(assessment: Assessment, served: Engine | None) -> dict[str, dict[str, float]]:
    """What was answered, and what the served model of the same engine says where not asked."""
    told = {
        each["model_id"]: {name: each["outcomes"][name]["probability_10y"] for name in OUTCOMES}
        for each in assessment.estimates
    }
    if served is not None and served.model_id not in told:
        try:
            answer = _answer(served, assessment)
        except RiskError:
            return told
        told[served.model_id] = {name: answer[name]["probability_10y"] for name in OUTCOMES}
    return told


def _served(model: RegisteredModel) -> Engine | None:
    row = ServedModel.objects.filter(organisation=model.organisation_id, engine=model.engine)
    try:
        return next((engine_as_registered(one.model) for one in row.select_related("model")), None)
    except UnknownModel:
        return None  # its own page says why


@dataclass(frozen=True, slots=True)
class Differences:
    """A model in shadow against one that answered, for one outcome; in probability.

    Attributes
    ----------
    agreeing : float
        Share of people for whom the two differ by at most ``AGREEMENT``.
    limits : (float, float)
        Mean difference -/+ 1.96 standard deviations (Bland and Altman 1986,
        doi:10.1016/S0140-6736(86)90837-8).
    up, down : float
        Share of people whom the model in shadow puts at or above the threshold and the other
        below it, and the reverse.
    """

    against: str
    outcome: str
    people: int
    mean: float
    limits: tuple[float, float]
    quantiles: tuple[float, ...]  # 5th, 25th, 50th, 75th, 95th
    agreeing: float
    threshold: float
    up: float
    down: float


@dataclass(frozen=True, slots=True)
class Shadow:
    """What is known of a model in shadow so far."""

    scored: int
    refused: dict[str, int]
    differences: tuple[Differences, ...]


def shadow_of(*, by: User, model: RegisteredModel) -> Shadow:
    """Compare what a model in shadow said with what was answered; statisticians only."""
    model = find_model(by=by, id=model.id)
    pairs: dict[tuple[str, str], list[tuple[float, float]]] = {}
    refused: dict[str, int] = {}
    scored = 0
    for answer, beside, refusal in model.shadows.values_list("answer", "beside", "refused"):
        scored += 1
        if refusal:
            refused[refusal] = refused.get(refusal, 0) + 1
            continue
        for other, theirs in beside.items():
            for outcome in OUTCOMES:
                pair = answer[outcome]["probability_10y"], theirs[outcome]
                pairs.setdefault((other, outcome), []).append(pair)
    differences = tuple(_differences(*key, values) for key, values in sorted(pairs.items()))
    return Shadow(scored, refused, differences)


def _differences(against: str, outcome: str, pairs: list[tuple[float, float]]) -> Differences:
    apart = [ours - theirs for ours, theirs in pairs]
    mean, spread = fmean(apart), 1.96 * pstdev(apart)
    line = THRESHOLDS[outcome]
    cut = quantiles(apart, n=20, method="inclusive") if len(apart) > 1 else apart * 19
    return Differences(
        against=against,
        outcome=outcome,
        people=len(apart),
        mean=mean,
        limits=(mean - spread, mean + spread),
        quantiles=tuple(cut[index] for index in (0, 4, 9, 14, 18)),
        agreeing=fmean(abs(each) <= AGREEMENT for each in apart),
        threshold=line,
        up=fmean(ours >= line > theirs for ours, theirs in pairs),
        down=fmean(theirs >= line > ours for ours, theirs in pairs),
    )
