"""What a hospital corrects of a patient: name, day of birth, sex. The record number stays."""

from datetime import date

from django.contrib.auth.models import User
from django.db import transaction

from riskapp.actions import auditing
from riskapp.actions.errors import Refused
from riskapp.actions.finding import patient as find_patient
from riskapp.actions.looking import look_again
from riskapp.actions.permitting import Ability, needs
from riskapp.actions.registering import problems_of
from riskapp.models import Patient
from riskapp.models.search_word import write_words


@needs(Ability.REGISTER_PATIENTS)
@transaction.atomic
def change_patient(
    *,
    by: User,
    patient: Patient,
    name: str | None = None,
    date_of_birth: date | None = None,
    sex: str | None = None,
) -> Patient:
    """Correct what is given; None leaves it as it is. Stored assessments stay as they were.

    Raises
    ------
    NotFound
        If the patient is another organisation's.
    Refused
        With a sentence for each argument that cannot be used.
    """
    find_patient(by=by, id=patient.id)
    told = {"name": name and name.strip(), "date_of_birth": date_of_birth, "sex": sex}
    given = {field: value for field, value in told.items() if value is not None}
    if problems := problems_of(by=by, given=given):
        raise Refused(problems)
    changed = {field: value for field, value in given.items() if getattr(patient, field) != value}
    if changed:
        for field, value in changed.items():
            setattr(patient, field, value)
        patient.save(update_fields=list(changed))
        if changed.keys() & {"name", "date_of_birth"}:
            write_words(patient)
        auditing.record(
            by=by,
            action="patient.change",
            target=patient.id,
            patient=patient.id,
        )
        look_again(patient.id)
    return patient
