"""A stored assessment as a short paragraph of plain clinical English.

Every sentence repeats what is stored; nothing is inferred, and numbers are those of the pages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from riskapp.exchange.evidence_wording import counted_by
from riskapp.exchange.fields import FIELDS
from riskapp.exchange.guideline_wording import label, named_in_words
from riskapp.exchange.numbers import percent, percent_range, short, signed
from riskapp.exchange.sentences import listed_in_words, small
from riskapp.exchange.wording import CHOICES, value_text
from riskapp.risk.limits import RANGES

MAJOR, HIP = "major_osteoporotic", "hip"
INTERVAL = "95\u00a0% interval "
MOST_REASONS, MOST_UNKNOWN = 3, 5
HARDLY_POINTS = 0.05  # what is written as 0.0
DENSITY = (
    "femoral_neck_t_score", "femoral_neck_bmd_g_cm2", "total_hip_t_score", "total_hip_bmd_g_cm2",
    "lumbar_spine_t_score", "lumbar_spine_bmd_g_cm2",
)  # fmt: skip
FROM_SCAN = "scan"  # how a provenance begins that names one


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is stored of an assessment, as far as the paragraph tells it.

    Attributes
    ----------
    estimate : mapping
        Of published epidemiology, as ``assessment_json`` writes it.
    population : str
        Its name in words.
    age_then : int
        The person's age by the record on that day.
    """

    estimate: Mapping[str, Any]
    profile: Mapping[str, Any]
    population: str
    age_then: int
    provenance: Mapping[str, str] = field(default_factory=dict)
    measurements: Sequence[Mapping[str, Any]] = ()


def narrative(told: Told) -> str:
    """Three to six sentences: the estimate, its reasons, the guideline, what is not known."""
    return " ".join(sentences(told))


def sentences(told: Told) -> tuple[str, ...]:
    """The paragraph, sentence by sentence."""
    parts = (
        _answer(told),
        _reasons(told),
        _verdict(told.estimate),
        _unknown(told.estimate),
        _measured(told),
        _treatment(told.profile),
    )
    return tuple(part for part in parts if part)


def _answer(told: Told) -> str:
    outcomes = told.estimate["outcomes"]
    return (
        f"{_person(told)} has an estimated 10-year probability of "
        f"{_probability(outcomes[MAJOR], INTERVAL)} for a major osteoporotic "
        f"fracture and of {_probability(outcomes[HIP])} for a hip "
        f"fracture, by published results ({told.population}; "
        f"{counted_by(told.estimate['evidence_set'])})."
    )


def _person(told: Told) -> str:
    who, age = _who(told), short(told.profile["age_years"])
    limits = RANGES["age_years"]
    if limits.low <= told.age_then <= limits.high:
        return f"This {who} of {age}"
    return f"This {who} of {told.age_then}, estimated for the age of {age},"


def _who(told: Told) -> str:
    return "woman" if told.profile["sex"] == "female" else "man"


def _probability(outcome: Mapping[str, Any], named: str = "") -> str:
    interval = percent_range(outcome["interval_95"])
    number = percent(outcome["probability_10y"])
    return f"{number} ({named}{interval})" if interval else number


def _reasons(told: Told) -> str:
    explanation = told.estimate.get("explanation") or {}
    baseline = explanation.get("baseline")
    moves = [
        (100 * one["probability"][MAJOR], one)
        for one in explanation.get("contributions", ())
        if one["probability"] is not None
    ]
    moves = [move for move in moves if abs(move[0]) >= HARDLY_POINTS]
    if not baseline or not moves:
        return ""
    moves.sort(key=lambda move: -abs(move[0]))
    reasons = [f"{_reason(one)} ({signed(points)})" for points, one in moves[:MOST_REASONS]]
    most = "most of the difference" if len(moves) > MOST_REASONS else "the difference"
    return (
        f"A {_who(told)} of this age of whom nothing else is known would have "
        f"{percent(baseline[MAJOR])} for major fracture; in percentage points, {most} goes with "
        f"{listed_in_words(reasons, 'and')}."
    )


def _reason(one: Mapping[str, Any]) -> str:
    name, value = one["field"], one["value"]
    known = FIELDS.get(name)
    subject = small(known.label if known else one.get("label") or name)
    if isinstance(value, bool):
        said = subject if value else f"no {subject}"
    else:
        said = f"{subject} {value_text(name, value, one['unit'])}"
    beside = [label(other) for other in one.get("beside") or ()]
    return f"{said} with {listed_in_words(beside, 'and')}" if beside else said


def _verdict(estimate: Mapping[str, Any]) -> str:
    """The reader's own guideline in one sentence; never a prescription."""
    told = estimate.get("guidelines") or ()
    if not told:
        return ""
    own = told[0]
    missing = named_in_words(own["missing"], own["missing_words"])
    if own["applies"] is False:
        return f"{own['name']} does not apply: {small(own['why_not']).rstrip('.')}."
    if own["applies"] is None:
        return f"Whether {own['name']} applies cannot be decided without {missing}."
    if own["category"] is not None:
        return f"The category by {own['name']} is “{own['category']}”."
    higher = listed_in_words([f"“{one}”" for one in own["possible"][:-1]], "or")
    return (
        f"By {own['name']} what is known suffices for “{own['at_least']}”; {higher} is also "
        f"possible, which cannot be decided without {missing}."
    )


def _unknown(estimate: Mapping[str, Any]) -> str:
    names = [label(name) for name in estimate["unknown"]]
    if not names:
        return "Everything that the estimate uses is known."
    more = len(names) - MOST_UNKNOWN
    if more > 1:
        names = [*names[:MOST_UNKNOWN], f"{more} more answers"]
    be = "are" if len(names) > 1 else "is"
    told = listed_in_words(names, "and")
    return f"Not known, and averaged over rather than read as no, {be} {told}."


def _measured(told: Told) -> str:
    """Which scan measured what; where none did, that a density was given by hand."""
    by_scan: dict[str, list[str]] = {}
    for one in told.measurements:
        if one["used"]:
            by_scan.setdefault(_scan(one["used"]), []).append(small(one["label"]))
    if by_scan:
        parts = [
            f"{listed_in_words(names, 'and')} {'are' if len(names) > 1 else 'is'} from {scan}"
            for scan, names in by_scan.items()
        ]
        said = listed_in_words(parts, "and")
        return f"{said[:1].upper()}{said[1:]}."
    given = [name for name in DENSITY if name in told.profile]
    by_hand = not any(told.provenance.get(name, "").startswith(FROM_SCAN) for name in given)
    if given and by_hand:
        return "Bone density was typed in or sent, not read from an image."
    return ""


def _scan(used: Mapping[str, Any]) -> str:
    verb = "received on" if used["on_is"] == "day of arrival" else "of"
    day = date.fromisoformat(used["on"])
    return f"the scan {verb} {day.day} {day:%B %Y}"


def _treatment(profile: Mapping[str, Any]) -> str:
    taken = profile.get("osteoporosis_treatment")
    if taken == "none":
        return ""
    if taken is None:
        return "Osteoporosis treatment is not known; the estimate is for people who take none."
    name = CHOICES["osteoporosis_treatment"].get(taken, taken)
    return f"Treatment is {small(name)}; the estimate is for people who take none."
