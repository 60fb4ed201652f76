"""Profiles and estimates as the JSON that other programs rely on."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date
from enum import StrEnum
from typing import Any

from riskapp.exchange import wording
from riskapp.exchange.guideline_wording import verdict_wording
from riskapp.risk.estimate import (
    Contribution,
    Explanation,
    Interval,
    OutcomeEstimate,
    RiskEstimate,
)
from riskapp.risk.profile import FIELD_NAMES, RiskProfile
from riskapp.risk.verdict import FiredRule, Verdict

OF_A_VERDICT = tuple(one.name for one in fields(Verdict) if one.init)


def profile_json(profile: RiskProfile) -> dict[str, Any]:
    """What is known, under contract names; reading it back gives an equal profile."""
    known = {name: getattr(profile, name) for name in FIELD_NAMES}
    return {name: _plain(value) for name, value in known.items() if value is not None}


def estimate_json(estimate: RiskEstimate) -> dict[str, Any]:
    """One engine's answer in the shape promised to other programs."""
    told = without_verdicts(estimate)
    told["guidelines"] = [verdict_json(verdict) for verdict in estimate.guidelines]
    return told


def without_verdicts(estimate: RiskEstimate) -> dict[str, Any]:
    """All of an answer but what guidelines say, which comes last."""
    explanation = estimate.explanation
    return {
        "engine": estimate.engine,
        "model_id": estimate.model_id,
        "evidence_set": estimate.evidence_set,
        "population": estimate.population,
        "trained_on": estimate.trained_on,
        "outcomes": {
            outcome.value: _outcome_json(answer) for outcome, answer in estimate.outcomes.items()
        },
        "explanation": None if explanation is None else _explanation_json(explanation),
        "unknown": list(estimate.unknown),
        "warnings": list(estimate.warnings),
        "would_help_most": [
            {
                "field": help_.field,
                "expected_interval_width": help_.expected_interval_width,
                "chance_decision_changes": help_.chance_decision_changes,
                "chance_settles": help_.chance_settles,
                "would_settle": help_.would_settle,
                "categories": dict(help_.categories),
            }
            for help_ in estimate.would_help_most
        ],
    }


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """What one guideline says, with its wording."""
    # Field by field: ``asdict`` copies each text of each rule, and takes as long as all the rest.
    told = {name: _listed(getattr(verdict, name)) for name in OF_A_VERDICT}
    told["rules"] = _fired_json(verdict.rules)
    told["remarks"] = _fired_json(verdict.remarks)
    told["wording"] = verdict_wording(verdict)
    return told


def _fired_json(rules: Iterable[FiredRule]) -> list[dict[str, str]]:
    return [{"says": one.says, "source": one.source, "mark": one.mark} for one in rules]


def _outcome_json(answer: OutcomeEstimate) -> dict[str, Any]:
    return {
        "probability_10y": answer.probability_10y,
        "interval_95": _interval_json(answer.interval_95),
        "interval_95_model": _interval_json(answer.interval_95_model),
        "interval_95_unknown": _interval_json(answer.interval_95_unknown),
        "curve": [[year, probability] for year, probability in answer.curve],
    }


def _interval_json(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [interval.lower, interval.upper]


def _explanation_json(explanation: Explanation) -> dict[str, Any]:
    return {
        "baseline": _by_name(explanation.baseline),
        "baseline_log_hazard": _by_name(explanation.baseline_log_hazard),
        "baseline_means": explanation.baseline_means,
        "contributions": [_contribution_json(one) for one in explanation.contributions],
    }


def _contribution_json(one: Contribution) -> dict[str, Any]:
    return {
        "field": one.field,
        "label": one.label or wording.FIELDS[one.field].label,
        "value": _plain(one.value),
        "unit": one.unit,
        "log_hazard": _by_name(one.log_hazard),
        "probability": _by_name(one.probability),
        "wording": wording.contribution(one),
        "source": one.source,
        "beside": dict(one.beside),
    }


def _listed(value: Any) -> Any:
    """As JSON gives it back: a list."""
    return list(value) if isinstance(value, tuple) else value


def _by_name(numbers: Mapping[Any, float] | None) -> dict[str, float] | None:
    return None if numbers is None else {str(name): value for name, value in numbers.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value
