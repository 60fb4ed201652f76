"""Whoever meets a restricted record is asked why they need it, and goes on where they were."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from riskapp.actions.errors import RecordRestricted
from riskapp.actions.restricting import Reason, restricted_patient
from riskapp.web import kept_forms


class AskForAReason:
    """Turn the refusal of any page into the question; programs are told as ``api`` tells them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, RecordRestricted):
            return None
        then = request.get_full_path() if request.method == "GET" else ""
        if kept_forms.can_be_kept(request):
            kept_forms.keep(request, str(request.user.pk))
            then = reverse("kept_form")
        page = question(request, error.patient_id, then)
        return page.render()


def question(
    request: HttpRequest, patient_id: object, then: str, problems: dict[str, str] | None = None
) -> TemplateResponse:
    """The page that asks; it says who the patient is and nothing else."""
    told = {
        "patient": restricted_patient(by=request.user, id=str(patient_id)),
        "reasons": Reason.choices,
        "next": then,
        "sent": request.POST,
        "problems": problems or {},
    }
    status = 400 if problems else 403
    return TemplateResponse(request, "patient/restricted.html", told, status=status)
