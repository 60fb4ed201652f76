"""Owner, colleague, stranger and nobody at every address, taken from the URL configuration."""

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import get_resolver

from riskapp.actions.assessing import assess
from riskapp.actions.discussing import record_discussion
from riskapp.actions.expecting import Order, expect
from riskapp.actions.managing_people import set_roles
from riskapp.actions.recording_events import record_fracture, record_treatment
from riskapp.actions.sharing import share
from riskapp.actions.webhooks import register_webhook
from riskapp.models import Fetch, LaboratoryRun, Patient, Role, Scan
from riskapp.risk.estimate import EstimateOptions

# Who asks at /oauth/ is not signed in yet; test_token_endpoint says what is refused there.
OPEN = {
    "cds_services",
    "health_live",
    "health_ready",
    "api_schema",
    "api_docs",
    "api_problems",
    "api_problem",
    "api_nothing",
    "smart",
    "smart_of_site",
    "openid",
    "metrics",  # for this machine; test_watching says who else
}
PATTERNS = {
    pattern.name: str(pattern.pattern)
    for pattern in get_resolver("riskapp.api.urls").url_patterns
    if pattern.name
    and pattern.name not in OPEN
    and not pattern.name.startswith(("oauth_", "fhir_"))  # FHIR: test_fhir_doors
}
# Of statisticians alone, who are asked in test_laboratory.
FOR_STATISTICIANS = {"api_training"}
# There for restricted records only; test_restricted_records says for whom.
FOR_RESTRICTED = {"api_emergency_access"}
SOMEBODYS = sorted(
    name
    for name, address in PATTERNS.items()
    if "<uuid:id>" in address and name not in FOR_STATISTICIANS | FOR_RESTRICTED
)


@pytest.fixture
def address_of(patient: Patient, measured_scan: Scan) -> Any:
    """The address of something that exists and belongs to the owner's organisation."""
    quick = EstimateOptions(explain=False, interval=False)
    made = assess(
        by=measured_scan.uploaded_by, patient=patient, answers={"population": "gb"}, options=quick
    )
    run = LaboratoryRun.objects.create(
        kind="train",
        organisation=patient.organisation,
        asked_by=measured_scan.uploaded_by,
        run_after=measured_scan.uploaded_at,
    )
    owner = measured_scan.uploaded_by
    # Webhooks are an administrator's.
    set_roles(by=owner, user=owner, roles=[Role.CLINICIAN, Role.STATISTICIAN, Role.ADMINISTRATOR])
    below = {
        "fracture": record_fracture(by=owner, patient=patient, site="hip", happened_on="2020"),
        "treatment": record_treatment(
            by=owner, patient=patient, agent="denosumab", started_on="2020"
        ),
        "discussion": record_discussion(by=owner, assessment=made, decided="decide_later"),
        "link": share(by=owner, assessment=made).link,
    }
    ids = {
        "trainings": run.id,
        "webhooks": register_webhook(
            by=owner, url="https://example.org/", events=["scan.failed"]
        ).id,
        "expected-scans": expect(
            by=owner, patient=patient, order=Order("ACC-7", date(2026, 3, 5))
        ).id,
        "fetches": Fetch.objects.create(
            organisation=patient.organisation,
            patient=patient,
            archive="pacs",
            study_uid="1.2.3",
            asked_by=owner,
            run_after=measured_scan.uploaded_at,
        ).id,
        "patients": patient.id,
        "scans": measured_scan.id,
        "assessments": made.id,
    }

    def address(name: str) -> str:
        filled = PATTERNS[name].replace("<int:number>", "2").replace("<str:name>", "image")
        filled = filled.replace("<str:service>", "fracture-risk-patient-view")
        filled = filled.replace("<str:study_uid>", "1.2.3")
        for noun, entry in below.items():
            filled = filled.replace(f"<uuid:{noun}_id>", str(entry.id))
        for noun, id in ids.items():
            filled = filled.replace(f"{noun}/<uuid:id>", f"{noun}/{id}")
        assert "<" not in filled, f"Say here what {name} needs."
        return f"/{filled}"

    return address


@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_nobody_gets_in_without_a_key(client: Client, address_of: Any, name: str) -> None:
    for reply in (client.get(address_of(name)), client.post(address_of(name), {})):
        assert reply.status_code in (401, 405)
        assert reply["Content-Type"] == "application/problem+json"


@pytest.fixture
def administrators(owner: User, colleague: User, stranger: User) -> None:
    """So that nobody is kept from webhooks for their role."""
    for user in (owner, colleague, stranger):
        set_roles(by=user, user=user, roles=[Role.CLINICIAN, Role.ADMINISTRATOR])


@pytest.mark.usefixtures("administrators")
@pytest.mark.parametrize("name", SOMEBODYS)
def test_a_colleague_finds_what_a_stranger_does_not(
    as_owner: Any, as_colleague: Any, as_stranger: Any, address_of: Any, name: str
) -> None:
    address = address_of(name)
    for method in ("get", "post"):
        refused = getattr(as_stranger, method)(address, {})
        assert refused.status_code in (404, 405)
        for caller in (as_owner, as_colleague):
            reply = getattr(caller, method)(address, {})
            # The pictures and files of this scan were never made, and no archive is connected
            # (test_archive); everything else is there.
            unmade = {"api_scan_picture", "api_scan_file", "api_patient_archive"}
            unmade |= {"api_patient_archive_study"}
            assert name in unmade or reply.status_code != 404
            assert (reply.status_code == 405) == (refused.status_code == 405)


def test_a_number_beyond_any_database_is_not_found(as_owner: Any, address_of: Any) -> None:
    address = address_of("api_scan_confirmation").replace("/2/", f"/{10**30}/")
    assert as_owner.post(address).status_code == 404
