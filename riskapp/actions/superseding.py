"""What of one message about a patient still stands beside those that came after and before it.

A result is sent again when it is corrected or withdrawn, and old ones may come late.
"""

from collections.abc import Mapping, Sequence

from riskapp.actions.recorded_answers import GROUPS
from riskapp.exchange.scan_fields import SLOTS
from riskapp.models import ImportedRecord

# Answers that stand or fall together: where somebody answers one, the rest is not from elsewhere.
# A measurement of density is told in one way, and an index in place of what it is made of.
TOGETHER: tuple[tuple[str, ...], ...] = (
    *((*SLOTS[slot].fields,) for slot in SLOTS),
    *((lead, *details) for lead, details in GROUPS.items()),
    ("glucocorticoids", "glucocorticoid_dose_mg_daily", "glucocorticoid_duration_months"),
)
SIZE = ("weight_kg", "height_cm")
# What is measured on a day; of what once happened, the day tells nothing of which word is newer.
# An index is made of both sizes.
MEASURED = (
    *(SLOTS[slot].fields for slot in SLOTS),
    *((one, "body_mass_index") for one in SIZE),
    ("dxa_date",),
)
Found = Mapping[str, tuple[object, ImportedRecord]]


def newest(
    record: ImportedRecord, later: Sequence[ImportedRecord], found: Found
) -> dict[str, object]:
    """The answers of a record, without those told anew, and those older than what was found.

    Parameters
    ----------
    later : sequence of ImportedRecord
        What was received after it; of the same system, each entry named there again replaces what
        it said here, whether it was used there or not.
    found : mapping of field to (value, record)
        What was received before it.
    """
    again = {
        entry["resource"]
        for one in later
        if one.source == record.source
        for entry in (*one.chosen, *one.passed_over)
    }
    replaced = {entry["field"] for entry in record.chosen if entry["resource"] in again}
    return {
        field: value
        for field, value in record.answers.items()
        if field not in replaced and not _is_older(record, field, found)
    }


def _is_older(record: ImportedRecord, field: str, found: Found) -> bool:
    """Whether this was measured before what is known already of it, or of what goes with it."""
    day = _effective(record, field)
    return any(
        _is_before(day, _effective(found[other][1], other))
        for group in MEASURED
        if field in group
        for other in group
        if other in found
    )


def _effective(record: ImportedRecord, field: str) -> str:
    return next((str(one["effective"]) for one in record.chosen if one["field"] == field), "")


def _is_before(one: str, other: str) -> bool:
    """Whether a day comes before another, as closely as both are told (ISO 8601)."""
    told = min(len(one), len(other))
    return one[:told] < other[:told]
