"""About the models: what answers, what it learned from, and where it must not be used."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from riskapp.actions.describing import models, populations


@require_GET
@login_required
def about_models(request: HttpRequest) -> HttpResponse:
    listed = models(by=request.user)
    context = {
        "section": "models",
        "models": listed,
        "has_learned": any(model.trained_on != "published" for model in listed),
        "populations": populations(),
    }
    return TemplateResponse(request, "models/about.html", context)
