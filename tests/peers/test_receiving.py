"""Programs that hospitals run send scans to the product as it is run."""

import http.client
import json
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pydicom
import pytest
from dicomweb_client.api import DICOMwebClient
from pynetdicom import AE, evt

from tests.actions.arrivals import ADA, of
from tests.api.test_dicomweb import TYPE
from tests.drawn import ct_files
from tests.exchange.dicom_listening import close_callers, remember
from tests.exchange.test_multipart_related import message
from tests.peers.archives import asked, sending_orthanc
from tests.peers.programs import needs, of_system
from tests.peers.site import Site, new_site, wait_until

pytestmark = pytest.mark.enable_socket

SENDERS = """
[[sender]]
name = "toolkit"
organisation = "Clinic A"
calling_ae_title = "TOOLKIT"
addresses = ["127.0.0.1"]
called_ae_title = "CLINIC_A"
"""
CR = "1.2.840.10008.5.1.4.1.1.1"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return new_site(tmp_path_factory.mktemp("site"), SENDERS)


@pytest.fixture(scope="module")
def web(site: Site) -> Iterator[str]:
    with site.web() as address:
        yield address


@pytest.fixture(scope="module")
def port(site: Site) -> Iterator[int]:
    with site.listener() as (number, _):
        yield number


def files(folder: Path, study: str, count: int = 3) -> list[Path]:
    """Objects of one study, each in a file."""
    made = []
    for number in range(count):
        path = folder / f"{number}.dcm"
        uid = f"{study}.{number + 1}"
        path.write_bytes(of(**ADA, StudyInstanceUID=study, SOPInstanceUID=uid))
        made.append(path)
    return made


def toolkit(
    program: str, port: int, *arguments: object, calling: str = "TOOLKIT", option: str = "-v"
) -> subprocess.CompletedProcess[str]:
    titles = ["-aet", calling, "-aec", "CLINIC_A"]
    return subprocess.run(
        [of_system(program) or program, option, *titles, "127.0.0.1", str(port),
         *map(str, arguments)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


class TestDcmtk:
    """The toolkit of OFFIS, in which much of the world's DICOM traffic is written."""

    @needs("echoscu")
    def test_echo(self, port: int) -> None:
        assert toolkit("echoscu", port).returncode == 0
        refused = toolkit("echoscu", port, calling="STRANGER")
        assert refused.returncode
        assert "Calling AE Title Not Recognized" in refused.stderr + refused.stdout

    @needs("storescu")
    def test_a_study_sent_twice_is_stored_once(self, site: Site, port: int, tmp_path: Path) -> None:
        before = site.counts()[0]
        for _ in range(2):
            sent = toolkit("storescu", port, *files(tmp_path, "1.2.10"))
            assert sent.returncode == 0, sent.stderr
        assert site.counts()[0] == before + 3

    @needs("dcmsend")
    def test_slices_of_a_series(self, site: Site, port: int, tmp_path: Path) -> None:
        before = site.counts()
        for number, data in enumerate(ct_files()):
            (tmp_path / f"{number}.dcm").write_bytes(of(data, **ADA))
        sent = toolkit("dcmsend", port, *tmp_path.iterdir())
        assert sent.returncode == 0, sent.stderr
        assert site.counts()[:2] == (before[0] + len(ct_files()), before[1] + 1)

    @needs("storescu")
    @needs("dcmcjpls")
    @pytest.mark.parametrize(
        ("packer", "option"), [("dcmcjpls", "--propose-jls-lossless"), ("dcmcrle", "--propose-rle")]
    )
    def test_compressed_objects(
        self, site: Site, port: int, tmp_path: Path, packer: str, option: str
    ) -> None:
        before = site.counts()[0]
        (plain,) = files(tmp_path, f"1.2.11.{len(packer)}", 1)
        packed = tmp_path / "packed.dcm"
        subprocess.run([of_system(packer) or packer, plain, packed], check=True, timeout=120)
        sent = toolkit("storescu", port, packed, option=option)
        assert sent.returncode == 0, sent.stderr
        assert site.counts()[0] == before + 1

    @needs("storescu")
    def test_four_at_once(self, site: Site, port: int, tmp_path: Path) -> None:
        before, sent = site.counts()[0], []

        def send(number: int) -> None:
            folder = tmp_path / str(number)
            folder.mkdir()
            sent.append(toolkit("storescu", port, *files(folder, f"1.2.12.{number}", 4)))

        threads = [threading.Thread(target=send, args=(number,)) for number in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert [one.returncode for one in sent] == [0] * 4
        assert site.counts()[0] == before + 16


def _store(port: int, path: Path) -> int:
    entity = AE("TOOLKIT")
    entity.add_requested_context(CR)
    peer = entity.associate("127.0.0.1", port, ae_title="CLINIC_A")
    try:
        return int(peer.send_c_store(pydicom.dcmread(path)).get("Status", -1))
    finally:
        peer.release()


class TestRestarts:
    def test_a_kill_in_the_middle_loses_nothing_that_was_answered(
        self, site: Site, tmp_path: Path
    ) -> None:
        before = site.counts()[0]
        first, second, third = files(tmp_path, "1.2.13")
        with site.listener() as (port, server):
            assert _store(port, first) == 0x0000
            entity = AE("TOOLKIT")
            entity.add_requested_context(CR)
            handlers: Any = [(evt.EVT_CONN_OPEN, remember)]
            peer = entity.associate("127.0.0.1", port, ae_title="CLINIC_A", evt_handlers=handlers)
            server.send_signal(signal.SIGKILL)
            server.wait()
            with suppress(RuntimeError, ValueError):
                peer.send_c_store(pydicom.dcmread(second))
            peer.abort()
            close_callers()
        assert site.counts()[0] == before + 1
        with site.listener() as (port, again):
            assert [_store(port, one) for one in (first, second, third)] == [0, 0, 0]
            again.send_signal(signal.SIGTERM)
            assert again.wait(60) == 0, "told to stop, it stops in order"
        assert site.counts()[0] == before + 3

    @needs("echoscu")
    def test_a_sender_that_is_added_may_send_without_a_restart(self, site: Site, port: int) -> None:
        assert toolkit("echoscu", port, calling="NEW").returncode
        added = SENDERS.replace('"toolkit"', '"new"').replace("TOOLKIT", "NEW")
        path = site.folder / "connections.toml"
        path.write_text(SENDERS + added, encoding="utf-8")
        wait_until(lambda: not toolkit("echoscu", port, calling="NEW").returncode)


class TestDicomweb:
    def test_the_client_of_imagings_python_users_stores(
        self, site: Site, web: str, tmp_path: Path
    ) -> None:
        before = site.counts()[0]
        client = DICOMwebClient(
            url=f"{web}/dicomweb", headers={"Authorization": f"Token {site.token}"}
        )
        datasets = [pydicom.dcmread(path) for path in files(tmp_path, "1.2.14")]
        told = client.store_instances(datasets)
        assert len(told.ReferencedSOPSequence) == 3
        assert "FailedSOPSequence" not in told
        assert site.counts()[0] == before + 3

    def test_a_body_of_unknown_length_arrives_whole(self, site: Site, web: str) -> None:
        before = site.counts()[0]
        data = message(*(of(**ADA, SOPInstanceUID=f"1.2.15.{n}") for n in range(2)))
        there = urlsplit(web)
        connection = http.client.HTTPConnection(there.hostname or "", there.port, timeout=60)
        connection.request(
            "POST", "/dicomweb/studies", body=iter([data[:100_000], data[100_000:]]),
            headers={"Content-Type": TYPE, "Authorization": f"Token {site.token}"},
            encode_chunked=True,
        )  # fmt: skip
        reply = connection.getresponse()
        assert reply.status == 200
        assert len(json.loads(reply.read())["00081199"]["Value"]) == 2
        connection.close()
        assert site.counts()[0] == before + 2

    def test_a_connection_that_breaks_leaves_what_was_whole(self, site: Site, web: str) -> None:
        before = site.counts()[0]
        data = message(*(of(**ADA, SOPInstanceUID=f"1.2.16.{n}") for n in range(2)))
        there = urlsplit(web)
        connection = http.client.HTTPConnection(there.hostname or "", there.port, timeout=60)
        connection.putrequest("POST", "/dicomweb/studies")
        for name, value in (
            ("Content-Type", TYPE),
            ("Authorization", f"Token {site.token}"),
            ("Content-Length", str(len(data))),
        ):
            connection.putheader(name, value)
        connection.endheaders(data[: len(data) * 3 // 4])
        connection.close()
        wait_until(lambda: site.counts()[0] == before + 1)


@needs("Orthanc")
class TestOrthanc:
    """An archive of images that many hospitals run."""

    def test_it_sends_by_both_ways_and_each_object_is_kept_once(
        self, site: Site, web: str, port: int, tmp_path: Path
    ) -> None:
        before = site.counts()[0]
        with sending_orthanc(tmp_path, port, web, site.token) as archive:
            for path in files(tmp_path, "1.2.17"):
                assert asked(f"{archive}/instances", path.read_bytes())
            (study,) = asked(f"{archive}/studies")
            wanted = json.dumps({"Resources": [study], "Synchronous": True}).encode()
            assert asked(f"{archive}/dicom-web/servers/ours/stow", wanted) is not None
            assert site.counts()[0] == before + 3
            sent = asked(f"{archive}/modalities/ours/store", wanted)
            assert sent["FailedInstancesCount"] == 0
            assert asked(f"{archive}/modalities/ours/echo", b"{}") == {}
        assert site.counts()[0] == before + 3
