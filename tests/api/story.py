"""One call of every operation, in a made-up clinic whose clock stands still."""

from datetime import UTC, datetime
from io import BytesIO
from tempfile import NamedTemporaryFile

import pydicom
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings

from riskapp.actions import queueing, run_queue
from riskapp.actions.managing_people import set_roles
from riskapp.actions.measuring import measure_next
from riskapp.models import Restriction, Role, Scan
from tests.actions.archived import altered
from tests.api.recorder import Recorder
from tests.drawn import spine_file
from tests.exchange.archive_peers import stub_archive
from tests.exchange.test_multipart_related import message

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANNA = {
    "name": "Anna Example", "record_number": "A-100", "date_of_birth": "1953-05-14",
    "sex": "female",
}  # fmt: skip
PROFILE = {
    "id": "row-1", "population": "gb", "age_years": 72, "sex": "female",
    "femoral_neck_t_score": -2.5, "prior_fragility_fracture": True,
}  # fmt: skip
PRECISION = {
    "manufacturer": "hologic",
    "model": "Horizon A",
    "studied_on": "2026-02-01",
    "measurements": [
        {"person": f"P{person}", "region": "total_hip", "value": 0.8 + person / 100 + again / 1000}
        for person in range(15)
        for again in (0, 4, 8)
    ],
}
WEBHOOK = {"url": "https://example.org/trabecula", "events": ["scan.measured"]}
RECORD_SYSTEM = """
[[cds_client]]
name = "Ward"
organisation = "Clinic A"
population = "gb"
unsigned = true
"""
ARCHIVE = """
[[archive]]
name = "Main archive"
organisation = "Clinic A"
dicomweb_url = "{url}"
"""
HOOK = {
    "hook": "patient-view",
    "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
    "context": {"userId": "Practitioner/example", "patientId": "1288992"},
    "prefetch": {
        "patient": {
            "resourceType": "Patient", "id": "1288992", "gender": "female",
            "birthDate": "1953-05-14",
        },
        "conditions": None,
    },
}  # fmt: skip
# As far ahead as may be: who sends the example shall not learn that its day has passed.
LOOK_AGAIN = "2036-03-01"


def tell(call: Recorder, statistician: User) -> None:
    """One after the other, as a program of a hospital would."""
    set_roles(
        by=statistician,
        user=statistician,
        roles=[*statistician.membership.roles, Role.ADMINISTRATOR],
    )
    call("post", "scores/", {"profile": PROFILE, "explain": True})
    call("get", "models/")
    call("get", "populations/")
    made = call("post", "patients/", ANNA)
    patient = made.json()["id"]
    here = f"patients/{patient}/"
    call("get", "patients/?search=anna")
    call("get", here)
    call("patch", here, {"name": "Anna M Example"}, If_Match=made["ETag"])
    fracture = call("post", f"{here}fractures/", {"site": "forearm", "happened_on": "2024-09"})
    call("get", f"{here}fractures/")
    call("post", f"{here}fractures/{fracture.json()['id']}/strike-out/")
    treatment = call("post", f"{here}treatments/", {"agent": "denosumab", "started_on": "2024"})
    course = f"{here}treatments/{treatment.json()['id']}/"
    call("get", f"{here}treatments/")
    call("post", f"{course}end/", {"ended_on": "2025-06", "why_ended": "other"})
    call("post", f"{course}strike-out/")
    _scan(call, patient)
    _stored(call)
    _ordered(call, patient)
    _assess(call, patient)
    call("get", "worklist/")
    call("get", "recall/")
    call("get", f"{here}changes/")
    _laboratory(call, statistician)
    _webhooks(call)
    _advice(call)
    _archived(call, patient)
    _restricted(call, patient)


def _restricted(call: Recorder, patient: str) -> None:
    """Restricted by others meanwhile, and opened for a reason."""
    Restriction.objects.create(patient_id=patient, made_at=NOW)
    why = {"reason": "emergency", "words": "Fell on the ward; on call tonight."}
    call("post", f"patients/{patient}/emergency-access/", why)


def _scan(call: Recorder, patient: str) -> None:
    file = SimpleUploadedFile("spine.dcm", spine_file(7))
    scan = call("post", "scans/", {"patient": patient, "files": [file]}, as_form=True).json()["id"]
    here = f"scans/{scan}/"
    assert measure_next(queueing.this_process())
    Scan.objects.filter(id=scan).update(status=Scan.Status.MISMATCH)
    call("post", f"{here}identity/")
    Scan.objects.filter(id=scan).update(status=Scan.Status.MEASURED)
    call("post", f"{here}versions/1/confirmation/")
    measured = call("get", here).json()
    call("get", f"scans/?patient={patient}")
    call("get", f"{here}files/")
    call("get", f"{here}files/measurement.json")
    call("get", f"{here}pictures/{measured['pictures'][0]['name']}")
    regions = [{"id": "L1", "polygon": measured["regions"][0]["polygon"]}]
    call("post", f"{here}regions/", {"regions": regions})
    Scan.objects.filter(id=scan).update(status=Scan.Status.FAILED)
    call("post", f"{here}again/")


def _stored(call: Recorder) -> None:
    kind = 'multipart/related; type="application/dicom"; boundary=B'
    spine = spine_file(7)
    study = pydicom.dcmread(BytesIO(spine)).StudyInstanceUID
    for address in ("/dicomweb/studies", f"/dicomweb/studies/{study}"):
        call("post", address, message(spine), Content_Type=kind)
        call("post", address, message(spine, b"no DICOM"), Content_Type=kind)


def _assess(call: Recorder, patient: str) -> None:
    profile = {"population": "gb", "femoral_neck_t_score": -2.5, "prior_fragility_fracture": True}
    made = call("post", "assessments/", {"patient": patient, "profile": profile}).json()
    here = f"assessments/{made['id']}/"
    call("get", here)
    call("get", f"assessments/?patient={patient}")
    call("get", f"{here}explanation/")
    call("get", f"{here}reproduction/")
    call("get", f"{here}report.pdf?part=patient")
    talk = call("post", f"{here}discussions/", {"decided": "refer", "review_on": LOOK_AGAIN})
    call("get", f"{here}discussions/")
    call("post", f"{here}discussions/{talk.json()['id']}/strike-out/")
    link = call("post", f"{here}shares/", {"days": 14}).json()
    call("get", f"{here}shares/")
    call("delete", f"{here}shares/{link['id']}/")
    call("delete", f"{here}shares/")


def _webhooks(call: Recorder) -> None:
    made = call("post", "webhooks/", WEBHOOK).json()
    here = f"webhooks/{made['id']}/"
    call("get", "webhooks/")
    call("get", here)
    call("post", f"{here}test/")
    call("post", f"{here}secret/")
    call("post", f"{here}enable/")
    call("delete", here)


def _ordered(call: Recorder, patient: str) -> None:
    order = {
        "patient": patient, "accession_number": "ACC-7", "planned_on": "2026-03-05",
        "procedure": "DXA of spine and hip", "modality": "DX",
    }  # fmt: skip
    made = call("post", "expected-scans/", order).json()
    call("get", "expected-scans/")
    call("get", f"expected-scans/{made['id']}/")
    call("post", f"expected-scans/{made['id']}/cancel/")


def _archived(call: Recorder, patient: str) -> None:
    here = f"patients/{patient}/archive/"
    with stub_archive() as archive, NamedTemporaryFile("w", suffix=".toml") as file:
        told = {"StudyDate": "20200107", "PatientID": ANNA["record_number"]}
        archive.keep(altered(spine_file(7), **told, StudyDescription="DXA of spine"))
        file.write(ARCHIVE.format(url=archive.url))
        file.flush()
        with override_settings(CONNECTIONS_FILE=file.name):
            found = call("get", f"{here}?to=2025-12-31").json()["studies"][0]["study_uid"]
            call("get", f"{here}studies/{found}/")
            fetch = call("post", f"{here}fetch/", {"study_uid": found}).json()["id"]
    call("get", f"fetches/{fetch}/")


def _laboratory(call: Recorder, statistician: User) -> None:
    run = run_queue.promise(by=statistician, kind="train", engines=["cox"], model_id="clinic-1")
    call("get", "trainings/")
    call("get", f"trainings/{run.id}/")
    told = {"record_number": "A-100", "outcome": "hip", "date": "2026-01-02"}
    call("post", "outcomes/", {"outcomes": [told]})
    call("post", "precisions/", PRECISION)
    call("get", "precisions/")


def _advice(call: Recorder) -> None:
    with NamedTemporaryFile("w", suffix=".toml") as file:
        file.write(RECORD_SYSTEM)
        file.flush()
        with override_settings(CONNECTIONS_FILE=file.name):
            call("get", "/cds-services")
            here = "/cds-services/fracture-risk-patient-view"
            (card,) = call("post", here, HOOK).json()["cards"]
            told = {
                "card": card["uuid"],
                "outcome": "accepted",
                "acceptedSuggestions": [{"id": card["suggestions"][0]["uuid"]}],
                "outcomeTimestamp": "2026-03-02T08:59:00Z",
            }
            call("post", f"{here}/feedback", {"feedback": [told]})
    call("get", "cds-feedback/")
