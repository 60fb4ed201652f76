"""Objects go to the disk as they come, whoever called whom; none is held in memory."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pynetdicom import _config
from pynetdicom.association import Association

_config.STORE_RECV_CHUNKED_DATASET = True


@contextmanager
def lying_in(folder: Path) -> Iterator[None]:
    """Let what comes lie in an empty folder of its own; pynetdicom asks ``tempfile`` for a place.

    What an earlier process left there was cut off.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before
        shutil.rmtree(folder, ignore_errors=True)


def forget_the_unfinished(association: Association) -> None:
    """Delete what came of an object that was cut off; pynetdicom leaves it."""
    message = association.dimse.message
    unfinished = getattr(message, "_data_set_file", None)
    if unfinished is not None:
        unfinished.close()
        with suppress(OSError):
            Path(unfinished.name).unlink()
