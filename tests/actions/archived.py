"""A clinic with an archive, and a patient who has been scanned before."""

from collections.abc import Callable, Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import pytest
from django.contrib.auth.models import User

from riskapp.actions.archives import Searched, search
from riskapp.actions.fetching import ask_for
from riskapp.actions.registering import register_patient
from riskapp.models import Fetch, Patient
from tests.exchange.archive_peers import StubArchive, stub_archive
from tests.exchange.dicom_scans import NUMBER, ct, dxa

NAME_OF_RECORD, BORN = "Jane Doe", date(1954, 6, 1)
Configure = Callable[..., None]


def altered(data: bytes, **tags: Any) -> bytes:
    """The same file with other tags."""
    read = pydicom.dcmread(BytesIO(data))
    for name, value in tags.items():
        setattr(read, name, value)
    read.file_meta.MediaStorageSOPInstanceUID = read.SOPInstanceUID
    sink = BytesIO()
    read.save_as(sink)
    return sink.getvalue()


@pytest.fixture(scope="session")
def archived_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[bytes]]:
    """A CT of twelve slices and a picture of a spine, both of one person."""
    files = {}
    for name, write in (("ct", ct), ("dxa", dxa)):
        folder = tmp_path_factory.mktemp(f"archived-{name}")
        write(folder)
        files[name] = [path.read_bytes() for path in sorted(folder.glob("*.dcm"))]
    return files


@pytest.fixture
def archive(archived_files: dict[str, list[bytes]]) -> Iterator[StubArchive]:
    with stub_archive() as stub:
        for files in archived_files.values():
            for one in files:
                stub.keep(one)
        yield stub


@pytest.fixture
def jane(owner: User) -> Patient:
    """The person of the archive's files."""
    return register_patient(
        by=owner, name=NAME_OF_RECORD, record_number=NUMBER, date_of_birth=BORN, sex="female"
    )


@pytest.fixture
def configure(tmp_path: Path, settings: Any) -> Configure:
    """Write the file of connections with one archive."""
    settings.CONNECTIONS_FILE = tmp_path / "connections.toml"

    def written(**told: Any) -> None:
        lines = ["[[archive]]"]
        for key, value in ({"name": "pacs", "organisation": "Clinic A"} | told).items():
            shown = str(value).lower() if isinstance(value, bool) else repr(value)
            lines.append(f"{key} = {shown}")
        settings.CONNECTIONS_FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")

    return written


@pytest.fixture
def connected(configure: Configure, archive: StubArchive) -> None:
    configure(dicomweb_url=archive.url, wait_s=2)


def uid_of(found: Searched, modality: str) -> str:
    return next(one.study.study_uid for one in found.studies if modality in one.study.modalities)


def promised(by: User, patient: Patient, modality: str = "CT", **more: Any) -> Fetch:
    """The study of this kind, asked for and not fetched yet."""
    uid = uid_of(search(by=by, patient=patient), modality)
    return ask_for(by=by, patient=patient, archive="pacs", study_uid=uid, **more)
