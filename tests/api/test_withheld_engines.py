"""An engine that failed its self-test is refused at every door in one sentence, and named."""

from typing import Any

import pytest

from riskapp.models import Patient
from tests.api.cds import people
from tests.api.cds.conftest import named, ward
from tests.api.cds.record_system import RecordSystem
from tests.failing_engine import SAID, failing_evidence
from tests.fhir.calls import ERIKA

__all__ = ["failing_evidence", "named", "ward"]
pytestmark = pytest.mark.django_db
ANN = {"population": "gb", "age_years": 70, "sex": "female"}
BARE = {"explain": False, "interval": False}


def test_scores_answer_503_and_name_the_engine(failing_evidence: None, as_owner: Any) -> None:
    reply = as_owner.post("/api/v1/scores/", {"profile": ANN, **BARE})
    assert reply.status_code == 503
    told = reply.json()
    assert told["type"] == "/api/problems/engine-withheld/"
    assert told["detail"].startswith(SAID)


def test_engines_that_passed_still_answer(failing_evidence: None, as_owner: Any) -> None:
    for asked in ({"engines": ["cox"]}, {"evidence_set": "meta-2025"}):
        reply = as_owner.post("/api/v1/scores/", {"profile": ANN, **BARE, **asked})
        assert reply.json()["results"][0]["estimates"]


def test_an_assessment_by_what_passed_says_which_comparison_is_missing(
    failing_evidence: None, as_owner: Any, patient: Patient
) -> None:
    asked = {"patient": str(patient.id), "profile": {"population": "gb"}}
    refused = as_owner.post("/api/v1/assessments/", asked)
    assert (refused.status_code, refused.json()["detail"][: len(SAID)]) == (503, SAID)
    assert not patient.assessments.exists()
    made = as_owner.post("/api/v1/assessments/", asked | {"evidence_set": "meta-2025"})
    assert made.status_code == 201
    (other,) = patient.assessments.get().other_evidence
    assert other["refused"].startswith(SAID)


def test_a_record_sent_as_fhir_is_answered_503(failing_evidence: None, as_owner: Any) -> None:
    reply = as_owner.post("/fhir/RiskAssessment/$assess", ERIKA, format="json")
    assert reply.status_code == 503
    (issue,) = reply.json()["issue"]
    assert issue["diagnostics"].startswith(SAID) or issue["details"]["text"].startswith(SAID)


def test_a_hook_is_not_answered_as_if_there_were_nothing_to_say(
    ward: RecordSystem, failing_evidence: None
) -> None:
    service = ward.services()["patient-view"]
    sent = ward.request("patient-view", prefetch=ward.prefetch(service, people.high_risk()))
    reply = ward.post(service["id"], sent)
    assert reply.status_code == 503
    assert reply.json()["detail"].startswith(SAID)


def test_readiness_says_degraded_and_names_no_model(failing_evidence: None, client: Any) -> None:
    reply = client.get("/health/ready")
    assert reply.status_code == 200
    told = reply.json()
    assert (told["status"], told["withheld"]) == ("degraded", ["evidence"])
    assert told["checks"]["models"] == "Withheld, as their self-test failed: evidence."
