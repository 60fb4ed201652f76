"""However a hospital's server behaves: asked again while that helps, else one sentence."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from riskapp.actions import bulk_importing
from riskapp.actions.bulk_importing import folder_of
from riskapp.exchange.bulk import exporting as exporting_module
from riskapp.models import BulkImport, Patient
from tests.actions.exported import asked, finished, home, server, weights
from tests.bulk_server import Export

__all__ = ["home", "server"]
pytestmark = pytest.mark.django_db


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


def test_an_export_that_is_never_ready_is_given_up(server: Export) -> None:
    server.not_ready = 99
    work = asked()
    BulkImport.objects.update(asked_at=timezone.now() - timedelta(hours=73))
    assert finished(work).problem == bulk_importing.NEVER_READY
