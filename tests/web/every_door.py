"""Every address of the site, filled in with ids of things that are there, and with ids of none.

The addresses are found, so that a new door is asked too; where it names a new kind of thing, the
table ``THINGS`` must say which.
"""

import re
from collections.abc import Iterator
from itertools import product
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, get_resolver

from riskapp import models
from riskapp.access import walked
from riskapp.api.fhir.served import SERVED

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")
# Of a few words that may stand there, the first.
CHOICE = re.compile(r">(\w+)\|")
# Segment of an address -> what the id behind it names.
THINGS: dict[str, type[Model]] = {
    "$assess-all": models.BulkAnswer,
    "apps": models.ApiClient,
    "arrived": models.Arrival,
    "assessments": models.Assessment,
    "cohorts": models.CohortFile,
    "connections": models.Delivery,
    "erasures": models.Erasure,
    "holds": models.LegalHold,
    "discussed": models.Discussion,
    "discussions": models.Discussion,
    "expected-scans": models.ExpectedScan,
    "fetches": models.Fetch,
    "fractures": models.Fracture,
    "models": models.RegisteredModel,
    "opened": models.EhrLaunch,
    "passkeys": models.Passkey,
    "patients": models.Patient,
    "people": User,
    "restricted": models.EmergencyAccess,
    "runs": models.LaboratoryRun,
    "scans": models.Scan,
    "sessions": models.SignInSession,
    "shares": models.SharedLink,
    "trainings": models.LaboratoryRun,
    "treatments": models.Treatment,
    "webhooks": models.Webhook,
}
# An account's number that there is none of.
NOBODY = 10**9
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
    pattern = pattern.replace("\\$", "$").replace("\\.", ".")
    parameters = list(PARAMETER.finditer(pattern))
    rows: dict[str, Any] = {}
    choices: list[list[tuple[str, str]]] = []  # that of ours, and that of nobody
    for one in reversed(parameters):  # the inner thing says whose it is
        before = pattern[: one.start()].rstrip("/").rpartition("/")[2]
        if before in THINGS:
            inner = next(iter(rows.values()), None)
            kind = THINGS[before]
            mine = getattr(inner, kind.__name__.lower(), None) or kind._default_manager.first()
            assert mine is not None, f"The stories tell of no {kind.__name__}."
            rows[before] = mine
            nobodys = str(NOBODY) if one[0].startswith("<int:") else str(uuid4())
            choices.insert(0, [(str(mine.pk), nobodys)])
        elif before in fhir:
            choices.insert(0, [(id, _of_nobody(id)) for id in fhir[before]])
        else:
            name = one[1] or one[2]
            if CHOICE.search(one[0]):
                choices.insert(0, [(CHOICE.findall(one[0])[0],) * 2])
                continue
            assert name in SAME or "fhir" in pattern, f"Say in THINGS what {pattern} names."
            choices.insert(0, [(SAME.get(name, "x"),) * 2])
    for values in product(*choices):
        ours, nobodys = zip(*values, strict=True) if values else ((), ())
        yield _filled(pattern, parameters, ours), _filled(pattern, parameters, nobodys)


def _of_nobody(id: str) -> str:
    return str(uuid4()) if ID.fullmatch(id) else id


def _filled(pattern: str, parameters: list[re.Match[str]], values: Any) -> str:
    for one, value in zip(parameters, values, strict=True):
        pattern = pattern.replace(one[0], value, 1)
    return f"/{pattern.replace('(/|$)', '/')}"
