"""Who reads a stored patient's data by a command leaves a row in the trail; a new command too."""

from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from riskapp.actions.assessing import assess
from riskapp.actions.managing_people import set_roles
from riskapp.actions.registering import register_patient
from riskapp.models import AuditEvent, Patient, Role
from tests.kept import ROOT

COMMANDS = {
    path.stem
    for path in (ROOT / "riskapp" / "management" / "commands").glob("*.py")
    if path.stem != "__init__"
}
# Command -> what it leaves of the patient's record that it reads out.
READ_OUT = {
    "archive": "archive.try",  # tests/commands/test_archive.py
    "backup": "site.backup",  # tests/commands/test_backup.py
    "erase_patient": "patient.erase",  # tests/actions/test_erasing.py
    "export_patient": "patient.export",
    "legal_hold": "read.holds",
    "reproduce": "read.reproduce",
}
# Whoever asks for something by these is told counts, ids, or how it ended.
TELL_NO_PATIENT = {
    "work", "bulk", "deliver", "fetch_scans", "listen_dicom", "listen_hl7", "tend_laboratory",
    "serve", "migrate", "restore", "check_database", "clock", "keys", "verify_trail",
    "verify_erasure", "dead_letters", "fetch_worklist", "import_bulk", "monitor",
    "rebuild_worklist", "retain", "split_stored_scans", "self_test", "safety_notice",
}  # fmt: skip
# They read what is given to them, or what the product ships, and nothing that is stored of anybody.
READ_FILES_ONLY = {
    "accepted_page", "access_page", "bench_truth", "cohort", "compare_scans", "coverage",
    "derive_evidence", "evaluate", "evidence_page", "explain", "federate", "fit_evidence",
    "fit_people", "fit_simulator", "load_demo", "measure", "mock_ehr", "models", "modifiers",
    "patient_words", "populations", "power", "precision", "recalibrate", "score", "simulate",
    "texture", "texture_table", "train", "train_embedding", "train_segmentation",
    "validate_evidence",
}  # fmt: skip
OF_ACCOUNTS = {"add_api_client", "add_clinician", "add_person", "let_in", "revoke_api_client"}


def test_of_every_command_it_is_said_whether_it_reads_out_a_patients_data() -> None:
    said = [*READ_OUT, *TELL_NO_PATIENT, *READ_FILES_ONLY, *OF_ACCOUNTS]
    assert len(said) == len(set(said))
    assert set(said) == COMMANDS


def rows(patient: Patient, action: str) -> int:
    return AuditEvent.objects.filter(patient_id=patient.id, action=action).count()


@pytest.mark.django_db
def test_a_record_that_is_exported_or_computed_again_leaves_rows(
    owner: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_roles(by=owner, user=owner, roles=list(Role))
    patient = register_patient(
        by=owner, name="Grace Example", record_number="G-1", date_of_birth=date(1950, 1, 1),
        sex="female",
    )  # fmt: skip
    made = assess(by=owner, patient=patient, answers={"population": "gb"})
    call_command("reproduce", str(made.id), stdout=StringIO())
    assert rows(patient, READ_OUT["reproduce"]) == 1
    monkeypatch.setattr("riskapp.web.report.printed", lambda parts: b"%PDF-1.7")
    file = tmp_path / "record.zip"
    call_command("export_patient", "G-1", str(file), "--by", "owner", stdout=StringIO())
    assert rows(patient, READ_OUT["export_patient"]) == 1
    by, out = ("--by", "owner"), StringIO()
    call_command("legal_hold", "put", "G-1", "--because", "A court asks for it.", *by, stdout=out)
    call_command("legal_hold", "list", *by, stdout=out)
    call_command("legal_hold", "lift", "G-1", "--because", "The case is closed.", *by, stdout=out)
    call_command("legal_hold", "list", *by, stdout=out)
    assert out.getvalue().count("G-1") == 1
    assert rows(patient, READ_OUT["legal_hold"]) == 1
    assert (rows(patient, "hold.put"), rows(patient, "hold.lift")) == (1, 1)
