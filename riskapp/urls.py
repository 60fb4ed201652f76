"""Every address the service answers, in one place."""

from django.urls import include, path

from riskapp.api.fhir.assess import Assess
from riskapp.api.fhir.files import BinaryFile
from riskapp.api.reports import AssessmentReport
from riskapp.web.report import lay_out, make_report

handler500 = "riskapp.web.troubles.failed"
urlpatterns = [
    # Doors that give what pages are made of; neither knows of the other.
    path(
        "api/v1/assessments/<uuid:id>/report.pdf",
        AssessmentReport.as_view(make=make_report),
        name="api_assessment_report",
    ),
    path("fhir/RiskAssessment/$assess", Assess.as_view(lay_out=lay_out), name="fhir_assess"),
    path("fhir/Binary/<str:id>", BinaryFile.as_view(make=make_report), name="fhir_binary"),
    path("", include("riskapp.api.urls")),
    path("", include("riskapp.web.urls")),
]
