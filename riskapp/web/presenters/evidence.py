"""Which evidence set answered, and what the others say about the same person."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from riskapp.exchange.evidence_wording import EVIDENCE_SETS, evidence_name
from riskapp.exchange.guideline_wording import label
from riskapp.exchange.sentences import listed_in_words
from riskapp.risk import evidence_sets
from riskapp.risk.estimate import EstimateOptions
from riskapp.web.presenters.fields import Choice
from riskapp.web.presenters.numbers import percent

USUAL = EstimateOptions().evidence_set
# What an input of the engine is made from, where it is not given itself.
MADE_FROM = {
    "body_mass_index": ("weight_kg", "height_cm"),
    "femoral_neck_t_score": ("femoral_neck_bmd_g_cm2",),
}


@dataclass(frozen=True, slots=True)
class OtherEvidence:
    """One line below the two numbers: the same person by another evidence set."""

    name: str
    model_id: str
    major: str
    hip: str
    borrowed: str  # of what is known about this person
    refused: str


def others_view(
    told: Iterable[Mapping[str, Any]], profile: Mapping[str, Any]
) -> tuple[OtherEvidence, ...]:
    """Shape what ``actions.comparing`` told, today or when it was stored."""
    return tuple(_shaped(one, profile) for one in told)


def _shaped(one: Mapping[str, Any], profile: Mapping[str, Any]) -> OtherEvidence:
    found = one["probability_10y"]
    borrowed = [label(name) for name in one["borrowed"] if _is_known(name, profile)]
    borrowed += [
        f"{label(name)} in part" for name in one["borrowed_in_part"] if _is_known(name, profile)
    ]
    return OtherEvidence(
        name=evidence_name(one["evidence_set"]),
        model_id=one["model_id"],
        major=percent(found["major_osteoporotic"]) if found else "",
        hip=percent(found["hip"]) if found else "",
        borrowed=listed_in_words(tuple(borrowed), "and"),
        refused=one["refused"] or "",
    )


def _is_known(name: str, profile: Mapping[str, Any]) -> bool:
    made_from = MADE_FROM.get(name, ())
    return name in profile or bool(made_from and all(part in profile for part in made_from))


def evidence_choices(picked: str) -> tuple[Choice, ...]:
    """The evidence sets that can answer, the usual one first."""
    codes = sorted(evidence_sets.listed(), key=lambda code: code != USUAL)
    return tuple(Choice(code, EVIDENCE_SETS.get(code, code), code == picked) for code in codes)


def is_evidence_set(code: str) -> bool:
    return code in evidence_sets.listed()
