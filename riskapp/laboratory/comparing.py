"""Engines set beside each other on the same people: differences, decisions, reclassification."""

from collections.abc import Mapping, Sequence
from typing import Any

from riskapp.evaluation.concordance import difference
from riskapp.evaluation.course import Course, Places
from riskapp.laboratory.asking import Candidate, Floats
from riskapp.laboratory.candidates import FRAX_CONVENTION
from riskapp.laboratory.judging import ranked


def compared_pairs(
    candidates: Sequence[Candidate], against: str
) -> list[tuple[Candidate, Candidate]]:
    """Every candidate against the one named, and learned ones against FRAX's convention too."""
    by_key = {one.key: one for one in candidates}
    pairs = [(one, by_key[against]) for one in candidates if one.key != against]
    convention = by_key.get(FRAX_CONVENTION)
    if convention is not None and convention.key != against:
        pairs += [
            (one, convention) for one in candidates if one.engine.trained_on != "published"
        ]
    return pairs


def concordance_differences(
    pairs: Sequence[tuple[Candidate, Candidate]],
    predicted: Mapping[str, Floats],
    seen: Course,
    people: Places,
) -> list[dict[str, Any]]:
    """Harrell's C of one less that of the other, on the same people."""
    rows = []
    for one, other in pairs:
        found = difference(
            ranked(predicted[one.key], seen, people),
            ranked(predicted[other.key], seen, people),
            people,
        )
        rows.append({
            "what": "Harrell's C", "key": one.key, "label": one.label, "against": other.key,
            "against_label": other.label, "value": found.value,
            "interval": [found.lower, found.upper],
        })  # fmt: skip
    return rows
