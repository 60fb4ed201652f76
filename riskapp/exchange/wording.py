"""The words for results, said once, for the clinician and in plain language."""

from riskapp.exchange.fields import CHOICES, FIELDS, FieldWording
from riskapp.risk.estimate import Contribution, Outcome

__all__ = [
    "CHOICES",
    "FIELDS",
    "OUTCOMES",
    "OUTCOMES_LAY",
    "SAFETY",
    "FieldWording",
    "contribution",
    "lay_contribution",
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
OUTCOMES_LAY: dict[Outcome, str] = {
    Outcome.MAJOR_OSTEOPOROTIC: "break a hip, a bone in the spine, a shoulder or a wrist",
    Outcome.HIP: "break a hip",
}


def value_text(field: str, value: float | bool | str) -> str:
    """A value as a clinician reads it, e.g. "yes", "-2.5" or "31.2 kg/m²"."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return CHOICES.get(field, {}).get(value, value)
    unit = FIELDS[field].unit if field in FIELDS else ""
    return f"{value:.3g} {unit}".strip()


def contribution(one: Contribution) -> str:
    """One contribution as a sentence for a clinician: "goes with", never "causes"."""
    field = FIELDS.get(one.field)
    subject = f"{field.label if field else one.field}: {value_text(one.field, one.value)}"
    if one.probability is None:
        return f"{subject} goes with {_direction(sum(one.log_hazard.values()))} fracture hazard."
    points = 100 * one.probability[Outcome.MAJOR_OSTEOPOROTIC]
    if abs(points) < 0.05:
        return f"{subject} hardly changes the risk of a major osteoporotic fracture."
    return (
        f"{subject} goes with {abs(points):.1f} percentage points "
        f"{'more' if points > 0 else 'less'} risk of a major osteoporotic fracture."
    )


def lay_contribution(one: Contribution) -> str:
    """One contribution as a sentence for a patient."""
    field = FIELDS.get(one.field)
    subject = one.field if field is None else field.lay
    if field is not None and one.value is False and field.lay_no:
        subject = field.lay_no
    strength = (
        sum(one.log_hazard.values())
        if one.probability is None
        else one.probability[Outcome.MAJOR_OSTEOPOROTIC]
    )
    if abs(strength) < 0.0005:
        return f"{subject}: makes hardly any difference."
    return f"{subject}: goes with {_direction(strength)} risk."


def _direction(strength: float) -> str:
    return "a higher" if strength > 0 else "a lower"
