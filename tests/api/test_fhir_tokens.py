"""A token reaches as far in FHIR as its scopes say, and a refusal says what it would need."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions.api_clients import add_client
from riskapp.actions.assessing import assess
from riskapp.models import Assessment, Patient
from tests.fhir.calls import ANSWERS, ERIKA, FHIR, QUICK, found, ids, is_refused, sent
from tests.signing import FORM, assertion, bearer, form, key_set
from tests.trail import done

ALLOWED = ["system/*.cruds"]


@pytest.fixture
def with_scopes(client: Client, db: None) -> Callable[[str], Any]:
    made = add_client(
        name="ehr", organisation="Clinic A", scopes=ALLOWED, keys=key_set("rs384", "es384")
    )

    def asked(scopes: str) -> Any:
        signed = assertion(made.client.application.client_id, "rs384", ())
        reply = client.post("/oauth/token", urlencode(form("", scopes, signed)), FORM)
        return bearer(reply.json()["access_token"])

    return asked


@pytest.fixture
def stored(owner: User, patient: Patient) -> Assessment:
    return assess(by=owner, patient=patient, answers=ANSWERS, options=QUICK)


def needs(reply: Any) -> str:
    is_refused(reply, 403)
    told: str = reply["WWW-Authenticate"]
    return told.rpartition('scope="')[2].rstrip('"')


def test_reading_and_searching_are_scopes_of_their_own(
    with_scopes: Any, stored: Assessment
) -> None:
    reader = with_scopes("system/RiskAssessment.r")
    assert reader.get(f"{FHIR}/RiskAssessment/{stored.id}").status_code == 200
    assert needs(reader.get(f"{FHIR}/RiskAssessment")) == "system/RiskAssessment.s"
    assert needs(reader.get(f"{FHIR}/Patient/{stored.patient_id}")) == "system/Patient.r"
    assert needs(reader.get(f"{FHIR}/Binary/{stored.id}")) == "system/Binary.r"
    searcher = with_scopes("system/RiskAssessment.s")
    assert ids(found(searcher, "RiskAssessment")) == [str(stored.id)]
    assert reader.get(f"{FHIR}/metadata").status_code == 200


def test_storing_asks_for_more_than_estimating(with_scopes: Any) -> None:
    estimating = with_scopes("system/RiskAssessment.c")
    assert sent(estimating, ERIKA).status_code == 200
    assert needs(sent(estimating, ERIKA, "?persist=true")) == "system/Patient.c"
    assert not Patient.objects.exists()
    storing = with_scopes("system/RiskAssessment.c system/Patient.c system/Observation.c")
    assert sent(storing, ERIKA, "?persist=true").status_code == 201
    assert done(action="assessment.create") == [("assessment.create", "client:ehr")]


def test_where_tokens_come_from_is_told_with_what_can_be_done(client: Client, db: None) -> None:
    security = client.get(f"{FHIR}/metadata").json()["rest"][0]["security"]
    told = {one["url"]: one["valueUri"] for one in security["extension"][0]["extension"]}
    assert told["token"].endswith("/oauth/token")
    assert security["service"][0]["coding"][0]["code"] == "SMART-on-FHIR"
