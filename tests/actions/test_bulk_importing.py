"""A hospital's whole record: fetched to its end whatever breaks, and nobody is mistaken."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from riskapp.actions import bulk_importing, bulk_reading
from riskapp.actions.bulk_importing import ask_for, folder_of, import_next
from riskapp.actions.connecting import service_account
from riskapp.actions.errors import Refused
from riskapp.actions.own_keys import own_signing_key
from riskapp.actions.registering import register_patient
from riskapp.exchange.bulk import exporting as exporting_module
from riskapp.models import AuditEvent, BulkImport, ImportedRecord, Patient
from tests.bulk_server import Export, exporting, ndjson

pytestmark = pytest.mark.django_db
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
    """One installation for all tests, as making its key takes a second."""
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


def test_everybody_of_a_record_is_registered_and_what_it_tells_is_kept(server: Export) -> None:
    server.not_ready = 2
    work = finished(asked())
    assert work.status == BulkImport.Status.DONE
    assert weights() == {"1": 61.0, "2": 72.0, "3": None}
    assert work.counts["imported"] == work.counts["registered"] == 3
    assert work.transaction_time == "2026-11-01T00:00:00Z"
    assert not folder_of(work).exists()
    assert server.paths("DELETE") == ["/fhir/status/1"]
    told = AuditEvent.objects.filter(target=str(work.id)).values_list("by", "action")
    assert set(told) == {(f"bulk:{EHR}", "bulk.ask"), (f"bulk:{EHR}", "bulk.done")}


def test_the_same_export_again_registers_nobody_twice(server: Export) -> None:
    finished(asked())
    work = finished(asked())
    assert (work.counts["imported"], work.counts["registered"]) == (3, 0)
    assert Patient.objects.count() == 3


@pytest.mark.parametrize(
    ("path", "troubles"),
    [
        ("/token", [503]),
        ("/fhir/Patient/$export", [(429, {"Retry-After": "2"}), 502]),
        ("/fhir/status/1", [(503, {"Retry-After": "1"}), (500, {"Retry-After": "1"})]),
        ("/fhir/status/1", ["cut"]),
        ("/files/Patient.1.ndjson", ["cut", "cut", 504]),
        ("/files/Patient.1.ndjson", [401, 401]),
        ("/fhir/status/1", [(503, {"Retry-After": "\u00b2"})]),
        (
            "/files/Observation.1.ndjson",
            ["cut", (429, {"Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT"})],
        ),
    ],
)
def test_a_server_that_breaks_off_or_is_busy_is_asked_again(
    server: Export, path: str, troubles: list[Any]
) -> None:
    server.troubles = {path: list(troubles)}
    work = finished(asked())
    assert work.status == BulkImport.Status.DONE, work.problem
    assert weights() == {"1": 61.0, "2": 72.0, "3": None}


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
    told = ImportedRecord.objects.get(patient__record_number="2")
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


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"troubles": {"/fhir/Patient/$export": [400]}}, "did not start the export (400: Out of"),
        ({"troubles": {"/fhir/status/1": [500]}}, "The export of ward failed (500: Out of disk)"),
        ({"troubles": {"/token": [401]}}, "ward gave no token (401)"),
        ({"manifest": {"output": "x"}}, "came without a list of files"),
        ({"manifest": {"output": [{"type": "Patient"}]}}, "names a file without an address"),
        (
            {"manifest": {"output": [{"type": "Patient", "url": "http://10.0.0.1/x"}]}},
            "named an address that this site has not configured",
        ),
        (
            {"manifest": {"output": [{"type": "Patient", "url": "file:///etc/passwd"}]}},
            "named an address that this site has not configured",
        ),
        ({"troubles": {"/files/Patient.1.ndjson": [403]}}, "A file of ward was refused (403"),
        ({"troubles": {"/fhir/status/1": [(302, {"Location": "http://10.0.0.1/"})]}}, "sends on"),
    ],
)
def test_what_cannot_be_mended_ends_the_import_with_a_sentence(
    server: Export, change: dict[str, Any], sentence: str
) -> None:
    for name, value in change.items():
        setattr(server, name, value)
    work = finished(asked())
    assert work.status == BulkImport.Status.DEAD
    assert sentence in work.problem
    assert not folder_of(work).exists()
    assert Patient.objects.count() == 0


def test_a_server_that_is_never_there_is_given_up_after_some_tries(server: Export) -> None:
    server.troubles = {"/token": [503] * 50}
    work = finished(asked())
    assert work.status == BulkImport.Status.DEAD
    assert len(server.paths("POST")) == len(bulk_importing.WAITS) + 1
    assert work.problem == "ward is busy (503). It was tried 8 times."


def test_a_file_beyond_the_limit_is_not_kept(
    server: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting_module, "LARGEST_FILE_BYTES", 100)
    work = finished(asked())
    assert work.problem == "A file of ward is larger than can be kept."


def test_the_token_is_kept_from_files_that_need_none(server: Export) -> None:
    server.manifest = {
        "transactionTime": "2026-11-01T00:00:00Z",
        "requiresAccessToken": False,
        "output": [
            {
                "type": "Patient",
                "url": server.base.removesuffix("/fhir") + "/files/Patient.1.ndjson",
            }
        ],
    }
    finished(asked())
    assert ("GET", "/files/Patient.1.ndjson", "") in server.asked


def test_files_may_be_named_relative_to_the_manifest_and_come_packed(server: Export) -> None:
    server.is_packed = True
    files = [{"type": "Patient", "url": "../../files/Patient.1.ndjson"}]
    server.manifest = {
        "output": [*files, {"type": "Observation", "url": "/files/Observation.1.ndjson"}]
    }
    finished(asked())
    assert weights() == {"1": 61.0, "2": 72.0, "3": None}


def test_a_server_that_drips_is_not_waited_for_without_end(
    server: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting_module, "FILE_WITHIN_S", -1)
    work = finished(asked())
    assert work.problem == "ward did not answer, or broke off. It was tried 8 times."


def test_an_export_of_nothing_is_done_at_once(server: Export) -> None:
    server.files = {}
    assert finished(asked()).status == BulkImport.Status.DONE


def test_an_export_that_is_never_ready_is_given_up(server: Export) -> None:
    server.not_ready = 99
    work = asked()
    BulkImport.objects.update(asked_at=timezone.now() - timedelta(hours=73))
    assert finished(work).problem == bulk_importing.NEVER_READY


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
