"""Archives that hospitals run, as processes on the loopback address."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from tests.peers.programs import of_system
from tests.peers.site import free_port, opens, process, wait_until


def entry_of(port: int) -> dict[str, Any]:
    """An entry that speaks DIMSE."""
    return {"host": "127.0.0.1", "port": port, "called_ae_title": "ARCHIVE", "wait_s": 5}


@dataclass(frozen=True, slots=True)
class Orthanc:
    """One that runs: its address, its DICOM port, and how our entry of it begins."""

    address: str
    port: int

    @property
    def dicomweb(self) -> dict[str, Any]:
        return {"dicomweb_url": f"{self.address}/dicom-web", "wait_s": 5}

    @property
    def dimse(self) -> dict[str, Any]:
        return entry_of(self.port)

    def keep(self, data: bytes) -> None:
        assert asked(f"{self.address}/instances", data)

    def instances(self) -> set[str]:
        """Which files it holds, by its own names."""
        return {str(one) for one in asked(f"{self.address}/instances") or ()}

    def file(self, name: str) -> bytes:
        with urlopen(f"{self.address}/instances/{name}/file", timeout=60) as reply:  # noqa: S310
            data: bytes = reply.read()
        return data


def asked(address: str, data: bytes | None = None) -> Any:
    try:
        with urlopen(Request(address, data=data), timeout=60) as reply:  # noqa: S310
            return json.loads(reply.read())
    except OSError:
        return None


@contextmanager
def orthanc(
    folder: Path, receiver: int = 0, ports: tuple[int, int] | None = None
) -> Iterator[Orthanc]:
    """An Orthanc with its DICOMweb plugin, which knows us as TRABECULA at the receiver's port."""
    http, dicom = ports or (free_port(), free_port())
    ours = {
        "AET": "TRABECULA", "Host": "127.0.0.1", "Port": receiver or 1,
        "AllowStorageCommitment": True,
    }  # fmt: skip
    settings = {
        "HttpPort": http, "DicomPort": dicom, "DicomAet": "ARCHIVE", "DicomCheckCalledAet": True,
        "Plugins": ["/usr/share/orthanc/plugins/libOrthancDicomWeb.so"],
        "DicomModalities": {"trabecula": ours}, "DicomAlwaysAllowGet": True,
        "DicomWeb": {"Enable": True},
    }  # fmt: skip
    with _running(folder, settings) as address:
        yield Orthanc(address, dicom)


@contextmanager
def sending_orthanc(folder: Path, port: int, web: str, token: str) -> Iterator[str]:
    """An Orthanc that sends on what it holds, by DIMSE and by DICOMweb; gives its address."""
    ours = {
        "Url": f"{web}/dicomweb/",
        "HttpHeaders": {"Authorization": f"Token {token}"},
        "ChunkedTransfers": True,
    }
    settings = {
        "HttpPort": free_port(), "DicomPort": free_port(), "DicomAet": "TOOLKIT",
        "Plugins": ["/usr/share/orthanc/plugins"],
        "DicomModalities": {"ours": ["CLINIC_A", "127.0.0.1", port]},
        "DicomWeb": {"Enable": True, "Servers": {"ours": ours}},
    }  # fmt: skip
    with _running(folder, settings) as address:
        yield address


@contextmanager
def _running(folder: Path, settings: dict[str, Any]) -> Iterator[str]:
    """An Orthanc with these settings, which keeps in this folder; gives its address."""
    told = {
        "Name": "ARCHIVE", "StorageDirectory": str(folder), "IndexDirectory": str(folder),
        "RemoteAccessAllowed": False, "AuthenticationEnabled": False, **settings,
    }  # fmt: skip
    (folder / "orthanc.json").write_text(json.dumps(told), encoding="utf-8")
    with process([of_system("Orthanc") or "Orthanc", str(folder / "orthanc.json")]) as running:
        address = f"http://127.0.0.1:{settings['HttpPort']}"
        wait_until(lambda: asked(f"{address}/system"), running)
        yield address


@contextmanager
def dcmqrscp(folder: Path, receiver: int = 0) -> Iterator[int]:
    """The toolkit's archive, which sends by C-GET and C-MOVE; gives its port."""
    port = free_port()
    (folder / "held").mkdir(exist_ok=True)
    (folder / "dcmqrscp.cfg").write_text(
        f"""NetworkTCPPort = {port}
MaxPDUSize = 16384
MaxAssociations = 16
HostTable BEGIN
ours = (TRABECULA, 127.0.0.1, {receiver or 1})
HostTable END
VendorTable BEGIN
VendorTable END
AETable BEGIN
ARCHIVE {folder}/held RW (200, 1024mb) ANY
AETable END
""",
        encoding="utf-8",
    )
    command = [of_system("dcmqrscp") or "dcmqrscp", "-c", str(folder / "dcmqrscp.cfg")]
    with process(command) as running:
        wait_until(lambda: opens(port), running)
        yield port
