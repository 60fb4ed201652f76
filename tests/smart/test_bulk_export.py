"""Everybody of the made-up hospital at once, as an integrator sees it in the demo."""

from collections.abc import Callable

import pytest
import requests
from django.core.management import call_command
from django.utils import timezone

from riskapp.actions.own_keys import own_public_keys
from riskapp.management.mock_ehr.exports import MOST_EXPORTS, Export, Exports
from riskapp.management.mock_ehr.hospital import NotThere
from riskapp.management.mock_ehr.permits import Access, Client, Grant
from riskapp.models import ImportedRecord, Patient
from riskapp.models.search_word import matching
from tests.smart.conftest import NAME
from tests.smart.serving import Way

pytestmark = [pytest.mark.django_db, pytest.mark.enable_socket]
ASYNC = {"Prefer": "respond-async"}


def test_its_people_are_imported_by_their_bulk_export(
    way: Way,
    connect: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("riskapp.management.mock_ehr.permits.keys_at", lambda _: own_public_keys())
    connect('bulk_client_id = "trabecula-backend"')
    call_command("import_bulk", NAME)
    assert "Imported 4 people, 4 of them registered anew." in capsys.readouterr().out
    assert [one.name for one in Patient.objects.filter(matching("albrecht"))]
    assert any("parent_hip_fracture" in one.answers for one in ImportedRecord.objects.all())


def caller(way: Way, scope: str, *, client: str = "one", is_backend: bool = True) -> dict[str, str]:
    grant = Grant(Client(client, is_backend=is_backend), client, frozenset([scope]))
    return {"Authorization": f"Bearer {way.ehr.permits.give(Access(grant), 60)}"}


def ask(way: Way, path: str, headers: dict[str, str]) -> requests.Response:
    address = path if path.startswith("http") else f"{way.base}/{path}"
    return requests.get(address, headers=headers, timeout=10)


def test_an_export_goes_as_the_specification_has_it(way: Way) -> None:
    """FHIR Bulk Data Access 2.0: 202 with Content-Location, 202 until ready, manifest, NDJSON."""
    me = caller(way, "system/*.rs")
    started = ask(way, "Patient/$export?_type=Patient,Practitioner", me | ASYNC)
    assert started.status_code == 202
    place = started.headers["Content-Location"]
    waits = ask(way, place, me)
    assert (waits.status_code, waits.headers["Retry-After"]) == (202, "1")
    manifest = ask(way, place, me).json()
    assert manifest["requiresAccessToken"] is True
    (told,) = manifest["output"]  # of patients only: nobody of the staff
    got = ask(way, told["url"], me)
    assert got.headers["Content-Type"] == "application/fhir+ndjson"
    assert (told["type"], told["count"], len(got.text.splitlines())) == ("Patient", 4, 4)
    # Nobody else is given it, and what was dismissed is gone.
    assert ask(way, place, caller(way, "system/*.rs", client="another")).status_code == 404
    assert requests.delete(place, headers=me, timeout=10).status_code == 202
    assert ask(way, told["url"], me).status_code == 404


def test_what_is_no_export_is_refused(way: Way) -> None:
    me = caller(way, "system/*.rs")
    assert ask(way, "$export", ASYNC).status_code == 401
    assert ask(way, "$export", me).status_code == 400
    assert ask(way, "$export?_outputFormat=text/csv", me | ASYNC).status_code == 400
    person = caller(way, "user/*.rs", is_backend=False)
    assert ask(way, "$export", person | ASYNC).status_code == 403
    assert ask(way, "$export-status/none", me).status_code == 404
    narrow = caller(way, "system/Practitioner.rs")
    place = ask(way, "$export", narrow | ASYNC).headers["Content-Location"]
    ask(way, place, narrow)
    assert {one["type"] for one in ask(way, place, narrow).json()["output"]} == {"Practitioner"}


def test_the_oldest_of_too_many_exports_is_forgotten() -> None:
    exports = Exports()
    made = [exports.keep(Export("one", "", timezone.now(), {})) for _ in range(MOST_EXPORTS + 1)]
    assert exports.of(made[1], "one")
    with pytest.raises(NotThere):
        exports.of(made[0], "one")
