"""What a page was showing when something is saved from it: the patient as named then.

A browser keeps a form open for days and fills it in again when a page is reloaded, and a
hospital's message may change a record meanwhile. So every form about a patient sends back whom
it was showing, and where the record of its address is another or says otherwise now, nothing is
saved. Nor is it while the hospital's record, from which this browser was opened, has another
patient open, until that one is opened here or the person says that they have finished there.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from riskapp.actions import finding
from riskapp.actions.errors import ActionError
from riskapp.models import Patient
from riskapp.web.launched import PATIENT_OF_RECORD
from riskapp.web.views.people import banner

FIELD = "shown_patient"
# Addresses that compute what is typed and save nothing.
ONLY_COMPUTE = frozenset(
    {"answer", "other_engines", "another", "another_then", "what_if", "what_if_record"}
)
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

    A request without the field comes from no form of ours, as from a test or a script; a patient
    who is open in the hospital's record counts for it as well.
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
        open_there = request.session.get(PATIENT_OF_RECORD, "")
        if FIELD not in request.POST and not open_there:
            return None
        patient = _patient_of(request, named)
        if patient is None:
            return None
        if FIELD in request.POST and request.POST[FIELD] != shown_patient(patient):
            return render(request, "patient/another.html", banner(patient, ""), status=409)
        if open_there not in ("", str(patient.pk)) and not _only_computes(request):
            return render(request, "patient/another_there.html", banner(patient, ""), status=409)
        return None


def _only_computes(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and match.url_name in ONLY_COMPUTE and "save" not in request.POST


def _patient_of(request: HttpRequest, named: Mapping[str, Any]) -> Patient | None:
    for name, find in NAMED.items():
        if name in named and request.user.is_authenticated:
            try:
                return find(request.user, named[name])
            except ActionError:
                return None  # the view says so
    return None
