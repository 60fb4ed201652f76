"""What is kept, for how long, and what goes with a record, in the words of people."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings

from riskapp.retention import PERIODS, in_words

OF_A_RECORD = {
    "riskapp.Scan": "scans",
    "riskapp.ScanPicture": "pictures of scans",
    "riskapp.MeasurementVersion": "measurements",
    "riskapp.Assessment": "estimates",
    "riskapp.Fracture": "fractures",
    "riskapp.Treatment": "treatments",
    "riskapp.Discussion": "decisions made together",
    "riskapp.SharedLink": "links to the patient’s page",
    "riskapp.ImportedRecord": "readings of the hospital’s record",
    "riskapp.Delivery": "things on their way to other systems",
}
THE_PERSON = "riskapp.Patient"


def periods() -> list[dict[str, Any]]:
    """The table with what this site has set."""
    return [
        {
            "row": one,
            "kept": in_words(settings.RETENTION[one.name].days),
            "is_own": settings.RETENTION[one.name] != timedelta(days=one.days),
        }
        for one in PERIODS
    ]


def parts_of(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """How much of what a record has, by its tables; what has no word of its own comes last."""
    told = [(words, counts[label]) for label, words in OF_A_RECORD.items() if counts.get(label)]
    rest = sum(
        count for label, count in counts.items() if label not in OF_A_RECORD | {THE_PERSON: ""}
    )
    return [*told, ("other rows that belong to these", rest)] if rest else told


def parts_of_certificate(certificate: Mapping[str, Any]) -> list[tuple[str, int]]:
    return parts_of({name: told["rows"] for name, told in certificate["erased"].items()})
