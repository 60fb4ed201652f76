"""The addresses of other programs, and of the machine that watches this one."""

from django.urls import path, re_path

from riskapp.api import (
    archive,
    assessments,
    catalogue,
    dicomweb,
    documents,
    emergency,
    events,
    expected_scans,
    health,
    laboratory,
    lists,
    oauth,
    patients,
    precisions,
    problem_pages,
    scan_files,
    scans,
    scores,
    shares,
    webhooks,
)
from riskapp.api.cds import urls as hooks
from riskapp.api.fhir import urls as fhir

urlpatterns = [
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("metrics", health.metrics, name="metrics"),
    path("oauth/token", oauth.token, name="oauth_token"),
    path("oauth/revoke", oauth.revoke, name="oauth_revoke"),
    path("oauth/introspect", oauth.introspect, name="oauth_introspect"),
    path("oauth/jwks.json", oauth.keys, name="oauth_keys"),
    path("oauth/.well-known/openid-configuration", oauth.openid_configuration, name="openid"),
    path("fhir/.well-known/smart-configuration", oauth.smart_configuration, name="smart"),
    path(".well-known/smart-configuration", oauth.smart_configuration, name="smart_of_site"),
    path("api/schema/", documents.Schema.as_view(), name="api_schema"),
    path("api/docs/", documents.docs, name="api_docs"),
    path("api/problems/", problem_pages.every_type, name="api_problems"),
    path("api/problems/<slug:code>/", problem_pages.one_type, name="api_problem"),
    path("api/v1/scores/", scores.Scores.as_view(), name="api_scores"),
    path("api/v1/patients/", patients.Patients.as_view(), name="api_patients"),
    path(
        "api/v1/patients/<uuid:id>/emergency-access/",
        emergency.OpenForReason.as_view(),
        name="api_emergency_access",
    ),
    path("api/v1/patients/<uuid:id>/", patients.OnePatient.as_view(), name="api_patient"),
    path(
        "api/v1/patients/<uuid:id>/changes/",
        patients.PatientChanges.as_view(),
        name="api_patient_changes",
    ),
    path(
        "api/v1/patients/<uuid:id>/archive/",
        archive.PatientArchive.as_view(),
        name="api_patient_archive",
    ),
    path(
        "api/v1/patients/<uuid:id>/archive/fetch/",
        archive.PatientArchiveFetch.as_view(),
        name="api_patient_archive_fetch",
    ),
    path(
        "api/v1/patients/<uuid:id>/archive/studies/<str:study_uid>/",
        archive.PatientArchiveStudy.as_view(),
        name="api_patient_archive_study",
    ),
    path("api/v1/fetches/<uuid:id>/", archive.OneFetch.as_view(), name="api_fetch"),
    path("api/v1/patients/<uuid:id>/fractures/", events.Fractures.as_view(), name="api_fractures"),
    path(
        "api/v1/patients/<uuid:id>/fractures/<uuid:fracture_id>/strike-out/",
        events.FractureStrikeOut.as_view(),
        name="api_fracture_strike_out",
    ),
    path(
        "api/v1/patients/<uuid:id>/treatments/",
        events.Treatments.as_view(),
        name="api_treatments",
    ),
    path(
        "api/v1/patients/<uuid:id>/treatments/<uuid:treatment_id>/end/",
        events.TreatmentEnd.as_view(),
        name="api_treatment_end",
    ),
    path(
        "api/v1/patients/<uuid:id>/treatments/<uuid:treatment_id>/strike-out/",
        events.TreatmentStrikeOut.as_view(),
        name="api_treatment_strike_out",
    ),
    path("api/v1/worklist/", lists.WorklistEntries.as_view(), name="api_worklist"),
    path("api/v1/recall/", lists.RecallEntries.as_view(), name="api_recall"),
    path("api/v1/precisions/", precisions.Precisions.as_view(), name="api_precisions"),
    path("api/v1/scans/", scans.Scans.as_view(), name="api_scans"),
    path("api/v1/scans/<uuid:id>/", scans.OneScan.as_view(), name="api_scan"),
    path("api/v1/scans/<uuid:id>/regions/", scans.ScanRegions.as_view(), name="api_scan_regions"),
    path(
        "api/v1/scans/<uuid:id>/identity/",
        scans.ScanIdentityConfirmation.as_view(),
        name="api_scan_identity",
    ),
    path("api/v1/scans/<uuid:id>/again/", scans.ScanMeasuredAgain.as_view(), name="api_scan_again"),
    path(
        "api/v1/scans/<uuid:id>/versions/<int:number>/confirmation/",
        scans.ScanConfirmation.as_view(),
        name="api_scan_confirmation",
    ),
    path(
        "api/v1/scans/<uuid:id>/pictures/<str:name>",
        scans.ScanPictureFile.as_view(),
        name="api_scan_picture",
    ),
    path("api/v1/scans/<uuid:id>/files/", scan_files.ScanFiles.as_view(), name="api_scan_files"),
    path(
        "api/v1/scans/<uuid:id>/files/<str:name>",
        scan_files.ScanFile.as_view(),
        name="api_scan_file",
    ),
    path(
        "api/v1/expected-scans/", expected_scans.ExpectedScans.as_view(), name="api_expected_scans"
    ),
    path(
        "api/v1/expected-scans/<uuid:id>/",
        expected_scans.OneExpectedScan.as_view(),
        name="api_expected_scan",
    ),
    path(
        "api/v1/expected-scans/<uuid:id>/cancel/",
        expected_scans.ExpectedScanCancel.as_view(),
        name="api_expected_scan_cancel",
    ),
    path("api/v1/assessments/", assessments.Assessments.as_view(), name="api_assessments"),
    path(
        "api/v1/assessments/<uuid:id>/", assessments.OneAssessment.as_view(), name="api_assessment"
    ),
    path(
        "api/v1/assessments/<uuid:id>/explanation/",
        assessments.Explanation.as_view(),
        name="api_assessment_explanation",
    ),
    path(
        "api/v1/assessments/<uuid:id>/reproduction/",
        assessments.ReproducedAssessment.as_view(),
        name="api_assessment_reproduction",
    ),
    path(
        "api/v1/assessments/<uuid:id>/discussions/",
        events.Discussions.as_view(),
        name="api_discussions",
    ),
    path(
        "api/v1/assessments/<uuid:id>/discussions/<uuid:discussion_id>/strike-out/",
        events.DiscussionStrikeOut.as_view(),
        name="api_discussion_strike_out",
    ),
    path(
        "api/v1/assessments/<uuid:id>/shares/",
        shares.Shares.as_view(),
        name="api_assessment_shares",
    ),
    path(
        "api/v1/assessments/<uuid:id>/shares/<uuid:link_id>/",
        shares.OneShare.as_view(),
        name="api_assessment_share",
    ),
    path("api/v1/webhooks/", webhooks.Webhooks.as_view(), name="api_webhooks"),
    path("api/v1/webhooks/<uuid:id>/", webhooks.OneWebhook.as_view(), name="api_webhook"),
    path(
        "api/v1/webhooks/<uuid:id>/secret/",
        webhooks.WebhookSecret.as_view(),
        name="api_webhook_secret",
    ),
    path(
        "api/v1/webhooks/<uuid:id>/enable/",
        webhooks.WebhookEnabled.as_view(),
        name="api_webhook_enable",
    ),
    path(
        "api/v1/webhooks/<uuid:id>/test/", webhooks.WebhookTest.as_view(), name="api_webhook_test"
    ),
    path("api/v1/models/", catalogue.Models.as_view(), name="api_models"),
    path("api/v1/trainings/", laboratory.TrainingRuns.as_view(), name="api_trainings"),
    path("api/v1/trainings/<uuid:id>/", laboratory.OneTrainingRun.as_view(), name="api_training"),
    path("api/v1/outcomes/", laboratory.Outcomes.as_view(), name="api_outcomes"),
    path("api/v1/populations/", catalogue.Populations.as_view(), name="api_populations"),
    *fhir.urlpatterns,
    path("dicomweb/studies", dicomweb.Studies.as_view(), name="stow"),
    path("dicomweb/studies/<str:study_uid>", dicomweb.OneStudy.as_view(), name="stow_study"),
    *hooks.urlpatterns,
    re_path(r"^api/", documents.Nothing.as_view(), name="api_nothing"),
]
