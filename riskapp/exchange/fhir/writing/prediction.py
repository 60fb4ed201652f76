"""Probabilities as predictions: one for each outcome and year, those of 10 years first."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from riskapp.exchange.fhir.writing import codes
from riskapp.exchange.fhir.writing.codes import Json
from riskapp.exchange.fhir.writing.elements import (
    extension,
    nested,
    percent,
    percent_range,
    said,
    years_later,
)
from riskapp.exchange.numbers import percent as shown_percent
from riskapp.exchange.numbers import percent_range as shown_range
from riskapp.exchange.sentences import listed_in_words
from riskapp.exchange.wording import goes_with
from riskapp.risk.estimate import Outcome

HORIZON_YEARS = 10
INTERVALS = {
    "interval_95": "interval-95",
    "interval_95_model": "interval-95-model",
    "interval_95_unknown": "interval-95-unknown",
}
Moved = list[tuple[Mapping[str, Any], str]]
MOST_REASONS = 5  # in words; the extensions hold all


def predictions(estimate: Mapping[str, Any], day: date) -> list[Json]:
    """Predictions from a day on.

    ``whenRange`` would be an age range of the person; how long from the day of the assessment is a
    period.
    """
    outcomes, begins = estimate["outcomes"], day.isoformat()
    # What many predictions say alike is made once.
    named = {name: _outcome(name) for name in outcomes}
    years = {years for answer in outcomes.values() for years, _ in answer["curve"]}
    periods = {
        one: {"start": begins, "end": years_later(day, int(one)).isoformat()}
        for one in years | {HORIZON_YEARS}
    }
    tens = [
        _ten_years(estimate, name, answer, named[name], periods[HORIZON_YEARS])
        for name, answer in outcomes.items()
    ]
    others = [
        _prediction(probability, int(years), named[name], periods[years])
        for name, answer in outcomes.items()
        for years, probability in answer["curve"]
        if years != HORIZON_YEARS
    ]
    return [*tens, *others]


def _prediction(probability: float, years: int, outcome: Json, period: Json) -> Json:
    within = "1 year" if years == 1 else f"{years} years"
    return {
        "extension": [extension("fraction", valueDecimal=probability)],
        "outcome": outcome,
        "probabilityDecimal": percent(probability),
        "whenPeriod": period,
        "rationale": f"{shown_percent(probability)} within {within}, death competing.",
    }


def _ten_years(
    estimate: Mapping[str, Any], name: str, answer: Mapping[str, Any], outcome: Json, period: Json
) -> Json:
    made = _prediction(answer["probability_10y"], HORIZON_YEARS, outcome, period)
    intervals = [
        extension(ours, valueRange=percent_range(answer[key]))
        for key, ours in INTERVALS.items()
        if answer[key] is not None
    ]
    moved = _moved(estimate, name)
    made["extension"] += [*intervals, *_reasons(estimate, name, moved)]
    made["rationale"] = said(" ".join(_rationale(estimate, name, answer, moved)))
    judged = _qualitative(estimate["guidelines"])
    return made | ({"qualitativeRisk": judged} if judged else {})


def _outcome(name: str) -> Json:
    made = codes.concept("outcome", name)
    if name in codes.OUTCOMES_IN_SNOMED:
        code, display = codes.OUTCOMES_IN_SNOMED[name]
        made["coding"].append({"system": codes.SNOMED, "code": code, "display": display})
    return made


def _qualitative(guidelines: list[Mapping[str, Any]]) -> Json | None:
    """The category at the guideline asked first; a code only where it holds whatever is unknown."""
    own = guidelines[0] if guidelines else None
    if own is None or not own["applies"] or own["at_least"] is None:
        return None
    if own["category"] is None:
        left = listed_in_words([one for one in own["possible"] if one != own["at_least"]], "or")
        return {"text": f"{own['name']}: {own['at_least']}; also possible: {left}"}
    code = codes.guideline_code(own["guideline"], own["category"])
    return codes.concept("guideline-category", code, f"{own['name']}: {own['category']}")


def _moved(estimate: Mapping[str, Any], name: str) -> Moved:
    """What moved the probability, with the words for it, which are told twice."""
    explanation = estimate["explanation"]
    if not explanation or not explanation["baseline"]:
        return []
    told = [one for one in explanation["contributions"] if one["probability"] is not None]
    return [(one, _in_words(one, name)) for one in told]


def _reasons(estimate: Mapping[str, Any], name: str, moved: Moved) -> Iterator[Json]:
    """The baseline and each contribution in percentage points, for programs."""
    explanation = estimate["explanation"]
    if not explanation or not explanation["baseline"]:
        return
    yield extension("baseline", valueDecimal=percent(explanation["baseline"][name]))
    for one, words in moved:
        yield nested(
            "contribution",
            field={"valueCode": one["field"]},
            points={"valueDecimal": percent(one["probability"][name])},
            words={"valueString": said(words)},
            source={"valueString": said(one["source"])} if one["source"] else None,
        )


def _rationale(
    estimate: Mapping[str, Any], name: str, answer: Mapping[str, Any], moved: Moved
) -> Iterator[str]:
    told = shown_range(answer["interval_95"])
    beside = f" (95 % interval {told})" if told else ""
    yield f"{shown_percent(answer['probability_10y'])} within 10 years{beside}, death competing."
    explanation = estimate["explanation"]
    if explanation and explanation["baseline"]:
        means = explanation["baseline_means"].capitalize()
        yield f"{means}: {shown_percent(explanation['baseline'][name])}."
        most = sorted(moved, key=lambda one: -abs(one[0]["probability"][name]))
        yield from (words for _, words in most[:MOST_REASONS])


def _in_words(one: Mapping[str, Any], name: str) -> str:
    return goes_with(
        one["field"],
        one["value"],
        one["probability"][name],
        Outcome(name),
        one["beside"],
        one["label"],
        one["unit"],
    )
