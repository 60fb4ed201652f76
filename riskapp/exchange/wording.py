"""The words for results, said once, for the clinician and in plain language."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from riskapp.exchange.choices import CHOICES
from riskapp.exchange.fields import FIELDS, FieldWording
from riskapp.exchange.numbers import plain, quantity
from riskapp.exchange.sentences import listed_in_words, small
from riskapp.risk.estimate import Cause, Contribution, Outcome

__all__ = [
    "CHOICES",
    "FIELDS",
    "OUTCOMES",
    "SAFETY",
    "FieldWording",
    "contribution",
    "goes_with",
    "lay_contribution",
    "lay_strings",
    "others_in_words",
    "value_text",
]

SAFETY = (
    "Decision support for clinicians; research use, not a cleared medical device; does not "
    "replace clinical judgement and cannot rule out osteoporosis or fracture."
)
OUTCOMES: dict[Outcome, str] = {
    Outcome.MAJOR_OSTEOPOROTIC: "major osteoporotic fracture (hip, spine, shoulder or forearm)",
    Outcome.HIP: "hip fracture",
}
OUTCOMES_SHORT: dict[Outcome, str] = {
    Outcome.MAJOR_OSTEOPOROTIC: "a major osteoporotic fracture",
    Outcome.HIP: "a hip fracture",
}
CAUSES: dict[Cause, str] = {
    Cause.HIP: "hip fracture",
    Cause.OTHER_MAJOR_OSTEOPOROTIC: "other major osteoporotic fracture",
}
HARDLY = 0.005  # of a log-hazard: half a per cent
# Below it bone density is low, whatever else is expected. WHO Study Group, 1994, WHO Technical
# Report Series 843 (secondary): normal is a T-score of -1 or above.
LOW_T_SCORE = -1.0
LESS_THIN = "Thin bone at the hip, but less thin than is usual in people like you"
LESS_THIN_BACK = "Thin bone in the lower back, but less thin than is usual in people like you"


def value_text(field: str, value: float | bool | str, unit: str = "") -> str:
    """A value as a clinician reads it, e.g. "yes", "−2.5" or "31.2 kg/m²".

    Parameters
    ----------
    unit : str
        UCUM, of a site's own column; our fields have theirs.
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return CHOICES.get(field, {}).get(value, value)
    unit = FIELDS[field].unit if field in FIELDS else unit.removeprefix("1")
    return quantity(value, unit)


def contribution(one: Contribution, outcome: Outcome = Outcome.MAJOR_OSTEOPOROTIC) -> str:
    """One contribution as a sentence for a clinician: "goes with", never "causes"."""
    if one.probability is not None:
        points = one.probability[outcome]
        return goes_with(one.field, one.value, points, outcome, one.beside, one.label, one.unit)
    told = " and ".join(
        f"{_direction(change)} {CAUSES[cause]}" for cause, change in one.log_hazard.items()
    )
    subject = _subject(one.field, one.value, one.beside, one.label, one.unit)
    return f"{subject} goes with {told}."


def goes_with(
    field: str,
    value: float | bool | str,
    probability: float,
    outcome: Outcome,
    beside: Mapping[str, float] = MappingProxyType({}),
    label: str = "",
    unit: str = "",
) -> str:
    """What one known input, or a group of them, adds to the probability of one outcome.

    Parameters
    ----------
    beside : mapping of field to value
        The rest of the group.
    label, unit : str
        Of a site's own column; our fields have theirs.
    """
    points, subject = 100 * probability, _subject(field, value, beside, label, unit)
    if abs(points) < 0.05:
        return f"{subject} hardly changes the risk of {OUTCOMES_SHORT[outcome]}."
    said = (
        f"{subject} goes with {plain(abs(points))} percentage points "
        f"{'more' if points > 0 else 'less'} risk of {OUTCOMES_SHORT[outcome]}"
    )
    if points < 0 and not isinstance(value, bool | str) and is_low_density(field, value):
        said += ": it is low, but less low than expected from age and the other answers"
    return f"{said}."


def _subject(
    field: str, value: float | bool | str, beside: Mapping[str, float], label: str, unit: str
) -> str:
    label = FIELDS[field].label if field in FIELDS else label or field
    text = value_text(field, value, unit)
    told = f"{label}, answered {text}," if isinstance(value, bool) else f"{label} {text}"
    if not beside:
        return told
    return f"{told.rstrip(',')} (with {others_in_words(beside)})"


def others_in_words(beside: Mapping[str, float]) -> str:
    """The rest of a group, e.g. "trabecular bone score 1.15 and L1 attenuation 92 HU"."""
    told = [
        f"{small(FIELDS[field].label)} {value_text(field, value)}"
        for field, value in beside.items()
    ]
    return listed_in_words(told, "and")


def lay_contribution(told: Mapping[str, Any]) -> str:
    """What a contribution is about, for a patient, e.g. "Thinner bone at the hip than is usual".

    Parameters
    ----------
    told : mapping
        A contribution as ``assessment_json`` gives it and an assessment keeps it. The words
        stand under "higher" or "lower"; they are about the person, not about the risk.
    """
    field = FIELDS.get(told["field"])
    if field is None:
        return str(told["field"]).replace("_", " ").capitalize()
    value = told["value"]
    if isinstance(value, bool):
        return field.lay_no if not value and field.lay_no else field.lay
    changes = (told["probability"] or told["log_hazard"]).values()
    if field.lay_middle is not None:
        is_low = value < field.lay_middle
    elif min(changes) < 0 < max(changes):
        return field.lay
    else:
        is_low = max(changes) > 0
        if not is_low and is_low_density(told["field"], value):
            return LESS_THIN_BACK if told["field"].startswith("lumbar") else LESS_THIN
    return (field.lay_low if is_low else field.lay_high) or field.lay


def lay_strings() -> tuple[str, ...]:
    """Every sentence for patients that lives here, for a catalogue of translations."""
    told = (
        words
        for field in FIELDS.values()
        for words in (field.lay, field.lay_no, field.lay_low, field.lay_high)
    )
    return tuple(words for words in dict.fromkeys((*told, LESS_THIN, LESS_THIN_BACK)) if words)


def is_low_density(field: str, value: float) -> bool:
    """Whether a measurement is a T-score that is low for a young adult, common or not."""
    return field.endswith("_t_score") and value < LOW_T_SCORE


def _direction(log_hazard: float) -> str:
    if abs(log_hazard) < HARDLY:
        return "hardly another hazard of"
    return f"a {'higher' if log_hazard > 0 else 'lower'} hazard of"
