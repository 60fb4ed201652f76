"""Links to the patient's page: a clinician makes and revokes them, a patient opens one."""

from uuid import UUID, uuid4

from csp.constants import NONE, SELF
from csp.decorators import csp
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from riskapp.actions import finding
from riskapp.actions.errors import NotFound, Refused
from riskapp.actions.sharing import (
    DAYS_LEAST,
    DAYS_MOST,
    DAYS_USUALLY,
    WRONG_DAYS,
    OpenedTooOften,
    Shared,
    links_of,
    open_shared,
    revoke,
    share,
)
from riskapp.exchange.languages import SOURCE
from riskapp.exchange.wording import SAFETY
from riskapp.models import Assessment
from riskapp.web.presenters.decide import decide_of
from riskapp.web.presenters.languages import reading
from riskapp.web.presenters.shares import link_lines, quick_response
from riskapp.web.views.people import banner
from riskapp.web.views.sending import save_as

# Style and the small mark come from here; there is no script, no form and nothing else.
POLICY = {
    "default-src": [NONE],
    "style-src": [SELF],
    "img-src": [SELF],
    "form-action": [NONE],
    "frame-ancestors": [NONE],
    "base-uri": [NONE],
}


@csrf_exempt  # nothing can be sent here, and a refusal in Django's own words would set a cookie
@csp(POLICY)
@require_safe
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """The patient's page for whoever holds the link; the session is not looked at.

    A link that leads nowhere is answered alike, whether it ran out, was revoked or never was. One
    in a language that is offered no more opens in English. ``privacy.KeepSharedPagesClosed`` adds
    what keeps the page from being kept and found.
    """
    try:
        link = open_shared(token)
    except NotFound:
        return _closed("shared/gone.html", 404)
    except OpenedTooOften:
        return _closed("shared/wait.html", 429, {"Retry-After": "3600"})
    language = reading(link.language, settings.DRAFT_LANGUAGES).language
    # English is that of the pages: another would write days in another order.
    with translation.override(language.locale):
        page = render_to_string(
            "shared/show.html",
            {
                "view": decide_of(link.assessment),
                "language": language,
                "is_in_another": language.code != link.language,
                "safety_words": SAFETY,
            },
        )
    return HttpResponse(page)


def _closed(template: str, status: int, headers: dict[str, str] | None = None) -> HttpResponse:
    return HttpResponse(render_to_string(template), status=status, headers=headers)


@require_http_methods(["GET", "POST"])
@login_required
def shares(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    """Every link to the page of one assessment; sending makes one, and shows it this once.

    The answer to sending is the page itself: a redirect would have to keep the token somewhere.
    """
    assessment = finding.assessment(by=request.user, id=assessment_id)
    if request.method == "GET":
        return _page(request, assessment)
    try:
        made = share(
            by=request.user,
            assessment=assessment,
            days=_days(request.POST.get("days", "")),
            language=request.POST.get("language", SOURCE),
            id=save_as(request),
        )
    except Refused as refused:
        return _page(request, assessment, problem=str(refused))
    return _page(request, assessment, made=made)


@require_POST
@login_required
def revoke_share(request: HttpRequest, assessment_id: UUID, link_id: UUID) -> HttpResponse:
    assessment = finding.assessment(by=request.user, id=assessment_id)
    revoke(by=request.user, assessment=assessment, id=link_id)
    messages.success(request, "The link is revoked: it leads nowhere now.")
    return redirect("shares", assessment.pk)


def _page(
    request: HttpRequest,
    assessment: Assessment,
    made: Shared | None = None,
    problem: str = "",
) -> HttpResponse:
    token = made.token if made else ""
    address = request.build_absolute_uri(reverse("shared", args=[token])) if token else ""
    context = banner(assessment.patient, "decide") | {
        "assessment": assessment,
        "view": decide_of(assessment),
        "made": made,
        "address": address,
        "code": quick_response(address) if address else None,
        "links": link_lines(links_of(by=request.user, assessment=assessment), timezone.now()),
        "reading": reading(request.POST.get("language", ""), settings.DRAFT_LANGUAGES),
        "days": {"least": DAYS_LEAST, "most": DAYS_MOST},
        "days_sent": request.POST.get("days", DAYS_USUALLY) if problem else DAYS_USUALLY,
        "problem": problem,
        "save_as": uuid4(),
    }
    status = 400 if problem else 200
    return TemplateResponse(request, "shared/links.html", context, status=status)


def _days(text: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) < 5):
        raise Refused({"days": WRONG_DAYS})
    return int(text)
