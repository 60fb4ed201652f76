"""A result as the bytes of a DICOM file, with the identity of its images."""

from collections.abc import Iterator
from datetime import datetime
from io import BytesIO

from pydicom.dataset import Dataset

from riskapp.exchange.dicom_origin import Origin, uid_for
from riskapp.exchange.editions import Edition

DESCRIPTION_LETTERS = 64  # of a long string, PS3.5 section 6.2


def as_file(made: Dataset, origin: Origin, edition: Edition) -> bytes:
    """Say which edition it is and whose, last of all, and write it.

    The library that made it says now and makes up identifiers; the same edition has to be the
    same bytes whenever it is written, because it has the same UID.
    """
    for dataset in _all(made):
        _settle(dataset, edition.made_at, made.SOPInstanceUID)
    made.InstanceNumber = edition.number
    told = f"{made.SeriesDescription}, {edition.in_words}"
    made.SeriesDescription = told[:DESCRIPTION_LETTERS]
    origin.sign(made)
    sink = BytesIO()
    made.save_as(sink, enforce_file_format=True)
    return sink.getvalue()


def _all(dataset: Dataset) -> Iterator[Dataset]:
    """The dataset and every item in its sequences."""
    yield dataset
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value or ():
                yield from _all(item)


def _settle(dataset: Dataset, made_at: datetime, uid: str) -> None:
    day, time = f"{made_at:%Y%m%d}", f"{made_at:%H%M%S}"
    for name, value in (
        ("ContentDate", day),
        ("ContentTime", time),
        ("InstanceCreationDate", day),
        ("InstanceCreationTime", time),
        ("ContributionDateTime", day + time),
        ("DimensionOrganizationUID", uid_for(uid, "dimensions")),
    ):
        if name in dataset:
            setattr(dataset, name, value)
