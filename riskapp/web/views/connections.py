"""The site's peers, and what is on its way to them."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_POST

from riskapp.actions import connecting
from riskapp.actions.delivering import deliveries, send_again
from riskapp.actions.errors import Refused
from riskapp.actions.finding import organisation_of
from riskapp.exchange.connection import UnusableConnection
from riskapp.models import Delivery
from riskapp.web.presenters.connections import peers, sendings

PER_PAGE, LATEST = 50, 20


@require_GET
@login_required
def connections(request: HttpRequest) -> HttpResponse:
    """Who is connected, what waits, what was given up, and the latest that arrived."""
    status = Delivery.Status
    found = deliveries(by=request.user)
    try:
        there, problem = connecting.connections(), ""
    except UnusableConnection as reason:
        there, problem = None, str(reason)
    waiting = found.filter(status__in=(status.QUEUED, status.RUNNING)).order_by("asked_at")
    page = Paginator(waiting, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "section": "connections",
        "problem": problem,
        "peers": peers(there, organisation_of(request.user).name) if there else [],
        "waiting": sendings(page),
        "page": page,
        "earlier": f"?page={page.number - 1}",
        "later": f"?page={page.number + 1}",
        "given_up": sendings(found.filter(status=status.DEAD)[:PER_PAGE]),
        "confirmed": sendings(found.filter(status=status.DONE).order_by("-confirmed_at")[:LATEST]),
    }
    return TemplateResponse(request, "connections/show.html", context)


@require_POST
@login_required
def deliver_again(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Send what was given up once more."""
    try:
        send_again(by=request.user, id=delivery_id)
        messages.success(request, "It is on its way again.")
    except Refused as refused:
        messages.warning(request, str(refused))
    return redirect("connections")
