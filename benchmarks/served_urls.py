"""The product's addresses, and an empty page that only asks who is signed in."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


@login_required
def empty(request: HttpRequest) -> HttpResponse:
    """All that a page costs before it has done anything."""
    return HttpResponse()


urlpatterns = [path("empty/", empty), path("", include("riskapp.urls"))]
