"""An archive that holds the scans of one person, and our client of it."""

from collections.abc import Iterator

import pytest

from riskapp.exchange.archive.dicomweb import WebArchive
from tests.exchange.archive_peers import StubArchive, stub_archive
from tests.exchange.dicom_scans import ct, dxa


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """The slices of a small CT, and a spine of the same person on another day."""
    folders = [tmp_path_factory.mktemp(name) for name in ("ct", "dxa")]
    ct(folders[0])
    dxa(folders[1])
    return [path.read_bytes() for folder in folders for path in sorted(folder.glob("*.dcm"))]


@pytest.fixture
def archive(files: list[bytes]) -> Iterator[StubArchive]:
    with stub_archive() as stub:
        for one in files:
            stub.keep(one)
        yield stub


@pytest.fixture
def client(archive: StubArchive) -> Iterator[WebArchive]:
    one = WebArchive(archive.connection())
    yield one
    one.close()
