"""What an archive tells of a patient, and how far it is fetched, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from riskapp.actions.archives import KnownStudy
from riskapp.exchange.archive.answers import FoundSeries
from riskapp.models import Fetch, Scan

# Modality codes (PS3.3 C.7.3.1.1.1) as a clinician says them.
MODALITIES = {
    "BMD": "Bone densitometry", "CR": "X-ray (CR)", "CT": "CT", "DOC": "Document",
    "DX": "X-ray (DX)", "MR": "MRI", "OT": "Other image", "RG": "X-ray (film)",
    "SC": "Screen capture", "SR": "Structured report", "KO": "Selection of images",
    "MG": "Mammography", "NM": "Nuclear medicine", "PR": "Marks on images", "PT": "PET",
    "SEG": "Segmentation", "US": "Ultrasound", "XA": "Angiography",
}  # fmt: skip
BODY_PARTS = {
    "SPINE": "Spine", "LSPINE": "Lumbar spine", "TSPINE": "Thoracic spine", "HIP": "Hip",
    "FEMUR": "Femur", "PELVIS": "Pelvis", "ABDOMEN": "Abdomen", "CHEST": "Chest",
    "FOREARM": "Forearm", "WRIST": "Wrist",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class StudyRow:
    """One study that was found."""

    study_uid: str
    day: date | None
    what: str
    description: str
    images: int | None
    scans: tuple[Scan, ...]
    fetch: "FetchRow | None"


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """One series of a study."""

    series_uid: str
    what: str
    description: str
    images: int | None
    is_readable: bool


@dataclass(frozen=True, slots=True)
class FetchRow:
    """One study that was asked for.

    Attributes
    ----------
    state : str
        ``waiting``, ``fetching``, ``done`` or ``failed``.
    again_at : datetime or None
        When it is tried again, where a try was of no use.
    """

    id: str
    archive: str
    study_uid: str
    day: date | None
    what: str
    description: str
    asked_by: str
    asked_at: datetime
    state: str
    done: int
    expected: int | None
    problem: str
    again_at: datetime | None
    scans: tuple[Scan, ...]


def study_rows(studies: Iterable[KnownStudy]) -> list[StudyRow]:
    return [
        StudyRow(
            study_uid=one.study.study_uid,
            day=one.study.day,
            what=in_words(one.study.modalities),
            description=one.study.description,
            images=one.study.images,
            scans=one.scans,
            fetch=fetch_row(one.fetch) if one.fetch else None,
        )
        for one in studies
    ]


def series_rows(series: Iterable[FoundSeries]) -> list[SeriesRow]:
    return [
        SeriesRow(
            series_uid=one.series_uid,
            what=", ".join(
                part for part in (in_words([one.modality]), _part_in_words(one.body_part)) if part
            ),
            description=one.description,
            images=one.images,
            is_readable=one.is_readable,
        )
        for one in series
    ]


def fetch_row(fetch: Fetch) -> FetchRow:
    day = fetch.told.get("day") or ""
    waits = fetch.state == "waiting" and fetch.failures > 0
    return FetchRow(
        id=str(fetch.id),
        archive=fetch.archive,
        study_uid=fetch.study_uid,
        day=date.fromisoformat(day) if day else None,
        what=in_words(fetch.told.get("modalities") or ()),
        description=fetch.told.get("description") or "",
        asked_by="" if fetch.by_itself else fetch.asked_by.get_username(),
        asked_at=fetch.asked_at,
        state=fetch.state,
        done=fetch.images_done,
        expected=fetch.images_expected,
        problem=fetch.reason or (fetch.problem if waits else ""),
        again_at=fetch.run_after if waits else None,
        scans=tuple(fetch.scans.all()),
    )


def in_words(modalities: Iterable[str]) -> str:
    return ", ".join(MODALITIES.get(one, one) for one in modalities if one)


def _part_in_words(body_part: str) -> str:
    return BODY_PARTS.get(body_part, body_part.title())
