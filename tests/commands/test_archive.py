"""Whoever sets a site up learns in one sentence what is wrong with an archive."""

import socket
from collections.abc import Iterator
from contextlib import closing
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pynetdicom import AE, evt

from riskapp.exchange.archive.dimse import VERIFICATION
from riskapp.models import AuditEvent, Patient, Scan
from tests.actions.archived import Configure, archive, archived_files, configure, jane
from tests.exchange.archive_peers import StubArchive
from tests.exchange.dicom_scans import NUMBER
from tests.exchange.dimse_peer import DimsePeer, dimse_peer
from tests.people import owner, patient
from tests.trail import done

__all__ = ["archive", "archived_files", "configure", "jane", "owner", "patient"]
pytestmark = [pytest.mark.django_db, pytest.mark.enable_socket]
# pynetdicom leaves the socket of a connection that was refused to the garbage collector.
LEFT_OPEN = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def told(*arguments: str) -> str:
    out = StringIO()
    call_command("archive", "pacs", *arguments, stdout=out)
    return out.getvalue()


def trouble(*arguments: str) -> str:
    """What is said before the end, and at the end."""
    out = StringIO()
    with pytest.raises(CommandError) as reason:
        call_command("archive", "pacs", *arguments, stdout=out)
    return out.getvalue() + str(reason.value)


@pytest.fixture
def web(configure: Configure, archive: StubArchive) -> StubArchive:
    configure(dicomweb_url=archive.url, wait_s=1)
    return archive


@pytest.fixture
def peer() -> Iterator[DimsePeer]:
    with dimse_peer() as one:
        yield one


def test_an_archive_that_answers_says_so(web: StubArchive) -> None:
    assert told("--echo") == f"DICOMweb at {web.url}: answers.\n"


@pytest.mark.parametrize(
    ("gone_wrong", "sentence"),
    [
        ("locked out", "does not let us in"),
        ("forbidden", "does not allow us this"),
        ("busy", "busy"),
        ("redirect", "sends on to another address"),
        ("silent", "does not answer"),
        ("nonsense", "no DICOMweb"),
        ("not there", "no DICOMweb"),
    ],
)
def test_what_is_wrong_with_dicomweb_is_told(
    web: StubArchive, gone_wrong: str, sentence: str
) -> None:
    web.trouble = gone_wrong
    assert sentence in trouble()


def test_addresses_and_secrets_that_lead_nowhere_are_told(
    configure: Configure, archive: StubArchive
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
    for entry, sentence in (
        ({"dicomweb_url": f"http://127.0.0.1:{port}/"}, "does not answer"),
        ({"dicomweb_url": "http://archive.invalid/"}, "name is not known"),
        ({"dicomweb_url": archive.url.replace("http:", "https:")}, "No TLS"),
        ({"dicomweb_url": archive.url, "ca_file": "/none.pem"}, "cannot be read"),
    ):
        configure(wait_s=1, **entry)
        assert sentence in trouble()
    configure(name="other", dicomweb_url=archive.url)
    assert "there is other" in trouble()


def test_an_archive_by_dimse_is_greeted_and_what_it_lacks_is_named(
    configure: Configure, peer: DimsePeer
) -> None:
    entry: dict[str, Any] = {
        "host": "127.0.0.1", "port": peer.port, "called_ae_title": "PEER", "returns": ["sr"],
        "worklist_ae_title": "PEER", "wait_s": 3,
    }  # fmt: skip
    configure(**entry)
    said = told()
    assert f"DIMSE at 127.0.0.1:{peer.port} as PEER: answers." in said
    assert "Worklist" in said
    bare = AE("BARE")
    bare.add_supported_context(VERIFICATION)
    server = bare.start_server(
        ("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_ECHO, lambda _: 0x0000)]
    )
    try:
        configure(**entry | {"port": server.server_address[1]}, commitment=True)
        said = trouble()
    finally:
        server.shutdown()
    for lacking in ("C-GET", "C-FIND", "structured reports", "storage commitment"):
        assert lacking in said
    assert "segmentations" not in said


@LEFT_OPEN
@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("require_called_aet", "is not called PEER"),
        ("require_calling_aet", "does not know us by the name TRABECULA"),
        ("maximum_associations", "takes no more connections"),
    ],
)
def test_a_rejection_says_whose_name_is_wrong(
    configure: Configure, rule: str, sentence: str
) -> None:
    strict = AE("OTHER")
    strict.add_supported_context(VERIFICATION)
    value = {"require_called_aet": True, "require_calling_aet": ["SOMEBODY"]}.get(rule, 0)
    setattr(strict, rule, value) if value else setattr(strict, "_maximum_associations", 0)
    server = strict.start_server(("127.0.0.1", 0), block=False)
    try:
        port = server.server_address[1]
        configure(host="127.0.0.1", port=port, called_ae_title="PEER", wait_s=3)
        assert sentence in trouble()
    finally:
        server.shutdown()


def test_studies_are_listed_and_fetched_for_the_patient_who_is_named(
    web: StubArchive, jane: Patient
) -> None:
    listed = told("--find", NUMBER).splitlines()
    assert listed[-1] == "2 studies"
    ct = next(line for line in listed if "  CT  12 images" in line)
    uid = ct.split()[0]
    assert "12 files, 1 scan." in told("--find", NUMBER, "--fetch", uid)
    assert Scan.objects.get().patient == jane
    assert ("archive.try", "archive:pacs") in done(action="archive.try")
    assert AuditEvent.objects.filter(action="archive.try", patient_id=jane.id).exists()
    assert "nothing under this record number" in told("--find", "NOBODY")


def test_nothing_is_fetched_for_somebody_else(web: StubArchive, patient: Patient) -> None:
    assert "Name the patient" in trouble("--fetch", "1.2.3")
    assert "register the patient first" in trouble("--find", NUMBER, "--fetch", "1.2.3")
    # Registered, and the study is another's.
    uid = told("--find", NUMBER).split()[0]
    assert "no such study" in trouble("--find", patient.record_number, "--fetch", uid)
    assert not Scan.objects.exists()


def test_a_fetch_that_breaks_off_says_when_it_goes_on(web: StubArchive, jane: Patient) -> None:
    uid = next(line for line in told("--find", NUMBER).splitlines() if "CT" in line).split()[0]
    web.trouble, web.troubles = "breaks off", 1
    assert "broke off. It is tried again at" in trouble("--find", NUMBER, "--fetch", uid)
