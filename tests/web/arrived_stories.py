"""Studies that other systems sent, in every state, and examinations that did not come."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from riskapp.actions import filing_arrivals
from riskapp.actions.arriving import arrive
from riskapp.actions.expecting import Order, expect
from riskapp.actions.finding import organisation_of
from riskapp.models import Arrival, Patient
from tests.actions.arrivals import of


def tell_of_arrivals(by: User, patient: Patient) -> None:
    """One that names the patient wrongly, one of a stranger, one still coming, two dealt with."""
    known = {"PatientID": patient.record_number, "PatientName": "Else^Somebody"}
    stranger = {
        "PatientID": "X-99", "PatientName": "Unknown^Ursula", "PatientBirthDate": "19480203",
        "PatientSex": "F", "AccessionNumber": "ACC-99", "StudyDate": "20260105",
    }  # fmt: skip
    for number, told in enumerate((known, stranger, stranger, known, {"PatientID": "X-98"})):
        uids = {"StudyInstanceUID": f"1.2.70.{number}", "SOPInstanceUID": f"1.2.71.{number}"}
        arrive(
            by=by,
            organisation=organisation_of(by),
            source="sender:ct-1",
            parts=[iter([of(**told, **uids)])],
        )
    settled = Arrival.objects.exclude(study_uid="1.2.70.4")
    settled.update(due_at=timezone.now())
    while filing_arrivals.file_next():
        pass
    ids = dict(settled.values_list("study_uid", "id"))
    filing_arrivals.discard(by=by, arrival_id=ids["1.2.70.2"], because="sent to the wrong place")
    filing_arrivals.assign(by=by, arrival_id=ids["1.2.70.3"], patient=patient)
    day = timezone.localdate() - timedelta(days=9)
    expect(by=by, patient=patient, order=Order("ACC-5", day, "DXA of the hip", "DX"))
