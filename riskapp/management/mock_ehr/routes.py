"""Addresses of the made-up hospital."""

from django.urls import path

from riskapp.management.mock_ehr import authorization_door, export_door, fhir_door, page_door

urlpatterns = [
    path("", page_door.people),
    path("<slug:name>.css", page_door.style_sheet),
    path("patients/<str:id>/", page_door.chart),
    path("patients/<str:id>/trabecula/", page_door.app),
    path("patients/<str:id>/order/", page_door.order),
    path("cards/<str:card>/", page_door.tell),
    path("auth/authorize", authorization_door.authorize),
    path("auth/token", authorization_door.token),
    path("auth/jwks.json", authorization_door.keys),
    path("smart-style.json", authorization_door.style),
    path("fhir/.well-known/smart-configuration", fhir_door.smart_configuration),
    path("fhir/metadata", fhir_door.metadata),
    path("fhir", fhir_door.base),
    path("fhir/", fhir_door.base),
    path("fhir/Patient/<str:id>/$everything", fhir_door.everything),
    path("fhir/$export", export_door.start),
    path("fhir/Patient/$export", export_door.start, {"level": "Patient"}),
    path("fhir/$export-status/<str:id>", export_door.status),
    path("fhir/$export-file/<str:id>/<str:kind>.ndjson", export_door.file),
    path("fhir/<str:kind>", fhir_door.of_kind),
    path("fhir/<str:kind>/<str:id>", fhir_door.one),
]
