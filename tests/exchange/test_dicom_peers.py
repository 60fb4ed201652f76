"""What goes back to an archive, judged by the programs of others."""

import json
import shutil
import socket
import subprocess
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.exchange.dicom_files import FOR_ARCHIVE, WHOLE_BONES, ct, dxa, validated
from tests.exchange.dicom_scans import Measured

__all__ = ["ct", "dxa"]


@pytest.mark.parametrize("name", [*FOR_ARCHIVE, *WHOLE_BONES])
def test_dciodvfy_finds_no_error(
    dxa: tuple[Measured, dict[str, Path]], ct: tuple[Measured, dict[str, Path]], name: str
) -> None:
    for path in (written[name] for _, written in (dxa, ct) if name in written):
        assert validated(path) == []


def test_dcmtk_reads_them(dxa: tuple[Measured, dict[str, Path]]) -> None:
    if shutil.which("dsrdump") is None:
        pytest.skip("needs dsrdump, which is not here: on Debian, the package dcmtk")
    told = subprocess.run(
        ["dsrdump", str(dxa[1]["report-sr.dcm"])], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0
    # It reads UTF-8, whose letters its checker of values does not know.
    assert [line for line in told.stderr.splitlines() if "ISO_IR 192" not in line] == []
    assert "Imaging Measurement Report" in told.stdout
    for path in dxa[1].values():
        dumped = subprocess.run(["dcmdump", "-q", str(path)], capture_output=True, check=False)
        assert dumped.returncode == 0


def test_an_orthanc_takes_them_into_the_study_of_their_images(
    dxa: tuple[Measured, dict[str, Path]],
    ct: tuple[Measured, dict[str, Path]],
    tmp_path: Path,
) -> None:
    # Servers are installed where a person's own path may not lead.
    orthanc = shutil.which("Orthanc") or shutil.which("Orthanc", path="/usr/sbin")
    storescu = shutil.which("storescu", path="/usr/bin")  # Python has one of that name too
    if orthanc is None or storescu is None:
        pytest.skip("needs Orthanc and dcmtk, which are not here: Debian's orthanc and dcmtk")
    http, dicom = _free_ports()
    settings = tmp_path / "orthanc.json"
    settings.write_text(
        json.dumps(
            {
                "StorageDirectory": str(tmp_path), "IndexDirectory": str(tmp_path),
                "HttpPort": http, "DicomPort": dicom, "RemoteAccessAllowed": False,
                "AuthenticationEnabled": False, "Plugins": [], "DicomServerEnabled": True,
                "DicomCheckCalledAet": False, "StrictAetComparison": False,
            }
        )
    )  # fmt: skip
    with subprocess.Popen(
        [orthanc, str(settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            _wait_for(f"http://127.0.0.1:{http}/system")
            for scan, written in (dxa, ct):
                sent = [*scan.folder.glob("*.dcm"), *written.values()]
                told = subprocess.run(
                    [storescu, "-R", "127.0.0.1", str(dicom), *map(str, sent)],
                    capture_output=True, text=True, check=False,
                )  # fmt: skip
                assert told.returncode == 0, told.stderr
            with urlopen(f"http://127.0.0.1:{http}/studies?expand") as reply:
                studies = json.load(reply)
        finally:
            server.terminate()
    # Images, and a series each for report, segmentation and page; whole bones on CT only.
    assert sorted(len(study["Series"]) for study in studies) == [4, 5]


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def _wait_for(address: str) -> None:
    give_up_at = time.monotonic() + 90
    while time.monotonic() < give_up_at:
        try:
            with urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("Orthanc did not answer")
