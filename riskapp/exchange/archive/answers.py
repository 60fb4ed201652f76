"""What archives are asked and what they answer, whichever language they speak."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from imaging.identity.whose import same_identifier
from riskapp.exchange.archive.limits import ARCHIVE_LIMITS

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

UID = re.compile(r"[0-9]+(?:\.[0-9]+)*")
WILD = frozenset("*?\\")  # PS3.4 C.2.2.2.4; the last one parts values
UID_LETTERS = 64  # PS3.5 section 9
# Modalities (PS3.3 C.7.3.1.1.1) that can hold bones or a report on them; marks, plans, waves and
# other series that go with images are left where they are. Blank is not known, and so fetched.
READABLE = frozenset({"BMD", "CR", "CT", "DOC", "DX", "MR", "OT", "RG", "SC", "SR", ""})
VOLUMES = frozenset({"CT", "MR"})  # whose series is one scan; of others every file is one


# What an archive tells of an object that it holds, and never changes.
COMPARED = (
    "SOPClassUID", "StudyInstanceUID", "SeriesInstanceUID", "InstanceNumber", "NumberOfFrames",
    "Rows", "Columns",
)  # fmt: skip


class ArchiveError(Exception):
    """Why an archive was no help, as a sentence without a patient's values."""


class Silent(ArchiveError):
    """It did not answer, broke off, or has to be mended first: worth another try."""


class Declined(ArchiveError):
    """It answered, and another try would bring the same."""


Told = Callable[[int], None]  # called with the number of files that have come


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which studies: of one patient, perhaps of some days or kinds only.

    Attributes
    ----------
    modalities : tuple of str
        Any of them; empty asks for all.
    offset, limit : int
        Which page of the answer.
    """

    record_number: str
    issuer: str = ""
    study_uid: str = ""
    first_day: date | None = None
    last_day: date | None = None
    modalities: tuple[str, ...] = ()
    offset: int = 0
    limit: int = ARCHIVE_LIMITS.studies_per_page

    def __post_init__(self) -> None:
        if WILD & set(self.record_number + self.issuer) or not self.record_number.strip():
            raise Declined(
                "An archive cannot be asked for this record number: it has a letter that stands "
                "for any other there."
            )

    @property
    def days(self) -> str:
        """As DICOM writes a range of days (PS3.4 C.2.2.2.5); blank for any."""
        if self.first_day is None and self.last_day is None:
            return ""
        first = f"{self.first_day:%Y%m%d}" if self.first_day else ""
        last = f"{self.last_day:%Y%m%d}" if self.last_day else ""
        return f"{first}-{last}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundStudy:
    """A study as the archive tells of it; blank, empty or None where it does not."""

    study_uid: str
    record_number: str = ""
    issuer: str = ""
    day: date | None = None
    modalities: tuple[str, ...] = ()
    description: str = ""
    images: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSeries:
    """A series as the archive tells of it."""

    series_uid: str
    modality: str = ""
    body_part: str = ""
    description: str = ""
    images: int | None = None

    @property
    def is_readable(self) -> bool:
        return self.modality in READABLE


@dataclass(frozen=True, slots=True)
class Found:
    """One page of studies, and whether there are more behind it."""

    studies: tuple[FoundStudy, ...]
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """What an archive says of one object that was brought to it.

    Attributes
    ----------
    refused : str
        Why it will not have it; blank where it took it, or has it already.
    """

    instance_uid: str
    refused: str = ""


def is_uid(text: str) -> bool:
    return len(text) <= UID_LETTERS and UID.fullmatch(text) is not None


def is_meant(study: FoundStudy, question: Question) -> bool:
    """Whether a study answers the question: archives may understand less than they are asked."""
    same_issuer = "" in (question.issuer, study.issuer) or same_identifier(
        question.issuer, study.issuer
    )
    of_kind = not (question.modalities and study.modalities) or bool(
        set(question.modalities) & set(study.modalities)
    )
    return (
        same_identifier(question.record_number, study.record_number)
        and same_issuer
        and of_kind
        and question.study_uid in ("", study.study_uid)
    )


def check_same(made: "Dataset", told: "Dataset") -> None:
    """Hold what an archive tells of an object against the object that was brought.

    Raises
    ------
    Declined
        If it is another one.
    """
    for name in COMPARED:
        if name in told and name in made and _text(told, name) not in ("", _text(made, name)):
            raise Declined("The archive holds another object under the same identifier.")


def study_from(told: "Dataset") -> FoundStudy | None:
    """Read an answer to a question for studies; None where it names none."""
    uid = _text(told, "StudyInstanceUID")
    if not is_uid(uid):
        return None
    modalities = told.get("ModalitiesInStudy") or told.get("Modality") or ()
    several = [modalities] if isinstance(modalities, str) else list(modalities)
    return FoundStudy(
        study_uid=uid,
        record_number=_text(told, "PatientID"),
        issuer=_text(told, "IssuerOfPatientID"),
        day=_day(_text(told, "StudyDate")),
        modalities=tuple(sorted({_printable(str(one))[:16] for one in several} - {""})),
        description=_text(told, "StudyDescription"),
        images=_count(told, "NumberOfStudyRelatedInstances"),
    )


def series_from(told: "Dataset") -> FoundSeries | None:
    """Read an answer to a question for series; None where it names none."""
    uid = _text(told, "SeriesInstanceUID")
    if not is_uid(uid):
        return None
    return FoundSeries(
        series_uid=uid,
        modality=_text(told, "Modality").upper()[:16],
        body_part=_text(told, "BodyPartExamined").upper()[:16],
        description=_text(told, "SeriesDescription"),
        images=_count(told, "NumberOfSeriesRelatedInstances"),
    )


def _text(told: "Dataset", name: str) -> str:
    value = told.get(name)
    return "" if value is None else _printable(str(value))[: ARCHIVE_LIMITS.text_letters]


def _printable(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable()).strip()


def _count(told: "Dataset", name: str) -> int | None:
    text = _text(told, name)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _day(text: str) -> date | None:
    digits = text.replace(".", "")
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None
