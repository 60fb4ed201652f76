"""Where a value that nobody typed comes from, in words."""

from django.utils.formats import date_format

from riskapp.exchange.scan_choice import Source
from riskapp.models import Assessment, Fracture, Treatment
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
