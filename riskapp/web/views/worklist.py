"""The worklist: who waits for what."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from riskapp.actions import finding
from riskapp.actions.errors import Refused
from riskapp.actions.remembering import preferences
from riskapp.actions.worklist import Order, first_waits, orders_for
from riskapp.actions.worklist import worklist as find
from riskapp.risk.guideline_data import listed
from riskapp.web.presenters.lists import link
from riskapp.web.presenters.worklist import ORDERS, row_view, tabs

PER_PAGE = 40


@require_GET
@login_required
def worklist(request: HttpRequest) -> HttpResponse:
    """One page of those who wait, filtered, searched and sorted by link."""
    asked = {name: request.GET.get(name, "").strip() for name in ("waits", "q", "order")}
    try:
        found = find(
            by=request.user,
            waits=asked["waits"],
            matching=asked["q"],
            order=asked["order"] or Order.LONGEST,
        )
    except Refused as refused:
        raise Http404 from refused
    page = Paginator(found.rows, PER_PAGE).get_page(request.GET.get("page"))
    waits, today = first_waits(page, by=request.user), timezone.localdate()
    guideline = preferences(by=request.user).guideline
    names = {one.code: one.name for one in listed()}
    context = {
        "section": "worklist",
        "rows": [row_view(row, waits.get(row.pk), guideline, today) for row in page],
        "page": page,
        "earlier": link(asked, page=str(page.number - 1)),
        "later": link(asked, page=str(page.number + 1)),
        "found": found,
        # Who they are and no more, for whoever searches them.
        "restricted": finding.patients(by=request.user, matching=asked["q"], closed=True)[:PER_PAGE]
        if asked["q"]
        else (),
        "tabs": tabs(found, asked),
        "orders": [(one.value, ORDERS[one]) for one in orders_for(request.user)],
        "order": asked["order"] or Order.LONGEST.value,
        "waits": asked["waits"],
        "sought": asked["q"],
        "guideline": names.get(guideline, ""),
        "nobody_at_all": not asked["q"] and not found.counts["everyone"],
    }
    return TemplateResponse(request, "worklist/show.html", context)
