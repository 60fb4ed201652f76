"""The lines that the reader's guideline draws on the probabilities, for charts to show."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from riskapp.risk.guideline_data import listed
from riskapp.risk.guideline_lines import HIGH, VERY_HIGH, lines

WORDS = {HIGH: "treat", VERY_HIGH: "very high"}


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """One line: where, and what it is called beside it."""

    percent: float
    words: str


def drawn_lines(estimate: Mapping[str, Any], age_years: float) -> dict[str, tuple[DrawnLine, ...]]:
    """Lines by outcome, the lower first.

    None where the guideline read first does not apply, sets none, or has changed since.
    """
    first = next(iter(estimate.get("guidelines") or ()), None)
    if first is None or first["applies"] is not True:
        return {}
    held = next((one for one in listed() if one.code == first["guideline"]), None)
    if held is None or held.version != first["version"]:
        return {}
    return {
        outcome.value: tuple(DrawnLine(one.percent, WORDS[one.level]) for one in drawn)
        for outcome, drawn in lines(held, age_years).items()
    }


def treated_from(drawn: Iterable[DrawnLine]) -> DrawnLine | None:
    """Where the guideline read first begins to speak of high risk, of its lines for one outcome."""
    return next((line for line in drawn if line.words == WORDS[HIGH]), None)
