"""Which language an archive is spoken to in: DICOMweb where it has an address, else DIMSE."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from riskapp.exchange.archive.answers import Found, FoundSeries, FoundStudy, Question, Stored
from riskapp.exchange.connection_archive import Archive

if TYPE_CHECKING:
    from pydicom.dataset import Dataset


class Client(Protocol):
    """What is asked of an archive; every call may raise Silent or Declined."""

    def close(self) -> None: ...

    def ping(self) -> None: ...

    def studies(self, question: Question) -> Found: ...

    def series(self, study: FoundStudy) -> tuple[FoundSeries, ...]: ...

    def instances(self, study_uid: str, series_uid: str) -> frozenset[str]: ...

    def fetch(
        self, study_uid: str, series_uid: str, folder: Path, have: frozenset[str]
    ) -> Iterator[Path]: ...

    def store(self, study_uid: str, objects: "Sequence[Dataset]") -> tuple[Stored, ...]: ...

    def holds(self, made: "Dataset") -> bool: ...


def asking(archive: Archive) -> closing[Client]:
    """Whom questions go to."""
    return _speaking(archive, web=bool(archive.qido))


def fetching_from(archive: Archive) -> closing[Client]:
    """Whom files come from."""
    return _speaking(archive, web=archive.fetching == "wado")


def bringing_to(archive: Archive) -> closing[Client]:
    """Whom results go to."""
    return _speaking(archive, web=archive.returning == "stow")


def _speaking(archive: Archive, *, web: bool) -> closing[Client]:
    # Either language takes a while to import, and most processes never ask an archive.
    if web:
        from riskapp.exchange.archive.dicomweb import WebArchive

        return closing(WebArchive(archive))
    from riskapp.exchange.archive.dimse import DimseArchive

    return closing(DimseArchive(archive))
