"""What the events in a patient's record answer, where nobody answers otherwise.

A record without a fracture is silent, and never "no": nobody may have asked.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from django.utils import timezone

from riskapp.exchange.partial_date import Precision
from riskapp.exchange.reading import number
from riskapp.models import Fracture, Patient, Treatment
from riskapp.models.composed import Composed

# A yes, and what only counts beside it.
GROUPS: dict[str, tuple[str, ...]] = {
    "prior_fragility_fracture": (
        "number_of_prior_fractures",
        "prior_fracture_site",
        "prior_fracture_months_ago",
    ),
    "osteoporosis_treatment": ("osteoporosis_treatment_years",),
}

FRAGILITY_FRACTURES = Composed(
    lambda: Fracture.objects.standing().filter(is_fragility=True), "patient"
)
TREATMENTS_NOW = Composed(lambda: Treatment.objects.standing().filter(ended_on=None), "patient")

Offered = Mapping[str, tuple[object, Fracture | Treatment]]  # by field, with its event


@dataclass(frozen=True, slots=True)
class Recorded:
    """Answers by field, and the event that each rests on."""

    answers: Mapping[str, object]
    events: Mapping[str, Fracture | Treatment]


def recorded_answers(
    *,
    patient: Patient,
    given: Mapping[str, object],
    left_blank: Collection[str] = (),
    offered: Offered | None = None,
) -> Recorded:
    """What fractures and treatments in the record answer, as far as it fits what is ``given``.

    Where somebody answers otherwise, the record keeps silent about that and what belongs to it:
    the months since one fracture must not stand beside the site of another.

    Parameters
    ----------
    left_blank : collection of str
        Fields that somebody who saw what the record says has set to not known.
    offered : mapping, optional
        As by ``offered_by``, where it was read a moment ago.
    """
    if offered is None:
        offered = offered_by(patient)

    def is_denied(field: str) -> bool:
        answer = offered[field][0] if field in offered else None
        return answer is not None and field in given and not same_answer(given[field], answer)

    told = []
    for lead, details in GROUPS.items():
        if lead not in offered or lead in left_blank or is_denied(lead):
            continue
        told.append(lead)
        if not any(is_denied(field) for field in details):
            told += [field for field in details if field in offered and field not in left_blank]
    return Recorded(
        {field: offered[field][0] for field in told}, {field: offered[field][1] for field in told}
    )


def offered_by(patient: Patient) -> Offered:
    """All that fractures and treatments in the record answer."""
    return {**_of_fractures(patient), **_of_treatments(patient)}


def told_since(patient: Patient, moment: datetime) -> frozenset[str]:
    """Fields about which the record has heard something new: what was answered before is old."""
    heard = {
        "prior_fragility_fracture": patient.fractures.standing(),
        "osteoporosis_treatment": patient.treatments.standing(),
    }
    return frozenset(
        field
        for lead, entries in heard.items()
        if entries.filter(recorded_at__gt=moment).exists()
        for field in (lead, *GROUPS[lead])
    )


def same_answer(given: object, known: object) -> bool:
    """Whether an answer, perhaps as text from a form, is the known value sent back."""
    if known is None:
        return False
    try:
        return number(given) == number(known)
    except ValueError:
        return str(given).strip().lower() == str(known).lower()


def _of_fractures(patient: Patient) -> dict[str, tuple[object, Fracture]]:
    fractures = FRAGILITY_FRACTURES.by(patient.pk)
    for one in fractures:
        one.patient = patient
    fractures = [one for one in fractures if one.is_in_adult_life]
    if not fractures:
        return {}
    newest = max(one.happened.first for one in fractures)
    # A fracture "in 2024" may be later than one on a day of that year.
    perhaps_latest = [one for one in fractures if one.happened.last >= newest]
    latest, today = perhaps_latest[0], timezone.localdate()
    sites = {one.site for one in perhaps_latest}
    months = {one.happened.months_until(today) for one in perhaps_latest}
    answers = {
        "prior_fragility_fracture": True,
        "number_of_prior_fractures": _events(fractures),
        "prior_fracture_site": sites.pop() if len(sites) == 1 else None,
        "prior_fracture_months_ago": months.pop() if len(months) == 1 else None,
    }
    return {field: (value, latest) for field, value in answers.items() if value is not None}


def _events(fractures: Sequence[Fracture]) -> int | None:
    """Events, of which one may break two bones; None where it cannot be told which were one."""
    days = {one.happened for one in fractures if one.precision == Precision.DAY}
    spans = [*days, *(one.happened for one in fractures if one.precision != Precision.DAY)]
    may_be_one = any(
        one.first <= other.last and other.first <= one.last for one, other in combinations(spans, 2)
    )
    return None if may_be_one else len(spans)


def _of_treatments(patient: Patient) -> dict[str, tuple[object, Treatment]]:
    current = next(iter(TREATMENTS_NOW.by(patient.pk)), None)
    if current is None:
        return {}
    answers: dict[str, tuple[object, Treatment]] = {
        "osteoporosis_treatment": (current.agent, current)
    }
    months = current.started.months_until(timezone.localdate())
    if months is not None:
        answers["osteoporosis_treatment_years"] = (round(months / 12, 1), current)
    return answers
