"""Every address the service answers, in one place."""

from django.urls import include, path

urlpatterns = [
    path("", include("riskapp.api.urls")),
    path("", include("riskapp.web.urls")),
]
