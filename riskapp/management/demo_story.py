"""One demo person's story, step by step, as if each had happened on its own day."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db import models
from django.utils import timezone

from imaging.phantoms import ct_lumbar_dicoms, dxa_spine_dicom
from imaging.phantoms.dxa_report import HipReport, hip_report_pdf
from riskapp.actions import queueing
from riskapp.actions.assessing import assess
from riskapp.actions.confirming import confirm
from riskapp.actions.discussing import record_discussion
from riskapp.actions.importing_scan import import_scan
from riskapp.actions.looking import look_again
from riskapp.actions.measuring import measure_next
from riskapp.actions.recording_events import record_fracture, record_treatment
from riskapp.models import Patient

SEED = 20260101
THIN_MARROW_HU = 85.0  # below both published lines of low attenuation
SCANS: dict[str, Callable[[], list[bytes]]] = {
    "dxa_spine": lambda: [dxa_spine_dicom(SEED)],
    "ct": lambda: ct_lumbar_dicoms(SEED, marrow_hu=THIN_MARROW_HU),
}


@dataclass(frozen=True, slots=True)
class _Day:
    """Whose story, who writes it down, and how long ago the step was."""

    by: User
    patient: Patient
    days_ago: int

    @property
    def date(self) -> date:
        return timezone.localdate() - timedelta(days=self.days_ago)

    def backdate(self, made: models.Model, field: str) -> None:
        """Give what was made today the day that the story tells."""
        when = timezone.now() - timedelta(days=self.days_ago)
        type(made)._default_manager.filter(pk=made.pk).update(**{field: when})


def tell(*, by: User, patient: Patient, steps: list[Mapping[str, Any]]) -> None:
    """Make the record that the steps describe; each names one kind of event."""
    for step in steps:
        day = _Day(by, patient, step["days_ago"])
        for kind, happen in HAPPEN.items():
            if kind in step:
                happen(day, step[kind], step)
    # The days of the story were given after what they are the days of.
    look_again(patient.id)


def _hip_report(day: _Day, told: Mapping[str, float], _: Mapping[str, Any]) -> None:
    """A report is measured and confirmed at once: what follows in the story rests on it."""
    patient = day.patient
    page = hip_report_pdf(HipReport(patient.name, patient.date_of_birth, day.date, **told))
    scan = import_scan(by=day.by, patient=patient, files=[ContentFile(page)])
    while measure_next(queueing.this_process()):
        pass
    confirm(by=day.by, scan=scan, number=1)
    day.backdate(scan, "uploaded_at")


def _scan(day: _Day, kind: str, _: Mapping[str, Any]) -> None:
    """A scan waits for the worker, and then for somebody to confirm its regions."""
    files = [ContentFile(file) for file in SCANS[kind]()]
    day.backdate(import_scan(by=day.by, patient=day.patient, files=files), "uploaded_at")


def _answers(day: _Day, answers: Mapping[str, Any], _: Mapping[str, Any]) -> None:
    then = Patient.objects.get(pk=day.patient.pk)
    # As old as they were on that day, for an estimate that is made today.
    then.date_of_birth += timedelta(days=day.days_ago)
    scans = then.scans.filter(status="measured", uploaded_at__date__lte=day.date)
    day.backdate(
        assess(by=day.by, patient=then, answers=answers, considered=list(scans)), "created_at"
    )


def _fracture(day: _Day, told: Mapping[str, Any], _: Mapping[str, Any]) -> None:
    record_fracture(by=day.by, patient=day.patient, happened_on=day.date.isoformat(), **told)


def _treatment(day: _Day, told: Mapping[str, Any], _: Mapping[str, Any]) -> None:
    record_treatment(by=day.by, patient=day.patient, started_on=day.date.isoformat(), **told)


def _decided(day: _Day, decided: str, step: Mapping[str, Any]) -> None:
    days = step.get("review_in_days")
    review_on = None if days is None else timezone.localdate() + timedelta(days=days)
    discussion = record_discussion(
        by=day.by,
        assessment=day.patient.assessments.latest("created_at"),
        decided=decided,
        review_on=review_on,
    )
    day.backdate(discussion, "at")


HAPPEN: dict[str, Callable[[_Day, Any, Mapping[str, Any]], None]] = {
    "hip_report": _hip_report,
    "scan": _scan,
    "answers": _answers,
    "fracture": _fracture,
    "treatment": _treatment,
    "decided": _decided,
}
