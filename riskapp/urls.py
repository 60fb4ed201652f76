"""Every address the service answers, in one place."""

from django.urls import include, path

from riskapp.api.reports import AssessmentReport
from riskapp.web.report import make_report

urlpatterns = [
    # The one JSON door that gives what pages are made of; neither knows of the other.
    path(
        "api/v1/assessments/<uuid:id>/report.pdf",
        AssessmentReport.as_view(make=make_report),
        name="api_assessment_report",
    ),
    path("", include("riskapp.api.urls")),
    path("", include("riskapp.web.urls")),
]
