"""Where a value that nobody typed comes from, in words."""

from datetime import date

from django.utils.formats import date_format

from riskapp.exchange.scan_choice import Source
from riskapp.models import Assessment, Fracture, ImportedRecord, Treatment
from riskapp.web.presenters.events import date_words

BIRTH_DATE = "From the date of birth, today."
LAST_CHOICE = "As you chose last time; check that it fits this person."


def from_source(source: Source) -> str:
    day = date_format(source.on, "j F Y")
    what = "received on" if source.is_arrival else "of"
    return f"From the scan {what} {day}, version {source.version}."


def from_assessment(assessment: Assessment) -> str:
    return f"From the assessment of {date_format(assessment.created_at, 'j F Y')}."


def from_event(event: Fracture | Treatment) -> str:
    recorded = date_format(event.recorded_at, "j F Y")
    if isinstance(event, Fracture):
        return f"From the fracture of {date_words(event.happened)}, recorded on {recorded}."
    return f"From the treatment since {date_words(event.started)}, recorded on {recorded}."


def from_import(record: ImportedRecord, field: str) -> str:
    """Which entry of which record, and how old it is."""
    told = next((one for one in record.chosen if one["field"] == field), {})
    what = told.get("words") or told.get("resource") or "an entry"
    told_on = told.get("effective") or ""
    on = f", {day_words(told_on)}" if told_on else ""
    system = record.source.partition(":")[2] or record.source
    return f"From {system}: {what}{on}."


def day_words(written: str) -> str:
    """An ISO day in words; what names only a month or a year as it is written."""
    try:
        return date_format(date.fromisoformat(written[:10]), "j F Y")
    except ValueError:
        return written
