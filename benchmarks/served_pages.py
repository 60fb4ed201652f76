"""The live answer over records of different fullness, and the worklist: timed in this process.

A number is changed before every answer, as typing does, so that nothing is asked about twice.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from io import StringIO
from itertools import count, cycle, islice
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import django
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client, override_settings
from django.utils import timezone

from benchmarks.timing import Comparison, medians

ROUNDS = 15
PATIENTS, ASSESSED = 5_000, 20
GIVEN = ("Ann", "Bea", "Carla", "Dora", "Edith")
AGE_YEARS = 71
FORM = "application/x-www-form-urlencoded"
WHO = {"population": "gb", "age_years": str(AGE_YEARS)}
TEN = WHO | {
    "weight_kg": "61.5",
    "height_cm": "160",
    "prior_fragility_fracture": "true",
    "parent_hip_fracture": "false",
    "current_smoker": "false",
    "glucocorticoids": "true",
    "rheumatoid_arthritis": "false",
    "femoral_neck_t_score": "-2.5",
}
MODIFIERS = {
    "prior_fracture_site": "vertebra",
    "prior_fracture_months_ago": "8",
    "glucocorticoid_dose_mg_daily": "7.5",
    "falls_last_year": "2",
    "type_2_diabetes_years": "12",
    "lumbar_spine_t_score": "-3.0",
}
EVERYTHING = (
    TEN
    | MODIFIERS
    | {
        "secondary_osteoporosis": "false",
        "alcohol_3_or_more_units_daily": "false",
        "number_of_prior_fractures": "2",
        "glucocorticoid_duration_months": "14",
        "trabecular_bone_score": "1.2",
        "l1_attenuation_hu": "110",
        "osteoporosis_treatment": "oral_bisphosphonate",
        "osteoporosis_treatment_years": "2",
        "postmenopausal": "true",
    }
)
BLANKS = WHO | MODIFIERS | {"prior_fragility_fracture": "true", "glucocorticoids": "true"}
# Where each number starts, and by how much it moves each time.
MOVES = {
    "age_years": (AGE_YEARS - 0.5, 0.01),
    "weight_kg": (60.0, 0.1),
    "femoral_neck_t_score": (-2.6, 0.01),
    "lumbar_spine_t_score": (-3.2, 0.01),
    "prior_fracture_months_ago": (6.0, 0.1),
}
RECORDS: dict[str, tuple[Mapping[str, str], tuple[str, ...]]] = {
    "age and sex alone": (WHO, ("age_years",)),
    "ten answers": (TEN, ("femoral_neck_t_score", "weight_kg")),
    "everything": (EVERYTHING, tuple(MOVES)),
    "modifiers, and other answers blank": (BLANKS, ("prior_fracture_months_ago", "age_years")),
}
LISTS = {"first page": "/", "highest first": "/?waits=everyone&order=highest", "search": "/?q=ann"}


def main() -> None:
    django.setup()
    # Files without the names that collecting them gives; nothing here is asked for them.
    uncollected = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    storages = settings.STORAGES | {"staticfiles": uncollected}
    with override_settings(ROOT_URLCONF="benchmarks.served_urls", STORAGES=storages):
        call_command("migrate", verbosity=0)
        call_command("add_clinician", "reader", organisation="Clinic", stdout=StringIO())
        client = Client()
        client.force_login(get_user_model().objects.get(username="reader"))
        found = [*_answers(client), *_worklist(client)]
    sys.stdout.write(json.dumps([asdict(one) for one in found]))


def _answers(client: Client) -> Iterator[Comparison]:
    (patient,) = _registered(1)
    for name, (answers, moved) in RECORDS.items():
        for field in moved:
            ours, peer = _timed(client, _changing(client, patient, answers, field))
            yield Comparison(
                f"live answer: {name}; another {field}",
                ours,
                "an empty page",
                peer,
                "not the same work; processor time",
            )


def _changing(
    client: Client, patient: Any, answers: Mapping[str, str], field: str
) -> Callable[[], None]:
    start, step = MOVES[field]
    values = (f"{start + step * i:.2f}" for i in count())
    address = f"/patients/{patient.pk}/assessments/answer/"

    def post() -> None:
        # As a browser sends a form without files.
        sent = urlencode({**answers, field: next(values)})
        page = client.post(address, sent, content_type=FORM)
        if b"outcome-figure" not in page.content:
            raise AssertionError(f"There is no answer to another {field}.")

    return post


def _worklist(client: Client) -> Iterator[Comparison]:
    people = _registered(PATIENTS)
    _assessed(client, people)
    call_command("rebuild_worklist", stdout=StringIO())  # as workers do
    for name, address in LISTS.items():
        ours, peer = _timed(client, partial(client.get, address))
        yield Comparison(
            f"worklist of {PATIENTS:,} patients, {name}",
            ours,
            "an empty page",
            peer,
            "not the same work; processor time; half of them assessed",
        )


def _registered(n: int) -> list[Any]:
    """So many women of one age, each with a name and a number of her own."""
    patients = apps.get_model("riskapp", "Patient").objects
    clinic = apps.get_model("riskapp", "Organisation").objects.get()
    taken = patients.count()
    born = timezone.localdate() - timedelta(days=365.25 * (AGE_YEARS + 0.5))
    made = (
        patients.model(
            organisation=clinic,
            name=f"{GIVEN[i % len(GIVEN)]} {i}",
            record_number=str(taken + i),
            date_of_birth=born,
            sex="female",
        )
        for i in range(n)
    )
    return list(patients.bulk_create(made))


def _assessed(client: Client, people: list[Any]) -> None:
    """Every other one of them: a few are, and the rest have the numbers of one of these."""
    assessments = apps.get_model("riskapp", "Assessment").objects
    for i, patient in enumerate(people[:ASSESSED]):
        answers = TEN | {"femoral_neck_t_score": f"{-4 + 0.2 * i:.1f}"}
        client.post(f"/patients/{patient.pk}/assessments/new/", answers)
    stored = list(assessments.all())
    if len(stored) != ASSESSED:
        raise AssertionError("An assessment was refused.")
    rest = zip(islice(people, ASSESSED, None, 2), cycle(stored), strict=False)
    assessments.bulk_create(_copied(one, patient) for patient, one in rest)


def _copied(one: Any, patient: Any) -> Any:
    held = {each.attname: getattr(one, each.attname) for each in one._meta.concrete_fields}
    return type(one)(**held | {"id": uuid4(), "patient_id": patient.pk})


def _timed(client: Client, ours: Callable[[], object]) -> list[float]:
    return medians(ours, partial(_empty, client), rounds=ROUNDS, clock=time.process_time)


def _empty(client: Client) -> None:
    if client.get("/empty/").status_code != HTTPStatus.OK:
        raise AssertionError("The empty page is not opened.")


if __name__ == "__main__":
    main()
