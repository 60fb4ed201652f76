"""What a page was showing when something is saved from it: the patient as named then.

A browser keeps a form open for days and fills it in again when a page is reloaded, and a
hospital's message may change a record meanwhile. So every form about a patient sends back whom
it was showing, and where the record of its address is another or says otherwise now, nothing is
saved.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from riskapp.actions import finding
from riskapp.actions.errors import ActionError
from riskapp.models import Patient
from riskapp.web.views.people import banner

FIELD = "shown_patient"
# What the address of a form may name, in the order in which it is looked up.
NAMED = {
    "patient_id": lambda by, id: finding.patient(by=by, id=id),
    "assessment_id": lambda by, id: finding.assessment(by=by, id=id).patient,
    "scan_id": lambda by, id: finding.scan(by=by, id=id).patient,
}


def shown_patient(patient: Patient) -> str:
    """What stands for a patient as the banner names them; it holds nothing of them."""
    named = (patient.id, patient.name, patient.date_of_birth, patient.sex, patient.record_number)
    return hashlib.sha256("\n".join(map(str, named)).encode()).hexdigest()[:24]


class RefuseAnother:
    """Answers 409 and saves nothing where a form was made for another patient than it is sent to.

    A request without the field comes from no form of ours, as from a test or a script.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, named: Mapping[str, Any]
    ) -> HttpResponse | None:
        if request.method != "POST" or not NAMED.keys() & named.keys():
            return None
        if FIELD not in request.POST:
            return None
        patient = _patient_of(request, named)
        if patient is None or request.POST[FIELD] == shown_patient(patient):
            return None
        return render(request, "patient/another.html", banner(patient, ""), status=409)


def _patient_of(request: HttpRequest, named: Mapping[str, Any]) -> Patient | None:
    for name, find in NAMED.items():
        if name in named and request.user.is_authenticated:
            try:
                return find(request.user, named[name])
            except ActionError:
                return None  # the view says so
    return None
