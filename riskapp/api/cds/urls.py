"""The addresses that CDS Hooks prescribes, without a slash at the end."""

from django.urls import path

from riskapp.api.cds import report, services

urlpatterns = [
    path("cds-services", services.Discovery.as_view(), name="cds_services"),
    path("cds-services/<str:service>", services.Hook.as_view(), name="cds_service"),
    path("cds-services/<str:service>/feedback", services.Feedback.as_view(), name="cds_feedback"),
    path("api/v1/cds-feedback/", report.FeedbackReports.as_view(), name="api_cds_feedback"),
]
