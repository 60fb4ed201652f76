"""Which scope each JSON door needs. Who signed in, or holds an old key, needs none.

A door says it in one of two ways: by its name in ``REST``, or by an attribute of its own,

    scopes = {"GET": "Observation.rs", "POST": "{resource_type}.c"}

where a name in braces is filled in from the address. Several, with a blank between, are all needed;
``ANY`` lets every valid token in. A method that says nothing is refused to tokens.
"""

from collections.abc import Mapping
from typing import Any

from oauth2_provider.models import AccessToken
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from riskapp.actions.confining import confine
from riskapp.exchange.smart_scopes import Scope, scopes_in

Needs = Mapping[str, str]
ANY = ""
REST: Mapping[str, Needs] = {
    "api_scores": {"POST": "RiskAssessment.c"},
    "api_patients": {"GET": "Patient.s", "POST": "Patient.c"},
    "api_patient": {"GET": "Patient.r", "PATCH": "Patient.u"},
    "api_emergency_access": {"POST": "Patient.u"},
    "api_patient_archive": {"GET": "ImagingStudy.s"},
    "api_patient_archive_study": {"GET": "ImagingStudy.r"},
    "api_patient_archive_fetch": {"POST": "ImagingStudy.c"},
    "api_fetch": {"GET": "ImagingStudy.r"},
    "api_patient_changes": {"GET": "Observation.rs"},
    "api_fractures": {"GET": "Condition.rs", "POST": "Condition.c"},
    "api_fracture_strike_out": {"POST": "Condition.u"},
    "api_treatments": {"GET": "MedicationStatement.rs", "POST": "MedicationStatement.c"},
    "api_treatment_end": {"POST": "MedicationStatement.u"},
    "api_treatment_strike_out": {"POST": "MedicationStatement.u"},
    "api_worklist": {"GET": "Patient.rs RiskAssessment.rs"},
    "api_recall": {"GET": "Patient.rs RiskAssessment.rs"},
    "api_expected_scans": {"GET": "ServiceRequest.rs", "POST": "ServiceRequest.c"},
    "api_expected_scan": {"GET": "ServiceRequest.r"},
    "api_expected_scan_cancel": {"POST": "ServiceRequest.u"},
    "api_scans": {"GET": "ImagingStudy.s", "POST": "ImagingStudy.c"},
    "api_scan": {"GET": "ImagingStudy.r"},
    "api_scan_regions": {"POST": "ImagingStudy.u"},
    "api_scan_identity": {"POST": "ImagingStudy.u"},
    "api_scan_again": {"POST": "ImagingStudy.u"},
    "api_scan_confirmation": {"POST": "ImagingStudy.u"},
    "api_scan_picture": {"GET": "ImagingStudy.r"},
    "api_scan_files": {"GET": "ImagingStudy.r"},
    "api_scan_file": {"GET": "ImagingStudy.r"},
    "api_assessments": {"GET": "RiskAssessment.s", "POST": "RiskAssessment.c"},
    "api_assessment": {"GET": "RiskAssessment.r"},
    "api_assessment_explanation": {"GET": "RiskAssessment.r"},
    "api_assessment_reproduction": {"GET": "RiskAssessment.r"},
    "api_assessment_report": {"GET": "RiskAssessment.r Patient.r"},
    "api_discussions": {"GET": "Communication.rs", "POST": "Communication.c"},
    "api_discussion_strike_out": {"POST": "Communication.u"},
    # Whoever holds a link reads the patient's page: making one hands a document out.
    "api_assessment_shares": {
        "GET": "DocumentReference.rs",
        "POST": "DocumentReference.c",
        "DELETE": "DocumentReference.d",
    },
    "api_assessment_share": {"DELETE": "DocumentReference.d"},
    "api_precisions": {"GET": "DeviceMetric.rs", "POST": "DeviceMetric.c"},
    "api_webhooks": {"GET": "Subscription.s", "POST": "Subscription.c"},
    "api_webhook": {"GET": "Subscription.r", "DELETE": "Subscription.d"},
    "api_webhook_secret": {"POST": "Subscription.u"},
    "api_webhook_enable": {"POST": "Subscription.u"},
    "api_webhook_test": {"POST": "Subscription.u"},
    "api_cds_feedback": {"GET": "AuditEvent.rs"},
    "api_models": {"GET": ANY},
    "api_populations": {"GET": ANY},
    "api_trainings": {"GET": "ResearchStudy.rs"},
    "api_training": {"GET": "ResearchStudy.r"},
    "api_outcomes": {"POST": "ResearchStudy.u"},
}


class InsufficientScope(PermissionDenied):
    """RFC 6750, section 3.1: the token is valid and does not reach this far."""

    def __init__(self, needed: str) -> None:
        super().__init__(f"This token does not reach this far; it would need {needed}.")
        self.auth_header = f'Bearer realm="trabecula", error="insufficient_scope", scope="{needed}"'


class HasScope(BasePermission):
    """Refuse a token that lacks what the door needs; bind the request to the launched patient."""

    def has_permission(self, request: Request, view: Any) -> bool:
        token = request.auth
        if isinstance(token, AccessToken):
            _check(token, request, view)
        return True


def needs_of(view: Any, name: str | None) -> Needs | None:
    """What a door says that it needs, by method; None where it says nothing."""
    return getattr(view, "scopes", None) or REST.get(name or "")


def _check(token: AccessToken, request: Request, view: Any) -> None:
    method = "GET" if request.method == "HEAD" else str(request.method)
    if method == "OPTIONS" or not hasattr(view, method.lower()):
        return  # says what there is, or is answered 405
    resolved = request.resolver_match
    needs = needs_of(view, resolved.url_name if resolved else None)
    if needs is None or method not in needs:
        raise InsufficientScope("a sign-in")
    _hold(token, request, needs[method].format(**view.kwargs))


def require(request: Request, needs: str) -> None:
    """Ask for more than a door needs, where only what was sent tells that it is more."""
    if isinstance(request.auth, AccessToken):
        _hold(request.auth, request, needs)


def _hold(token: AccessToken, request: Request, needs: str) -> None:
    held = scopes_in(token.scope.split())
    launched = getattr(token, "launched", None)
    for needed in needs.split():
        resource, _, letters = needed.partition(".")
        fitting = [scope for scope in held if scope.allows(resource, letters)]
        if not fitting or (launched is None and _only_one_patient(fitting)):
            raise InsufficientScope(f"{_level(held)}/{needed}")
        if _only_one_patient(fitting):
            confine(request.user, launched.patient_id)


def _only_one_patient(scopes: list[Scope]) -> bool:
    return all(scope.level == "patient" for scope in scopes)


def _level(held: tuple[Scope, ...]) -> str:
    """The level to ask for next time: the one that this token has."""
    return held[0].level if held else "user"
