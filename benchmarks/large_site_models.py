"""The few people of a large site who are made through the product's actions, step by step."""

import json
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from imaging.isolated.process import PROCESSES
from riskapp.actions import queueing
from riskapp.actions.assessing import assess
from riskapp.actions.managing_people import set_roles
from riskapp.actions.measuring import measure_next
from riskapp.actions.registering import register_account, register_patient
from riskapp.management.demo_story import tell
from riskapp.models import Assessment, Patient, Role
from riskapp.risk.estimate import EstimateOptions

READER, CLINIC, OTHER_CLINIC = "reader", "Large clinic", "Small clinic"
DEMO = Path(__file__).parents[1] / "fixtures" / "demo-people.json"
BORN = date(1953, 5, 17)
ANSWERS = {
    "population": "gb",
    "weight_kg": 62,
    "height_cm": 163,
    "prior_fragility_fracture": False,
    "parent_hip_fracture": False,
    "current_smoker": False,
    "glucocorticoids": False,
    "rheumatoid_arthritis": False,
    "alcohol_3_or_more_units_daily": False,
}
LOW, HIGH = ({**ANSWERS, "femoral_neck_t_score": t} for t in (0.2, -3.1))
Step = Mapping[str, Any]
# How many of a hundred people have which story; those by name are the demo's.
Stories = Mapping[str, tuple[float, tuple[Step, ...]]]
STORIES: Stories = {
    "never assessed": (8, ()),
    "to discuss": (7, ({"days_ago": 20, "answers": ANSWERS},)),
    "settled": (
        50,
        ({"days_ago": 30, "answers": LOW}, {"days_ago": 25, "decided": "no_treatment_now"}),
    ),
    "treated": (
        20,
        (
            {"days_ago": 420, "answers": HIGH},
            {"days_ago": 410, "decided": "start_treatment"},
            {"days_ago": 400, "treatment": {"agent": "oral_bisphosphonate"}},
        ),
    ),
    "to be measured": (0.3, ({"days_ago": 1, "answers": ANSWERS}, {"days_ago": 0, "scan": "ct"})),
    "Demo Anna": (6, ()),
    "Demo Bernard": (2, ()),
    "Demo Grace": (6.7, ()),
}
EARLIER = [
    {**ANSWERS, "femoral_neck_t_score": round(0.5 - 0.4 * i, 1), "current_smoker": i % 3 == 0}
    for i in range(8)
]


@dataclass(frozen=True, slots=True)
class Told:
    """One person with a story, and how many of a hundred are like them."""

    patient: Patient
    share: float


@dataclass(frozen=True, slots=True)
class Models:
    """Those of whom copies are made; ``earlier`` are stored without reasons and verdicts."""

    reader: User
    told: tuple[Told, ...]
    earlier: tuple[Assessment, ...]


def told_people(stories: Stories = STORIES) -> Models:
    """Make one person of each story, and somebody of another organisation who makes nobody."""
    reader = _account(READER, CLINIC)
    _account("stranger", OTHER_CLINIC)
    demo = {one["name"]: one["steps"] for one in json.loads(DEMO.read_text(encoding="utf-8"))}
    told = []
    with PROCESSES.some_ready() if stories is STORIES else nullcontext():
        for i, (name, (share, steps)) in enumerate(stories.items()):
            patient = _registered(reader, name, f"story-{i}")
            tell(by=reader, patient=patient, steps=list(demo.get(name, steps)))
            if name != "to be measured":
                _measured()
            told.append(Told(patient, share))
    return Models(reader, tuple(told), _earlier(reader))


def _account(name: str, organisation: str) -> User:
    user = register_account(username=name, password=None, organisation=organisation)
    set_roles(by=user, user=user, roles=list(Role))
    return User.objects.get(pk=user.pk)


def _registered(by: User, name: str, number: str) -> Patient:
    born = BORN.replace(year=timezone.localdate().year - 71)
    return register_patient(
        by=by, name=name, record_number=number, date_of_birth=born, sex="female"
    )


def _measured() -> None:
    while measure_next(queueing.this_process()):
        pass


def _earlier(by: User) -> tuple[Assessment, ...]:
    """As a program asks that needs the numbers alone."""
    patient = _registered(by, "earlier answers", "story-earlier")
    bare = EstimateOptions(explain=False, verdicts=False)
    return tuple(assess(by=by, patient=patient, answers=one, options=bare) for one in EARLIER)
