"""What the other evidence sets say about the same person, beside the one that answered."""

from dataclasses import replace
from typing import Any

from riskapp.actions.scoring import EVIDENCE
from riskapp.modelstore import engine_named
from riskapp.risk import evidence_sets
from riskapp.risk.errors import EngineWithheld, OutsideModelRange
from riskapp.risk.estimate import EstimateOptions
from riskapp.risk.profile import RiskProfile


def other_evidence(profile: RiskProfile, options: EstimateOptions) -> list[dict[str, Any]]:
    """Bare probabilities by every evidence set but the one of ``options``, ready to be stored.

    Each names what it borrows, or says in ``refused`` why it has no answer.
    """
    bare = replace(options, explain=False, interval=False, verdicts=False, guideline=None)
    return [
        _told(profile, replace(bare, evidence_set=name))
        for name in evidence_sets.listed()
        if name != options.evidence_set
    ]


def _told(profile: RiskProfile, options: EstimateOptions) -> dict[str, Any]:
    name = options.evidence_set
    borrowed, in_part = evidence_sets.borrowed_fields(name)
    told: dict[str, Any] = {
        "evidence_set": name,
        "model_id": "",
        "probability_10y": None,
        "borrowed": list(borrowed),
        "borrowed_in_part": list(in_part),
        "refused": None,
    }
    try:
        engine = engine_named(EVIDENCE, evidence_set=name)
        told["model_id"] = engine.model_id
        outcomes = engine.estimate(profile, options).outcomes
    except (OutsideModelRange, EngineWithheld) as reason:
        return told | {"refused": str(reason)}
    probabilities = {outcome.value: one.probability_10y for outcome, one in outcomes.items()}
    return told | {"probability_10y": probabilities}
