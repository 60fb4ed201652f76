"""A hospital whose whole record can be exported, and an import of it until it has ended."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from riskapp.actions.bulk_importing import ask_for, import_next
from riskapp.actions.own_keys import own_signing_key
from riskapp.models import BulkImport, ImportedRecord
from tests.bulk_server import Export, exporting, ndjson

WORKER, EHR, HOME = "host-a:1:1", "ward", "Bone clinic"
MR = {"coding": [{"code": "MR"}]}


def person(id: str, number: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": id,
        "identifier": [{"type": MR, "system": "urn:pid", "value": number}],
        "name": [{"family": "Example", "given": [id]}],
        "gender": "female",
        "birthDate": "1950-02-03",
        "address": [{"country": "GB"}],
        **more,
    }


def weight(id: str, patient: str, kg: float, day: str = "2026-01-05") -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": id,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": day,
        "valueQuantity": {"value": kg, "system": "http://unitsofmeasure.org", "code": "kg"},
    }


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One installation for all tests of a module, as making its key takes a second."""
    return tmp_path_factory.mktemp("installation")


@pytest.fixture
def server(settings: Any, tmp_path: Path, home: Path) -> Iterator[Export]:
    settings.DATA_DIR = home
    settings.CONNECTIONS_FILE = tmp_path / "connections.toml"
    export = Export(public_key=own_signing_key().private.public_key())
    export.files = {
        "Patient.1.ndjson": ndjson(person("a", "1"), person("b", "2"), person("c", "3")),
        "Observation.1.ndjson": ndjson(weight("w1", "a", 61), weight("w2", "b", 72)),
    }
    with exporting(export):
        root = export.base.removesuffix("/fhir")
        settings.CONNECTIONS_FILE.write_text(
            f'[[ehr]]\nname = "{EHR}"\norganisation = "{HOME}"\niss = "{export.base}"\n'
            f'client_id = "app"\nbulk_client_id = "trabecula"\n'
            f'bulk_token_endpoint = "{root}/token"\n'
        )
        yield export


def finished(work: BulkImport, tries: int = 60) -> BulkImport:
    """Work until the import has ended, without waiting for what it was told to wait for."""
    for _ in range(tries):
        BulkImport.objects.filter(id=work.id, status="queued").update(
            run_after=timezone.now() - timedelta(seconds=1)
        )
        if not import_next(WORKER):
            break
    work.refresh_from_db()
    return work


def asked(**more: Any) -> BulkImport:
    return ask_for(ehr=EHR, level="patient", **more)


def weights() -> dict[str, Any]:
    return {
        one.patient.record_number: one.answers.get("weight_kg")
        for one in ImportedRecord.objects.all()
    }
