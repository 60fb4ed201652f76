"""One engine's answer as the page shows it, from the JSON that other programs get."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from riskapp.exchange.evidence_wording import about_thresholds, counted_by, evidence_name
from riskapp.exchange.guideline_wording import about_of_ten
from riskapp.exchange.wording import FIELDS, NO_BREAK_SPACE, value_text
from riskapp.web.presenters.curve import Curve, curve
from riskapp.web.presenters.evidence import OtherEvidence, others_view
from riskapp.web.presenters.fields import ASKED, in_words, kind_of, label_of
from riskapp.web.presenters.guideline import Guidelines, guidelines_view
from riskapp.web.presenters.numbers import percentage, plain, short, signed
from riskapp.web.presenters.strip import Strip, strip
from riskapp.web.presenters.waterfall import Waterfall, probability_waterfall

MAJOR, HIP = "major_osteoporotic", "hip"
# Engines that learned, in the order of the page, and their names.
LEARNED = {
    "cox": "Cox",
    "xgboost": "XGBoost",
    "lightgbm": "LightGBM",
    "neural": "Network",
    "ensemble": "Ensemble",
}
# Either gives the T-score from which the hip's density is counted.
DENSITY = frozenset({"femoral_neck_t_score", "femoral_neck_bmd_g_cm2"})
WORTH_ASKING = 3
WORTH_SAYING = 0.03  # of the interval's width


@dataclass(frozen=True, slots=True)
class Unknown:
    """An input that is not known; ``anchor`` leads to its question.

    ``narrows`` is how much knowing it would narrow the interval, where that is worth saying.
    """

    label: str
    anchor: str
    is_yes_no: bool
    narrows: str


@dataclass(frozen=True, slots=True)
class Help:
    """What knowing an input would do to the width of the interval."""

    label: str
    anchor: str
    width: str
    change: str
    decision: str  # in how many people the guideline's category would be another


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that the answer's half of the page says."""

    estimate: Mapping[str, Any]
    major: Strip
    hip: Strip
    why_major: Waterfall | None
    why_hip: Waterfall | None
    curve: Curve
    unknown: tuple[Unknown, ...]
    helps: tuple[Help, ...]
    width_now: str
    warnings: tuple[str, ...]
    population: str
    is_woman: bool
    age: str
    body_mass_index: str  # with its unit, where it follows from weight and height
    density_is_known: bool
    guidelines: Guidelines | None
    evidence: str  # the evidence set that answered, in words
    thresholds: str
    counted_by: str  # the same, with what keeps the number from being taken for another's
    others: tuple[OtherEvidence, ...]
    said_beside: tuple[tuple[str, str], ...]  # field, and what is said of its answer


@dataclass(frozen=True, slots=True)
class OtherAnswer:
    """A learned engine's answer, with its reasons counted from its own starting point."""

    name: str
    is_evidence: bool
    is_of_today: bool  # computed now, beside answers that were stored
    estimate: Mapping[str, Any]
    major: str
    major_interval: str
    hip: str
    hip_interval: str
    starts_from: str
    why: tuple[tuple[str, Waterfall], ...]
    warnings: tuple[str, ...]


def answer(
    estimate: Mapping[str, Any],
    profile: Mapping[str, Any],
    populations: Mapping[str, str],
    warnings: Iterable[str] = (),
    other_evidence: Iterable[Mapping[str, Any]] = (),
    by_field: Mapping[str, str] = MappingProxyType({}),
) -> Answer:
    """Shape one estimate; ``warnings`` are the reader's, shown before the engine's.

    ``by_field`` is what is said of single answers, such as why one does not count.
    """
    outcomes = estimate["outcomes"]
    interval = outcomes[MAJOR]["interval_95"]
    width = interval[1] - interval[0] if interval else 0.0
    bmd = profile.get("femoral_neck_bmd_g_cm2")
    made_from = (
        {"femoral_neck_t_score": f"BMD {value_text('femoral_neck_bmd_g_cm2', bmd)}"} if bmd else {}
    )
    return Answer(
        estimate=estimate,
        major=strip(outcomes[MAJOR]),
        hip=strip(outcomes[HIP]),
        why_major=probability_waterfall(estimate, MAJOR, made_from),
        why_hip=probability_waterfall(estimate, HIP, made_from),
        curve=curve(outcomes),
        unknown=tuple(_unknown(name, estimate, width) for name in estimate["unknown"]),
        helps=_helps(estimate, width),
        width_now=percentage(width),
        warnings=tuple(in_words(one) for one in dict.fromkeys((*warnings, *estimate["warnings"]))),
        population=populations.get(estimate["population"], estimate["population"]),
        is_woman=profile["sex"] == "female",
        age=short(profile["age_years"]),
        body_mass_index=_body_mass_index(profile),
        density_is_known=bool(DENSITY.intersection(profile)),
        guidelines=guidelines_view(estimate),
        evidence=evidence_name(estimate["evidence_set"]),
        thresholds=about_thresholds(estimate["evidence_set"]),
        counted_by=counted_by(estimate["evidence_set"]),
        others=others_view(other_evidence, profile),
        said_beside=tuple(
            (name, in_words(sentence)) for name, sentence in by_field.items() if name in ASKED
        ),
    )


def _body_mass_index(profile: Mapping[str, Any]) -> str:
    if "weight_kg" not in profile or "height_cm" not in profile:
        return ""
    index = profile["weight_kg"] / (profile["height_cm"] / 100) ** 2
    return f"{plain(index)}{NO_BREAK_SPACE}{FIELDS['body_mass_index'].unit}"


def other_answer(estimate: Mapping[str, Any], *, is_of_today: bool = False) -> OtherAnswer:
    """Shape an estimate for the table of engines."""
    outcomes = estimate["outcomes"]
    reasons = (("major osteoporotic fracture", MAJOR), ("hip fracture", HIP))
    drawn = ((words, probability_waterfall(estimate, outcome)) for words, outcome in reasons)
    return OtherAnswer(
        name=LEARNED.get(estimate["engine"], estimate["engine"]),
        is_evidence=estimate["engine"] not in LEARNED,
        is_of_today=is_of_today,
        estimate=estimate,
        major=percentage(outcomes[MAJOR]["probability_10y"]),
        major_interval=_ends(outcomes[MAJOR]["interval_95"]),
        hip=percentage(outcomes[HIP]["probability_10y"]),
        hip_interval=_ends(outcomes[HIP]["interval_95"]),
        starts_from=in_words((estimate.get("explanation") or {}).get("baseline_means", "")),
        why=tuple((words, waterfall) for words, waterfall in drawn if waterfall is not None),
        warnings=tuple(in_words(one) for one in estimate["warnings"]),
    )


def _ends(interval: Sequence[float] | None) -> str:
    return " to ".join(percentage(end) for end in interval) if interval else "no interval"


def differ(estimates: Iterable[Mapping[str, Any]]) -> str:
    """How far learned engines are from the evidence engine on major fracture, in points."""
    told = [(one["engine"], one["outcomes"][MAJOR]["probability_10y"]) for one in estimates]
    evidence = [value for engine, value in told if engine not in LEARNED]
    learned = [value for engine, value in told if engine in LEARNED]
    if not evidence or not learned:
        return ""
    return plain(100 * max(abs(value - evidence[0]) for value in learned))


def _unknown(name: str, estimate: Mapping[str, Any], width: float) -> Unknown:
    then = {one["field"]: one["expected_interval_width"] for one in estimate["would_help_most"]}
    gain = 1 - then.get(name, width) / width if width else 0.0
    anchor = _anchor(name)
    return Unknown(
        label=label_of(name),
        anchor=anchor,
        is_yes_no=bool(anchor) and kind_of(name) == "yes_no",
        narrows=f"{100 * gain:.0f}{NO_BREAK_SPACE}%" if gain >= WORTH_SAYING else "",
    )


def _helps(estimate: Mapping[str, Any], width: float) -> tuple[Help, ...]:
    worth = estimate["would_help_most"]  # the most helpful first
    return tuple(
        Help(
            label=label_of(one["field"]),
            anchor=_anchor(one["field"]),
            width=percentage(one["expected_interval_width"]),
            change=_change(one["expected_interval_width"], width),
            decision=_decision(one.get("chance_decision_changes")),
        )
        for one in worth[:WORTH_ASKING]
    )


def _decision(chance: float | None) -> str:
    return "" if chance is None else about_of_ten(chance).removeprefix("about ")


def _change(then: float, now: float) -> str:
    return f"{signed(100 * (then / now - 1), 0)}{NO_BREAK_SPACE}%" if now else ""


def _anchor(name: str) -> str:
    if name == "body_mass_index":
        return "weight_kg"  # asked every day; the index itself is folded away
    return name if name in ASKED and name in FIELDS else ""
