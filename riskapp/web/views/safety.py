"""Who it is for and who not, what to do when it is down, incidents, and a form on paper."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from riskapp.actions.impressions import agreement
from riskapp.actions.permitting import Ability, may
from riskapp.web.answers import population_names
from riskapp.web.presenters.guide import guide
from riskapp.web.presenters.paper_form import paper_form

# Address, file and name of each page, in the order of its tabs.
PAGES = {
    "intended-use": ("intended-use.md", "Intended use"),
    "when-it-is-down": ("when-it-is-down.md", "When it is down"),
    "incidents": ("incidents.md", "Tell of an incident"),
    "install-and-change": ("install-and-change.md", "Install and change"),
}
FIRST = "intended-use"


@require_GET
@login_required
def show_safety(request: HttpRequest, name: str = FIRST) -> HttpResponse:
    """One page of the safety file, as the documentation has it."""
    if name not in PAGES:
        raise Http404
    file, _ = PAGES[name]
    counts = name == FIRST and may(request.user, Ability.READ_ASSESSMENTS)
    context = {
        "guide": guide((settings.BASE_DIR / "docs" / file).read_text(encoding="utf-8")),
        "pages": [(each, title) for each, (_, title) in PAGES.items()],
        "here": name,
        "agreement": agreement(by=request.user) if counts else None,
    }
    return TemplateResponse(request, "safety/show.html", context)


@require_GET
@login_required
def show_paper_form(request: HttpRequest) -> HttpResponse:
    """What the screen asks, to be filled in by hand while it is down."""
    context = {"groups": paper_form(), "populations": population_names()}
    return TemplateResponse(request, "safety/paper_form.html", context)
