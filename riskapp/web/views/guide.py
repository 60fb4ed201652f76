"""The laboratory's documentation, read where it is needed."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from riskapp.actions import laboratory_finding as finding
from riskapp.web.presenters.guide import guide

# Address, file and name of each page, in the order of its tabs.
PAGES = {
    "cohort-files": ("cohort-files.md", "Cohort files"),
    "judging": ("laboratory.md", "Judging engines"),
    "words": ("laboratory-words.md", "Words"),
}


@require_GET
@login_required
def show_guide(request: HttpRequest, name: str) -> HttpResponse:
    finding.cohorts(by=request.user)  # for those who may work here
    if name not in PAGES:
        raise Http404
    file, _ = PAGES[name]
    context = {
        "section": "laboratory",
        "guide": guide((settings.BASE_DIR / "docs" / file).read_text(encoding="utf-8")),
        "pages": [(each, title) for each, (_, title) in PAGES.items()],
        "here": name,
    }
    return TemplateResponse(request, "laboratory/guide.html", context)
