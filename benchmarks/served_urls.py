"""The product's addresses, and an empty page that only asks who is signed in."""

from importlib import import_module

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


@login_required
def empty(request: HttpRequest) -> HttpResponse:
    """All that a page costs before it has done anything."""
    return HttpResponse()


# The gate opens what its table has, and nothing else.
access = import_module("riskapp.access")
access.ACCESS["empty"] = access.SIGNED_IN

urlpatterns = [path("empty/", empty, name="empty"), path("", include("riskapp.urls"))]
