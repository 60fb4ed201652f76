"""How long what is kept, what each night found, and records that are held."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_http_methods

from riskapp.actions import erasing, holding, nightly
from riskapp.actions.errors import Refused
from riskapp.models import NightlyRun, RetentionRun
from riskapp.retention import KEPT_FOR_GOOD, OF_THE_SITE
from riskapp.web.presenters.keeping import periods
from riskapp.web.stepping_up import confirmed_lately
from riskapp.web.views.sending import only_sent_to

PER_PAGE, RUNS = 50, 28
NOT_REPEATED = "What was typed is not the record number above."


@require_GET
@login_required
def keeping(request: HttpRequest) -> HttpResponse:
    """Periods, what the last nights found, and what was let go."""
    context = {
        "section": "keeping",
        "periods": periods(),
        "for_good": KEPT_FOR_GOOD.items(),
        "of_the_site": OF_THE_SITE.items(),
        "last": nightly.latest(),
        "nights": NightlyRun.objects.exclude(ended_at=None)[:RUNS],
        "runs": RetentionRun.objects.all()[:RUNS],
        "told_after": nightly.MISSED // timedelta(days=1),
    }
    return TemplateResponse(request, "keeping/show.html", context)


@require_GET
@login_required
def holds(request: HttpRequest) -> HttpResponse:
    """Records that are held, and those that were."""
    page = Paginator(holding.holds(by=request.user), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "section": "keeping",
        "page": page,
        "earlier": f"?page={page.number - 1}",
        "later": f"?page={page.number + 1}",
    }
    return TemplateResponse(request, "keeping/holds.html", context)


@require_http_methods(["GET", "POST"])
@confirmed_lately
def new_hold(request: HttpRequest) -> HttpResponse:
    """Ask for number and reason, show whose record it is, and hold it once that is confirmed."""
    sent = {name: request.POST.get(name, "").strip() for name in ("record_number", "because")}
    told: dict[str, object] = {"section": "keeping", "sent": sent, "problems": {}}
    if request.method == "POST":
        try:
            told["patient"] = erasing.numbered_here(by=request.user, **_number(sent))
            if "repeat" in request.POST:
                if request.POST["repeat"].strip() != sent["record_number"]:
                    raise Refused({"repeat": NOT_REPEATED})
                holding.put(by=request.user, **sent)
                messages.success(request, "The record is held.")
                return redirect("holds")
        except Refused as refusal:
            told["problems"] = refusal.by_field
    status = 400 if told["problems"] else 200
    return TemplateResponse(request, "keeping/new_hold.html", told, status=status)


@require_GET
@login_required
def hold(request: HttpRequest, hold_id: int) -> HttpResponse:
    told = {"section": "keeping", "hold": holding.hold(by=request.user, id=hold_id), "problems": {}}
    return TemplateResponse(request, "keeping/hold.html", told)


@only_sent_to("hold")
@confirmed_lately
def lift_hold(request: HttpRequest, hold_id: int) -> HttpResponse:
    found = holding.hold(by=request.user, id=hold_id)
    try:
        if request.POST.get("repeat", "").strip() != found.patient.record_number:
            raise Refused({"repeat": NOT_REPEATED})
        holding.lift(by=request.user, id=hold_id, because=request.POST.get("because", ""))
    except Refused as refusal:
        told = {"section": "keeping", "hold": found, "problems": refusal.by_field}
        told["because"] = request.POST.get("because", "")
        return TemplateResponse(request, "keeping/hold.html", told, status=400)
    messages.success(request, "The hold is lifted.")
    return redirect("holds")


def _number(sent: dict[str, str]) -> dict[str, str]:
    return {"record_number": sent["record_number"]}
