"""One engine's answer as the page shows it, from the JSON that other programs get."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from riskapp.actions.serving import trained_day
from riskapp.exchange.evidence_wording import about_thresholds, counted_by, evidence_name
from riskapp.exchange.guideline_wording import about_of_ten
from riskapp.exchange.naming import in_words
from riskapp.exchange.numbers import NO_BREAK_SPACE
from riskapp.exchange.unknown_wording import cost_of_not_knowing, share_in_words
from riskapp.exchange.wording import FIELDS, value_text
from riskapp.risk.modifier_words import LEFT_OUT, only_tells_what_is_left_out
from riskapp.web.presenters.curve import Curve, curve
from riskapp.web.presenters.evidence import OtherEvidence, others_view
from riskapp.web.presenters.fields import ASKED, kept_only, kind_of, label_of
from riskapp.web.presenters.guideline import Guidelines, guidelines_view
from riskapp.web.presenters.guideline_lines import drawn_lines, treated_from
from riskapp.web.presenters.numbers import percentage, percentage_range, plain, short
from riskapp.web.presenters.shown import Shown
from riskapp.web.presenters.stands_on import StandsOn, stands_on
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
NOT_COUNTED = "Does not count in this estimate"


@dataclass(frozen=True, slots=True)
class Unknown:
    """An input that is not known; ``anchor`` leads to its question.

    ``narrows`` is by how much knowing it would narrow the interval, in words, where that is more
    than noise; ``cost`` says so beside its question.
    """

    label: str
    anchor: str
    is_yes_no: bool
    narrows: str
    cost: str


@dataclass(frozen=True, slots=True)
class Help:
    """What knowing an input would do to the width of the interval."""

    label: str
    anchor: str
    width: str
    change: str
    decision: str  # in how many people the guideline's category would be another


@dataclass(frozen=True, slots=True)
class Answer(Shown):
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
    left_out: tuple[str, ...]  # notes on answers that do not count
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
    beside: Mapping[str, str]  # by field: what its answer means, or what not knowing it costs
    stands_on: StandsOn


@dataclass(frozen=True, slots=True)
class OtherAnswer:
    """A learned engine's answer, with its reasons counted from its own starting point."""

    name: str
    is_evidence: bool
    dated: str  # when it was trained
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
    *,
    either_way: str = "",
    image: str = "",
    made_on: date | None = None,
) -> Answer:
    """Shape one estimate; ``warnings`` are the reader's, shown before the engine's.

    ``by_field`` is what is said of single answers, such as why one does not count; ``either_way``
    and ``image`` go with the guideline that is read first; ``made_on`` is today unless said.
    """
    today = timezone.localdate()
    outcomes = estimate["outcomes"]
    said = tuple(dict.fromkeys((*warnings, *estimate["warnings"])))
    interval = outcomes[MAJOR]["interval_95"]
    width = interval[1] - interval[0] if interval else 0.0
    bmd = profile.get("femoral_neck_bmd_g_cm2")
    made_from = (
        {"femoral_neck_t_score": f"BMD {value_text('femoral_neck_bmd_g_cm2', bmd)}"} if bmd else {}
    )
    drawn = drawn_lines(estimate, profile["age_years"])
    of_major, of_hip = drawn.get(MAJOR, ()), drawn.get(HIP, ())
    unknown = _unknowns(estimate, profile, width)
    return Answer(
        estimate=estimate,
        major=strip(outcomes[MAJOR], lines=of_major),
        hip=strip(outcomes[HIP], lines=of_hip),
        why_major=probability_waterfall(estimate, MAJOR, made_from, treated_from(of_major)),
        why_hip=probability_waterfall(estimate, HIP, made_from, treated_from(of_hip)),
        curve=curve(outcomes),
        unknown=unknown,
        helps=_helps(estimate, profile, width),
        width_now=percentage(width),
        warnings=tuple(in_words(one) for one in said if not only_tells_what_is_left_out(one)),
        left_out=tuple(in_words(one) for one in said if only_tells_what_is_left_out(one)),
        population=populations.get(estimate["population"], estimate["population"]),
        is_woman=profile["sex"] == "female",
        age=short(profile["age_years"]),
        body_mass_index=_body_mass_index(profile),
        density_is_known=bool(DENSITY.intersection(profile)),
        guidelines=guidelines_view(estimate, either_way, image),
        evidence=evidence_name(estimate["evidence_set"]),
        thresholds=about_thresholds(estimate["evidence_set"]),
        counted_by=counted_by(estimate["evidence_set"]),
        others=others_view(other_evidence, profile),
        beside=_beside(unknown, profile, by_field),
        stands_on=stands_on(
            profile,
            made_on or today,
            today,
            estimate["trained_on"],
            f"{estimate['model_id']}, {dated(estimate)}",
        ),
    )


def _body_mass_index(profile: Mapping[str, Any]) -> str:
    if "weight_kg" not in profile or "height_cm" not in profile:
        return ""
    index = profile["weight_kg"] / (profile["height_cm"] / 100) ** 2
    return f"{plain(index)}{NO_BREAK_SPACE}{FIELDS['body_mass_index'].unit}"


def dated(estimate: Mapping[str, Any]) -> str:
    """How old a model is: when it was trained, or of which evidence set it is."""
    if estimate["engine"] not in LEARNED:
        return f"evidence set {estimate['evidence_set']}"
    day = trained_day(estimate["model_id"])
    return f"trained on {date_format(day, 'j F Y')}" if day else "day of training not known"


def other_answer(estimate: Mapping[str, Any], *, is_of_today: bool = False) -> OtherAnswer:
    """Shape an estimate for the table of engines."""
    outcomes = estimate["outcomes"]
    reasons = (("major osteoporotic fracture", MAJOR), ("hip fracture", HIP))
    drawn = ((words, probability_waterfall(estimate, outcome)) for words, outcome in reasons)
    return OtherAnswer(
        name=LEARNED.get(estimate["engine"], estimate["engine"]),
        is_evidence=estimate["engine"] not in LEARNED,
        dated=dated(estimate),
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
    return percentage_range(interval) if interval else "no interval"


def _unknowns(
    estimate: Mapping[str, Any], profile: Mapping[str, Any], width: float
) -> tuple[Unknown, ...]:
    then = {one["field"]: one["expected_interval_width"] for one in estimate["would_help_most"]}
    return tuple(
        _unknown(name, _gain(then.get(name, width), width), profile) for name in estimate["unknown"]
    )


def _unknown(name: str, gain: float, profile: Mapping[str, Any]) -> Unknown:
    anchor = _anchor(name, profile)
    return Unknown(
        label=label_of(name),
        anchor=anchor,
        is_yes_no=bool(anchor) and kind_of(name) == "yes_no",
        narrows=share_in_words(gain),
        cost=cost_of_not_knowing(gain),
    )


def _gain(then: float, now: float) -> float:
    """The share of the interval's width that knowing would take away."""
    return 1 - then / now if now else 0.0


def _beside(
    unknown: Iterable[Unknown], profile: Mapping[str, Any], by_field: Mapping[str, str]
) -> dict[str, str]:
    found = {one.anchor: one.cost for one in unknown if one.anchor and one.cost}
    if index := _body_mass_index(profile):
        found["height_cm"] = f"Body mass index {index}"
    if DENSITY.intersection(profile):
        found["secondary_osteoporosis"] = "Not counted: bone density is known"
    # A question whose answers are only kept says so itself.
    asked = frozenset(ASKED) - kept_only()
    return found | {name: _short(said) for name, said in by_field.items() if name in asked}


def _short(said: str) -> str:
    """A remark in the one line beside its question; why an answer is left out stands below."""
    return NOT_COUNTED if any(words in said for words in LEFT_OUT) else in_words(said)


def _helps(
    estimate: Mapping[str, Any], profile: Mapping[str, Any], width: float
) -> tuple[Help, ...]:
    worth = estimate["would_help_most"]  # the most helpful first
    return tuple(
        Help(
            label=label_of(one["field"]),
            anchor=_anchor(one["field"], profile),
            width=percentage(one["expected_interval_width"]),
            change=share_in_words(_gain(one["expected_interval_width"], width)),
            decision=_decision(one.get("chance_decision_changes")),
        )
        for one in worth[:WORTH_ASKING]
    )


def _decision(chance: float | None) -> str:
    return "" if chance is None else about_of_ten(chance).removeprefix("about ")


def _anchor(name: str, profile: Mapping[str, Any]) -> str:
    if name == "body_mass_index":
        # Asked every day; the index itself is folded away.
        return "height_cm" if "weight_kg" in profile else "weight_kg"
    return name if name in ASKED and name in FIELDS else ""
