"""A clinic whose peers are named, and a patient with scans in its archive."""

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from riskapp.actions.finding import organisation_of
from riskapp.models import Fetch, Patient

PEERS = """
[[archive]]
name = "Main archive"
organisation = "{organisation}"
dicomweb_url = "{archive}"
[[archive]]
name = "Trauma archive"
organisation = "{organisation}"
dicomweb_url = "http://127.0.0.1:9/dicom-web"
auth = "bearer"
secret = {{ file = "/run/secrets/trauma" }}
[[cds_client]]
name = "Ward 9"
organisation = "{organisation}"
population = "gb"
issuer = "https://ward-9.example/fhir"
jwks_url = "https://ward-9.example/jwks.json"
[[identity_provider]]
name = "hospital"
shown_as = "City Hospital"
organisation = "{organisation}"
issuer = "https://login.example"
client_id = "trabecula"
[[sender]]
name = "ct-1"
organisation = "{organisation}"
calling_ae_title = "CT_1"
called_ae_title = "TRABECULA"
addresses = ["10.1.2.3"]
port = 11112
"""
CT = {"day": "2026-01-02", "modalities": ["CT"], "description": "Lumbar spine"}


def tell_of_archive(by: User, patient: Patient, address: str) -> None:
    """The clinic's peers, and what was asked of the archive there: in every state."""
    where = organisation_of(by)
    listed = PEERS.format(organisation=where.name, archive=address)
    settings.CONNECTIONS_FILE.write_text(listed, encoding="utf-8")
    now = timezone.now()
    for number, state in enumerate(
        (
            {},
            {"status": "running", "images_done": 3, "images_expected": 12},
            {"status": "dead", "reason": "The archive refused it.", "ended_at": now},
            {"status": "done", "ended_at": now},
        )
    ):
        fetch = Fetch.objects.create(
            organisation=where, patient=patient, archive="Main archive", asked_by=by, told=CT,
            study_uid=f"1.2.99.{number}", run_after=now,
        )  # fmt: skip
        Fetch.objects.filter(pk=fetch.pk).update(**state)
        if state.get("status") == "done":
            fetch.scans.set(patient.scans.all()[:1])
