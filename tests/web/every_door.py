"""Every address of the site, filled in with ids of things that are there, and with ids of none.

The addresses are found, so that a new door is asked too; where it names a new kind of thing, the
table ``THINGS`` must say which.
"""

import re
from collections.abc import Iterator
from itertools import product
from typing import Any
from uuid import uuid4

from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, get_resolver

from riskapp import models
from riskapp.access import walked
from riskapp.api.fhir.served import SERVED

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")
# Segment of an address -> what the id behind it names.
THINGS: dict[str, type[Model]] = {
    "apps": models.ApiClient,
    "arrived": models.Arrival,
    "assessments": models.Assessment,
    "cohorts": models.CohortFile,
    "connections": models.Delivery,
    "discussed": models.Discussion,
    "discussions": models.Discussion,
    "expected-scans": models.ExpectedScan,
    "fetches": models.Fetch,
    "fractures": models.Fracture,
    "models": models.RegisteredModel,
    "opened": models.EhrLaunch,
    "patients": models.Patient,
    "runs": models.LaboratoryRun,
    "scans": models.Scan,
    "sessions": models.SignInSession,
    "shares": models.SharedLink,
    "trainings": models.LaboratoryRun,
    "treatments": models.Treatment,
    "webhooks": models.Webhook,
}
# Other parts of an address, which are the same for everybody.
SAME = {
    "code": "not-found",
    "field": "age_years",
    "name": "image",
    "number": "1",
    "resource_type": "Condition",
    "service": "fracture-risk-patient-view",
    "study_uid": "1.2.3",
    "token": "a.b",
}
# Nobody has to be anybody there; what is answered is held elsewhere.
FOR_ALL = re.compile(
    r"^(oauth/|\.well-known/|health/|metrics|sign-|cds-services|fhir/\.well-known)"
)
ID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}")


def doors() -> list[tuple[str, URLPattern]]:
    found = [(str(door.pattern).lstrip("^").rstrip("$"), door) for door in walked(get_resolver())]
    return [(pattern, door) for pattern, door in found if not FOR_ALL.match(pattern)]


def ids_of_fhir(owner: Client) -> dict[str, list[str]]:
    """An id of each kind as who may see it is told."""
    patient = models.Assessment.objects.latest("created_at").patient_id
    found = {}
    for kind in SERVED:
        query = f"?patient={patient}&_count=1" if kind not in ("Patient", "Device") else ""
        told = owner.get(f"/fhir/{kind}{query}").json()
        found[kind] = [one["resource"]["id"] for one in told.get("entry", [])][:1]
    found["Binary"], found["Patient"] = found["RiskAssessment"], [str(patient)]
    return found


def chosen(pattern: str, fhir: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    """An address with ids of ours, and the same with ids that nobody has."""
    parameters = list(PARAMETER.finditer(pattern))
    rows: dict[str, Any] = {}
    choices: list[list[str]] = []
    for one in reversed(parameters):  # the inner thing says whose it is
        before = pattern[: one.start()].rstrip("/").rpartition("/")[2]
        if before in THINGS and "uuid" in one[0]:
            inner = next(iter(rows.values()), None)
            kind = THINGS[before]
            mine = getattr(inner, kind.__name__.lower(), None) or kind._default_manager.first()
            assert mine is not None, f"The stories tell of no {kind.__name__}."
            rows[before] = mine
            choices.insert(0, [str(mine.pk)])
        elif before in fhir:
            choices.insert(0, fhir[before])
        else:
            name = one[1] or one[2]
            assert name in SAME or "fhir" in pattern, f"Say in THINGS what {pattern} names."
            choices.insert(0, [SAME.get(name, "x")])
    for values in product(*choices):
        yield (
            _filled(pattern, parameters, values),
            _filled(
                pattern, parameters, [str(uuid4()) if ID.fullmatch(one) else one for one in values]
            ),
        )


def _filled(pattern: str, parameters: list[re.Match[str]], values: Any) -> str:
    for one, value in zip(parameters, values, strict=True):
        pattern = pattern.replace(one[0], value, 1)
    return f"/{pattern.replace('(/|$)', '/')}"
