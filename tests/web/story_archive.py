"""The archive of the stories: a CT and a DXA of one of their patients. Knows nothing of Django."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pydicom

from tests.exchange.archive_peers import StubArchive, stub_archive
from tests.exchange.dicom_scans import ct, dxa

NUMBER = "R-011"  # of the patient who is there


@contextmanager
def archive_of_stories() -> Iterator[StubArchive]:
    """Run it on a free port of this machine."""
    with stub_archive() as archive, TemporaryDirectory() as folder:
        for name, write in (("ct", ct), ("dxa", dxa)):
            (there := Path(folder) / name).mkdir()
            write(there)
            for path in there.glob("*.dcm"):
                dataset = pydicom.dcmread(path)
                dataset.PatientID, written = NUMBER, BytesIO()
                dataset.save_as(written)
                archive.keep(written.getvalue())
        yield archive
