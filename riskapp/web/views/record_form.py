"""What views of the record read off a request: answers to start from, and the reader's choices."""

from dataclasses import replace

from django.http import HttpRequest

from riskapp.actions import finding
from riskapp.actions.errors import NotFound
from riskapp.actions.remembering import Preferences, preferences, remember
from riskapp.models import Patient
from riskapp.web import answers as form


def filled_for(request: HttpRequest, patient: Patient) -> form.Prefilled:
    """What the form starts from; ``?from=`` names an assessment whose answers are taken over."""
    named = request.GET.get("from", "")
    earlier = finding.assessment(by=request.user, id=named) if named else None
    if earlier is not None and earlier.patient_id != patient.pk:
        raise NotFound("There is no such assessment of this patient.")
    reader = preferences(by=request.user)
    wishes = form.applied_wishes(request.POST)
    return replace(form.prefilled(patient, reader.population, earlier, wishes), reader=reader)


def reader_of(request: HttpRequest, filled: form.Prefilled) -> Preferences:
    """The reader's own guideline, evidence set and units, remembered once they are sent."""
    before = filled.reader or preferences(by=request.user)
    reader = form.chosen(request.POST, before, filled)
    sent = {
        name: code
        for name, code in (("guideline", reader.guideline), ("evidence_set", reader.evidence_set))
        if name in request.POST
    }
    if request.method == "POST":
        remember(by=request.user, units=reader.units, before=before, **sent)
    return reader
