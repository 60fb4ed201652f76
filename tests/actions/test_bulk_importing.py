"""A hospital's whole record is taken in to its end, and nobody is mistaken."""

from datetime import date
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from riskapp.actions import bulk_importing, bulk_reading
from riskapp.actions.bulk_importing import ask_for, folder_of
from riskapp.actions.connecting import service_account
from riskapp.actions.errors import Refused
from riskapp.actions.finding import numbered
from riskapp.actions.registering import register_patient
from riskapp.models import BulkImport, ImportedRecord, Patient
from tests.actions.exported import EHR, HOME, asked, finished, home, person, server, weight, weights
from tests.bulk_server import Export, ndjson
from tests.trail import done

__all__ = ["home", "server"]
pytestmark = pytest.mark.django_db


def test_everybody_of_a_record_is_registered_and_what_it_tells_is_kept(server: Export) -> None:
    server.not_ready = 2
    work = finished(asked())
    assert work.status == BulkImport.Status.DONE
    assert weights() == {"1": 61.0, "2": 72.0, "3": None}
    assert work.counts["imported"] == work.counts["registered"] == 3
    assert work.transaction_time == "2026-11-01T00:00:00Z"
    assert not folder_of(work).exists()
    assert server.paths("DELETE") == ["/fhir/status/1"]
    told = done(target=str(work.id))
    assert told == [("bulk.ask", f"bulk:{EHR}"), ("bulk.done", f"bulk:{EHR}")]


def test_the_same_export_again_registers_nobody_twice(server: Export) -> None:
    finished(asked())
    work = finished(asked())
    assert (work.counts["imported"], work.counts["registered"]) == (3, 0)
    assert Patient.objects.count() == 3


def test_an_import_goes_on_after_a_restart_where_it_stood(
    server: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_one = bulk_importing.read_one

    def dies_at_b(work: BulkImport, connection: Any, own_id: str, lines: Any) -> None:
        if own_id == "b":
            raise SystemExit
        read_one(work, connection, own_id, lines)

    work = asked()
    monkeypatch.setattr(bulk_importing, "read_one", dies_at_b)
    with pytest.raises(SystemExit):
        finished(work)
    work.refresh_from_db()
    assert (work.status, work.reached, weights()) == ("queued", "a", {"1": 61.0})
    before = len(server.asked)
    monkeypatch.setattr(bulk_importing, "read_one", read_one)
    assert asked().id == work.id  # the one that is under way
    finished(work)
    assert weights() == {"1": 61.0, "2": 72.0, "3": None}
    # Nothing was fetched twice.
    assert not [path for path in server.paths()[before:] if path.startswith("/files/")]
    assert work.counts["imported"] == 3


def test_lines_that_are_broken_are_counted_and_the_rest_is_read(server: Export) -> None:
    deep = b'{"resourceType":"Observation","x":' + b"[" * 90 + b"]" * 90 + b"}\n"
    server.files["Observation.1.ndjson"] += (
        b'{"resourceType": "Observation", "id"\n'
        + b"[]\n\n"
        + b"\xff\xfe\n"
        + deep
        + b'{"x": "'
        + b"y" * 2_000_100
        + b'"}\n'
        + ndjson(weight("w3", "c", 55))
    )
    work = finished(asked())
    assert weights()["3"] == 55.0
    assert work.counts["broken_lines"] == 5


def test_somebody_else_with_the_same_number_is_left_out(server: Export) -> None:
    by = service_account("bulk", EHR, HOME)

    register_patient(
        by=by, name="Other", record_number="1", date_of_birth=date(1960, 2, 3), sex="female"
    )
    register_patient(
        by=by, name="Same", record_number="2", date_of_birth=date(1950, 2, 3), sex="female"
    )
    server.files["Patient.1.ndjson"] = ndjson(
        person("a", "1"),
        person("b", "2"),
        person("c", "3", birthDate="1950"),
        person("d", "", identifier=[]),
        person("e", "5", deceasedBoolean=True),
    )
    server.files["Observation.2.ndjson"] = ndjson(weight("w9", "nobody", 61))
    work = finished(asked())
    assert weights() == {"2": 72.0}
    assert work.counts["left_out"] == {
        bulk_reading.OTHER_PERSON: 1,
        bulk_reading.TOO_LITTLE: 1,
        bulk_reading.NO_NUMBER: 1,
        bulk_reading.NO_PATIENT: 1,
        "The record says that the person has died; there is no risk to estimate.": 1,
    }


def test_medicines_that_patients_share_are_read_with_what_refers_to_them(server: Export) -> None:
    server.files["Medication.ndjson"] = ndjson(
        {
            "resourceType": "Medication",
            "id": "m",
            "code": {"coding": [{"system": "http://www.whocc.no/atc", "code": "H02AB06"}]},
        }
    )
    server.files["MedicationStatement.ndjson"] = ndjson(
        {
            "resourceType": "MedicationStatement",
            "id": "s",
            "status": "active",
            "subject": {"reference": f"{server.base}/Patient/b"},
            "medicationReference": {"reference": "Medication/m"},
        }
    )
    finished(asked())
    told = ImportedRecord.objects.get(patient__in=Patient.objects.filter(numbered("2")))
    assert told.answers["glucocorticoids"] is True


def test_only_what_changed_is_asked_for_and_adds_to_what_is_known(server: Export) -> None:
    server.deleted = {"Bundle.ndjson": ndjson({"resourceType": "Bundle"})}
    server.errors = {
        "OperationOutcome.ndjson": ndjson(
            {"resourceType": "OperationOutcome", "issue": [{"diagnostics": "One was skipped"}]}
        )
    }
    work = finished(asked(since="2026-10-01T00:00:00Z"))
    assert "_since=2026-10-01T00%3A00%3A00Z" in server.asked[1][1]
    assert not ImportedRecord.objects.filter(is_whole=True).exists()
    assert work.counts["said"] == [
        "One was skipped",
        "1 entries are told as deleted; an import of everything forgets them.",
    ]


def test_an_export_of_nothing_is_done_at_once(server: Export) -> None:
    server.files = {}
    assert finished(asked()).status == BulkImport.Status.DONE


def test_the_command_imports_and_says_what_it_left_out(server: Export, capsys: Any) -> None:
    server.files["Patient.2.ndjson"] = ndjson(person("z", "", identifier=[]))
    call_command("import_bulk", EHR)
    told = capsys.readouterr().out
    assert "Imported 3 people, 3 of them registered anew." in told
    assert f"Left out 1: {bulk_reading.NO_NUMBER}." in told
    assert "The next import may start --since 2026-11-01T00:00:00Z" in told
    call_command("import_bulk", EHR, group="g1")
    assert "/fhir/Group/g1/$export" in server.paths()
    call_command("import_bulk", EHR, system=True)
    assert "/fhir/$export" in server.paths()


def test_the_command_refuses_what_it_cannot_ask_for(server: Export) -> None:
    with pytest.raises(CommandError, match="no .*ehr.* named 'other'"):
        call_command("import_bulk", "other")
    with pytest.raises(CommandError, match="as an instant"):
        call_command("import_bulk", EHR, since="yesterday")
    with pytest.raises(Refused, match="which group"):
        ask_for(ehr=EHR, level="group")
    server.troubles = {"/token": [401]}
    with pytest.raises(CommandError, match="gave no token"):
        call_command("import_bulk", EHR)
