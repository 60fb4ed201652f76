"""Scans are fetched from archives that hospitals run, and results brought back to them."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from riskapp.actions.archives import search
from riskapp.actions.carrying import fetch_next
from riskapp.actions.committing import hear_report
from riskapp.actions.confirming import confirm
from riskapp.actions.connecting import service_account
from riskapp.actions.delivering import deliver_next
from riskapp.actions.fetching import ask_for
from riskapp.actions.finding import organisation_of
from riskapp.actions.returning import returns_of
from riskapp.exchange.archive import committing
from riskapp.exchange.archive.dimse import DimseArchive
from riskapp.exchange.archive.limits import ARCHIVE_LIMITS
from riskapp.exchange.connection_archive import Archive
from riskapp.exchange.connection_sender import Sender
from riskapp.exchange.dimse.listening import Listener
from riskapp.models import Delivery, Fetch, Patient, Scan
from tests.actions.archived import Configure, archived_files, configure, jane
from tests.exchange.dicom_files import validated
from tests.exchange.dicom_listening import FakeDesk, desk, received_in
from tests.peers.archives import Orthanc, dcmqrscp, entry_of, orthanc
from tests.peers.line import line_to
from tests.peers.programs import needs, of_system
from tests.peers.site import free_port, wait_until
from tests.people import owner
from tests.web.scans import dicom_scan

__all__ = ["archived_files", "configure", "desk", "jane", "owner", "received_in"]
pytestmark = [pytest.mark.django_db, pytest.mark.enable_socket]
WORKER = "host-a:1:1"
US = Sender(
    name="archive", organisation="Clinic A", calling_ae_title="ARCHIVE",
    addresses=("127.0.0.1",), called_ae_title="TRABECULA",
)  # fmt: skip


@pytest.fixture(scope="module")
def receiver() -> int:
    """The port on which archives know us."""
    return free_port()


@pytest.fixture(scope="module")
def there(
    tmp_path_factory: pytest.TempPathFactory, receiver: int, archived_files: dict[str, list[bytes]]
) -> Iterator[Orthanc]:
    with orthanc(tmp_path_factory.mktemp("orthanc"), receiver) as running:
        for one in (one for files in archived_files.values() for one in files):
            running.keep(one)
        yield running


@pytest.fixture(scope="module")
def toolkit(
    tmp_path_factory: pytest.TempPathFactory, receiver: int, archived_files: dict[str, list[bytes]]
) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("dcmqrscp")
    with dcmqrscp(folder, receiver) as port:
        for number, data in enumerate(archived_files["ct"]):
            (folder / f"{number}.dcm").write_bytes(data)
        subprocess.run(
            [of_system("storescu") or "", "-aec", "ARCHIVE", "127.0.0.1", str(port),
             *map(str, sorted(folder.glob("*.dcm")))],
            check=True, capture_output=True, timeout=60,
        )  # fmt: skip
        yield port


@pytest.fixture
def listening(desk: FakeDesk, received_in: Path, receiver: int) -> Iterator[FakeDesk]:
    listener = Listener((US,), desk, receiver)
    listener.start()
    yield desk
    listener.stop(5)


@pytest.fixture
def scan(jane: Patient, owner: User, tmp_path: Path) -> Scan:
    """A scan that nobody has confirmed yet."""
    (tmp_path / "dicom").mkdir()
    scan = dicom_scan(jane, owner, tmp_path / "dicom")
    scan.versions.update(confirmed_at=None, confirmed_by=None)
    return scan


def promised(by: User, patient: Patient) -> Fetch:
    """The CT of the archive, asked for as on the page."""
    found = search(by=by, patient=patient)
    # dcmqrscp does not tell which modalities a study has.
    (uid,) = (
        one.study.study_uid
        for one in found.studies
        if not one.study.modalities or "CT" in one.study.modalities
    )
    return ask_for(by=by, patient=patient, archive="pacs", study_uid=uid)


def fetched(work: Fetch) -> Fetch:
    """What became of it after a try; what has to wait is due again."""
    Fetch.objects.update(run_after=timezone.now() - timedelta(seconds=1))
    assert fetch_next(WORKER)
    work.refresh_from_db()
    return work


def is_whole(work: Fetch) -> bool:
    (scan,) = work.scans.all()
    return (work.state, work.images_done, scan.received_files.count()) == ("done", 12, 12)


def deliver() -> None:
    Delivery.objects.update(run_after=timezone.now() - timedelta(seconds=1))
    while Delivery.objects.filter(status="queued", run_after__lt=timezone.now()).exists():
        assert deliver_next(WORKER)


def state_of(by: User, scan: Scan) -> tuple[str, str]:
    (one,) = returns_of(by=by, scan=scan)
    return one.state, one.problem


@needs("Orthanc")
class TestOrthanc:
    @pytest.mark.parametrize("way", ["wado", "c-get"])
    def test_an_earlier_scan_is_found_and_fetched(
        self, owner: User, jane: Patient, configure: Configure, there: Orthanc, way: str
    ) -> None:
        configure(**(there.dicomweb if way == "wado" else there.dimse))
        assert is_whole(fetched(promised(owner, jane)))

    @pytest.mark.parametrize(("way", "after"), [("wado", 40_000), ("c-get", 30_000)])
    def test_a_line_that_breaks_and_one_that_is_slow_lose_nothing(
        self, owner: User, jane: Patient, configure: Configure, there: Orthanc, way: str, after: int
    ) -> None:
        web = int(there.address.rpartition(":")[2])
        with line_to(web if way == "wado" else there.port) as line:
            address = f"http://127.0.0.1:{line.port}/dicom-web"
            configure(**({"dicomweb_url": address} if way == "wado" else entry_of(line.port)))
            work = promised(owner, jane)
            line.cuts_after = after
            assert fetched(work).state == "waiting"
            assert line.cuts == 1
            assert not Scan.objects.exists()
            line.cuts_after, line.is_slow = 0, True
            assert is_whole(fetched(work))

    @pytest.mark.parametrize("way", ["stow", "c-store"])
    def test_results_come_back_once_and_are_as_the_standard_has_them(
        self, owner: User, scan: Scan, configure: Configure, there: Orthanc, way: str,
        tmp_path: Path,
    ) -> None:  # fmt: skip
        before = there.instances()
        returns = ["sr", "seg", "pdf"]
        configure(**(there.dicomweb if way == "stow" else there.dimse), returns=returns)
        confirm(by=owner, scan=scan, number=1)
        for _ in range(2):  # the second brings what is there already
            deliver()
            assert state_of(owner, scan) == ("confirmed", "")
            Delivery.objects.update(status="queued", confirmed_at=None)
        new = there.instances() - before
        classes = set()
        for name in new:
            path = tmp_path / f"{name}.dcm"
            path.write_bytes(there.file(name))
            classes.add(pydicom.dcmread(path).SOPClassUID.name)
            assert validated(path) == []
        assert len(new) == len(classes) == 3

    def test_a_restart_in_the_middle_loses_nothing(
        self, owner: User, scan: Scan, configure: Configure, tmp_path: Path
    ) -> None:
        ports = (free_port(), free_port())
        folder = tmp_path / "orthanc"
        folder.mkdir()
        entry = {"dicomweb_url": f"http://127.0.0.1:{ports[0]}/dicom-web", "wait_s": 5}
        with orthanc(folder, ports=ports):
            configure(**entry, returns=["seg"])
            confirm(by=owner, scan=scan, number=1)
        deliver()
        assert state_of(owner, scan) == ("waiting", "The archive does not answer.")
        with orthanc(folder, ports=ports) as again:
            deliver()
            assert state_of(owner, scan) == ("confirmed", "")
            assert len(again.instances()) == 1

    def test_it_promises_to_keep_results_on_an_association_of_its_own(
        self, owner: User, scan: Scan, configure: Configure, there: Orthanc, listening: FakeDesk,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        monkeypatch.setattr(committing, "ARCHIVE_LIMITS", replace(ARCHIVE_LIMITS, commit_s=0))
        configure(**there.dimse, returns=["seg"], commitment=True)
        confirm(by=owner, scan=scan, number=1)
        deliver()
        assert state_of(owner, scan)[0] == "waiting"
        wait_until(lambda: listening.heard)
        ((sender, report),) = listening.heard
        service_account("sender", sender, "Clinic A")
        heard = hear_report(
            organisation=organisation_of(owner), source=f"sender:{sender}", report=report
        )
        deliver()
        assert (heard, state_of(owner, scan)[0]) == (True, "confirmed")


@needs("dcmqrscp")
class TestDcmqrscp:
    def test_an_earlier_scan_is_found_and_fetched_by_c_get(
        self, owner: User, jane: Patient, configure: Configure, toolkit: int
    ) -> None:
        configure(**entry_of(toolkit))
        assert is_whole(fetched(promised(owner, jane)))

    def test_results_are_taken_and_told_of(
        self, owner: User, scan: Scan, configure: Configure, toolkit: int
    ) -> None:
        configure(**entry_of(toolkit), returns=["sr", "seg", "pdf"])
        confirm(by=owner, scan=scan, number=1)
        deliver()
        assert state_of(owner, scan) == ("confirmed", "")


@pytest.mark.parametrize(
    ("peer", "us"),
    [
        pytest.param("there", "trabecula", marks=needs("Orthanc")),
        pytest.param("toolkit", "TRABECULA", marks=needs("dcmqrscp")),
    ],
)
def test_a_series_is_sent_to_our_receiver_by_c_move(
    peer: str, us: str, request: pytest.FixtureRequest, listening: FakeDesk,
    archived_files: dict[str, list[bytes]],
) -> None:  # fmt: skip
    found = request.getfixturevalue(peer)
    entry = entry_of(found.port if isinstance(found, Orthanc) else found)
    archive = Archive(
        name="pacs", organisation="Clinic A", fetch_by="c-move", move_destination=us, **entry
    )
    held = [pydicom.dcmread(BytesIO(one)) for one in archived_files["ct"]]
    count = DimseArchive(archive).move(held[0].StudyInstanceUID, held[0].SeriesInstanceUID)
    assert count == len(held)
    assert {uid for _, uid, _ in listening.taken} == {str(one.SOPInstanceUID) for one in held}
