"""Pages say that an engine failed its self-test, and still show what is stored."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions.assessing import assess
from riskapp.models import Assessment, Patient
from tests.failing_engine import SAID, failing_evidence
from tests.web.reading import text_of

__all__ = ["failing_evidence"]
pytestmark = pytest.mark.django_db


def test_a_stored_assessment_is_read_while_no_new_one_can_be_made(
    pages: Client, patient: Patient, owner: User, request: pytest.FixtureRequest
) -> None:
    stored = assess(by=owner, patient=patient, answers={"population": "gb"})
    request.getfixturevalue("failing_evidence")
    asked = f"/patients/{patient.pk}/assessments/"
    sent = {"age_years": str(patient.age_years_on(patient.registered_at.date()))}
    sent |= {"population": "gb", "evidence_set": "frax-2008"}
    live = pages.post(f"{asked}answer/", sent).content.decode()
    assert SAID in live
    refused = pages.post(f"{asked}new/", sent)
    assert refused.status_code == 503
    assert SAID in refused.content.decode()
    assert Assessment.objects.get() == stored
    shown = text_of(pages, f"/assessments/{stored.pk}/")
    assert "Major osteoporotic fracture in 10 years" in shown
    # Whoever looks at any page knows it, administrators among them.
    assert SAID in shown
    assert SAID in text_of(pages, "/")
    assert SAID not in text_of(Client(), "/sign-in/")


def test_a_page_that_needs_the_engine_says_so_and_is_no_mistake_of_ours(
    pages: Client, patient: Patient, owner: User, request: pytest.FixtureRequest
) -> None:
    stored = assess(by=owner, patient=patient, answers={"population": "gb"})
    request.getfixturevalue("failing_evidence")
    for page in ("", "decide/", "what-if/", "another/current_smoker/", "engines/", "report.pdf"):
        reply = pages.get(f"/assessments/{stored.pk}/{page}")
        assert reply.status_code in (200, 400, 503), page
        if reply.status_code != 200:
            assert SAID in reply.content.decode(), page
