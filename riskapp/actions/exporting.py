"""One person's whole record as a zip that they can read, and that another system can.

What belongs to a person is found as it is for erasing (``belongings``), so that nothing that would
be erased is left out: every row as JSON, the record as a FHIR R4 bundle, scans and their pictures
as files, reports as PDF, who looked at it and when, and a page that says what is what.
"""

import json
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import IO, Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Model
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.module_loading import import_string

from riskapp.actions import auditing, finding, permitting
from riskapp.actions.belongings import Found, belongings
from riskapp.actions.errors import ActionError
from riskapp.actions.fhir.telling import person_of, stored_resources
from riskapp.actions.permitting import Ability
from riskapp.actions.serving import EVIDENCE
from riskapp.actions.stored_bytes import open_received, path_of, read_kept, received_path
from riskapp.exchange.fhir.writing.patient import patient as written_patient
from riskapp.exchange.printing import CannotPrint
from riskapp.models import (
    ArrivedFile,
    AuditEvent,
    Patient,
    ReceivedFile,
    ScanFile,
    ScanPicture,
)

# Secrets that open something, and are nothing about the person.
SECRETS = frozenset({"secrets", "token_sha256", "state_sha256", "browser_sha256", "session_data"})
# Rows that are keys for others, and say of the person only that there was one.
KEYS_OF_OTHERS = (
    "oauth2_provider.",
    "sessions.",
    "riskapp.LaunchedPatient",
    "riskapp.RedeemedCode",
)
DICOM_MARK = slice(128, 132)


def export_patient(*, by: User, id: UUID | str, target: IO[bytes]) -> Patient:
    """Write a person's record as a zip; the trail tells of it.

    Raises
    ------
    NotAllowed, NotFound
        If the user may not export records, or the patient is another organisation's.
    """
    permitting.check(by, Ability.EXPORT_PATIENTS)
    patient = finding.patient(by=by, id=id)
    with transaction.atomic():
        auditing.record(by=by, action="patient.export", target=patient.id, patient=patient.id)
    found = belongings(patient)
    written: list[tuple[str, str]] = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:

        def put(name: str, content: bytes | str, what: str) -> None:
            archive.writestr(name, content)
            written.append((name, what))

        put("record.json", _json(rows_of(found)), "Everything that is kept about you, as data.")
        put("record.fhir.json", _json(_bundle(patient)), "Your record as FHIR R4, for systems.")
        put("who-looked.json", _json(_looked(patient)), "Who did what with your record, and when.")
        for name, content, what in _files(found):
            put(name, content, what)
        for name, content in _reports(by, patient):
            put(name, content, "The report of one estimate.")
        index = {"patient": patient, "written": written, "at": timezone.now()}
        archive.writestr("index.html", render_to_string("patient/exported.html", index))
    return patient


def rows_of(found: Found) -> dict[str, list[dict[str, Any]]]:
    """Every row of a person by the name of its table, less secrets that open something."""
    told = {}
    for model, ids in sorted(found.items(), key=lambda one: one[0]._meta.label):
        label = model._meta.label
        if not label.startswith(KEYS_OF_OTHERS):
            rows = model._base_manager.filter(pk__in=ids).order_by("pk")
            told[label] = [_row(row) for row in rows]
    return told


def _row(row: Model) -> dict[str, Any]:
    fields = [field for field in row._meta.concrete_fields if field.name not in SECRETS]
    return {field.attname: getattr(row, field.attname) for field in fields}


def _bundle(patient: Patient) -> dict[str, Any]:
    resources = {("Patient", str(patient.id)): written_patient(person_of(patient))}
    for assessment in patient.assessments.all():
        if EVIDENCE in assessment.model_ids:
            for one in stored_resources(assessment):
                resources[one["resourceType"], one["id"]] = one
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
        "entry": [{"resource": one} for one in resources.values()],
    }


def _looked(patient: Patient) -> list[Mapping[str, Any]]:
    """The trail's rows about the person, with the names of those who are still known."""
    events = AuditEvent.objects.filter(patient_id=patient.id).order_by("number")
    rows = list(events.values("number", "at", "by", "action", "target"))
    ids = {row["by"].partition(">")[0] for row in rows}
    names = User.objects.filter(pk__in=[int(id) for id in ids if id.isdigit()])
    known = {str(user.pk): user.get_full_name() or user.get_username() for user in names}
    return [row | {"by": known.get(row["by"].partition(">")[0], row["by"])} for row in rows]


def _files(found: Found) -> Iterator[tuple[str, bytes, str]]:
    for file in ScanFile.objects.filter(pk__in=found.get(ScanFile, ()), size_bytes__gt=0):
        if path_of(file.sha256).exists():
            content = read_kept(file.sha256)
            kind = "dcm" if content[DICOM_MARK] == b"DICM" else "bin"
            name = f"scans/{file.scan_id}/{file.position:05d}.{kind}"
            yield name, content, "A file of one of your scans, without your name in it."
    for picture in ScanPicture.objects.filter(pk__in=found.get(ScanPicture, ())):
        if path_of(picture.sha256).exists():
            name = f"scans/{picture.version.scan_id}/{picture.version.number}-{picture.name}.png"
            what = "A picture of a scan, with what was measured."
            yield name, read_kept(picture.sha256), what
    for model in (ReceivedFile, ArrivedFile):
        for one in model._base_manager.filter(pk__in=found.get(model, ())).exclude(name=""):
            if received_path(one.name).exists():
                with open_received(one.name) as sent:
                    yield f"received/{one.name}", sent.read(), "A file as it was sent here."


def _reports(by: User, patient: Patient) -> Iterator[tuple[str, bytes]]:
    make = import_string(settings.REPORT_MAKER)
    for assessment in patient.assessments.all():
        try:
            yield f"reports/{assessment.id}.pdf", make(by=by, id=assessment.id).content
        except (ActionError, CannotPrint, OSError):
            # Nothing to report, this machine cannot print, or a picture is lost: the data hold it.
            continue


def _json(told: object) -> str:
    return json.dumps(told, indent=2, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    return value.hex() if isinstance(value, bytes | memoryview) else str(value)
