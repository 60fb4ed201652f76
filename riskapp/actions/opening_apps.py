"""An app of somebody else's, opened from a patient's page (SMART App Launch 2.2, EHR launch).

The app is given a sealed word (``launch``) that it brings along when it asks for authorization;
only the user and the app that it was made for can use it, for a few minutes.
"""

import time
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import QuerySet

from riskapp.actions import auditing, finding
from riskapp.actions.errors import NotFound
from riskapp.actions.sealing import sealed, unsealed
from riskapp.models import ApiClient, Patient

# As long as an app may take to come back, somebody signing in on the way included.
LAUNCH_SECONDS = 300
NOT_GIVEN = "launch is not one that was given here just now."


def apps_of(*, by: User) -> QuerySet[ApiClient]:
    """Standing apps of the user's organisation that can be opened from here."""
    home = finding.organisation_of(by)
    return ApiClient.objects.filter(organisation=home, revoked_at=None).exclude(launch_url="")


def address_to_open(*, by: User, app_id: UUID | str, patient_id: UUID | str, iss: str) -> str:
    """Where the browser goes, with our FHIR base (``iss``) and what is launched.

    Raises
    ------
    NotFound
        If the app or the patient is not one of the user's organisation.
    """
    app = finding.one_of(apps_of(by=by), app_id, "There is no such app.")
    patient = finding.patient(by=by, id=patient_id)
    told = {
        "by": str(by.pk),
        "app": str(app.pk),
        "patient": str(patient.pk),
        "until": str(int(time.time()) + LAUNCH_SECONDS),
    }
    auditing.record(by=by, action="app.open", target=patient.pk, patient=patient.id)
    joint = "&" if urlsplit(app.launch_url).query else "?"
    return f"{app.launch_url}{joint}{urlencode({'iss': iss, 'launch': sealed(told)})}"


def launched(*, by: User, app: ApiClient, launch: str) -> Patient:
    """Whom a word is about that this app brings back while this user is signed in.

    Raises
    ------
    NotFound
        If it was made for somebody else, for another app, or too long ago.
    """
    told = unsealed(launch)
    fits = told.get("by") == str(by.pk) and told.get("app") == str(app.pk)
    if not fits or int(told.get("until", "0")) < time.time():
        raise NotFound(NOT_GIVEN)
    return finding.patient(by=by, id=told.get("patient", ""))
