"""Where a value that nobody typed comes from, in words."""

from django.utils.formats import date_format

from riskapp.models import Assessment, MeasurementVersion

BIRTH_DATE = "From the date of birth, today."
LAST_CHOICE = "As you chose last time; check that it fits this person."


def from_scan(version: MeasurementVersion) -> str:
    day = date_format(version.scan.uploaded_at, "j F Y")
    return f"From the scan received on {day}, version {version.number}."


def from_assessment(assessment: Assessment) -> str:
    return f"From the assessment of {date_format(assessment.created_at, 'j F Y')}."
