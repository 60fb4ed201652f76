"""Whether learned engines would bring a person into the category that the evidence does.

For clinicians to judge the engines by; the verdict itself is the evidence's alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from riskapp.actions.scoring import EVIDENCE
from riskapp.risk.guidelines import first_verdict
from riskapp.risk.profile import RiskProfile

OUTCOMES = ("major_osteoporotic", "hip")


def in_another_category(
    profile: RiskProfile, estimates: Sequence[Mapping[str, Any]]
) -> tuple[str, ...] | None:
    """Engines whose numbers the guideline read first would judge otherwise.

    None where there is no evidence beside them, or the guideline does not decide by probabilities
    of this person.

    Parameters
    ----------
    estimates : sequence of mapping
        As ``exchange.assessment_json`` writes them.
    """
    evidence = next((one for one in estimates if one["engine"] == EVIDENCE), None)
    first = next(iter((evidence or {}).get("guidelines") or ()), None)
    if evidence is None or first is None or not first["at_least"]:
        return None
    own = _category(profile, evidence, first["guideline"])
    return tuple(
        one["engine"]
        for one in estimates
        if one is not evidence and _category(profile, one, first["guideline"]) != own
    )


def _category(profile: RiskProfile, estimate: Mapping[str, Any], guideline: str) -> str | None:
    major, hip = (estimate["outcomes"][one]["probability_10y"] for one in OUTCOMES)
    return first_verdict(profile, major, hip, guideline).at_least
