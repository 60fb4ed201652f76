"""Addresses of the pages."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from riskapp.web.views import (
    assessments,
    changes,
    guide,
    laboratory,
    models,
    people,
    registry,
    scan_files,
    scans,
)

urlpatterns = [
    path(
        "sign-in/",
        LoginView.as_view(template_name="account/sign_in.html", redirect_authenticated_user=True),
        name="sign_in",
    ),
    path("sign-out/", LogoutView.as_view(), name="sign_out"),
    path("", people.worklist, name="worklist"),
    path("patients/new/", people.new_patient, name="patient_new"),
    path("patients/<uuid:patient_id>/", people.show_patient, name="patient"),
    path("patients/<uuid:patient_id>/changes/", changes.show_changes, name="changes"),
    path("patients/<uuid:patient_id>/scans/", people.upload_scan, name="scan_upload"),
    path("scans/<uuid:scan_id>/", scans.show_scan, name="scan"),
    path("scans/<uuid:scan_id>/status/", scans.scan_status, name="scan_status"),
    path(
        "scans/<uuid:scan_id>/versions/<int:number>/pictures/<str:name>",
        scans.scan_picture,
        name="scan_picture",
    ),
    path(
        "scans/<uuid:scan_id>/versions/<int:number>/files/<str:name>",
        scan_files.scan_file,
        name="scan_file",
    ),
    path("scans/<uuid:scan_id>/regions/", scans.correct_regions, name="scan_correct"),
    path("scans/<uuid:scan_id>/confirm/", scans.confirm_regions, name="scan_confirm"),
    path("scans/<uuid:scan_id>/identity/", scans.confirm_identity, name="scan_identity"),
    path("scans/<uuid:scan_id>/again/", scans.measure_again, name="scan_again"),
    path(
        "patients/<uuid:patient_id>/assessments/new/",
        assessments.new_assessment,
        name="assessment_new",
    ),
    path("patients/<uuid:patient_id>/assessments/answer/", assessments.answer, name="answer"),
    path(
        "patients/<uuid:patient_id>/assessments/engines/",
        assessments.other_engines,
        name="other_engines",
    ),
    path("assessments/<uuid:assessment_id>/", assessments.show_assessment, name="assessment"),
    path(
        "assessments/<uuid:assessment_id>/engines/",
        assessments.stored_engines,
        name="stored_engines",
    ),
    path("assessments/<uuid:assessment_id>/decide/", assessments.decide, name="decide"),
    path("models/", models.about_models, name="models"),
    path("laboratory/", laboratory.laboratory, name="laboratory"),
    path("laboratory/guide/<slug:name>/", guide.show_guide, name="guide"),
    path("laboratory/outcomes/", laboratory.upload_outcomes, name="outcomes_upload"),
    path("laboratory/cohorts/", laboratory.upload_cohort, name="cohort_upload"),
    path("laboratory/cohorts/<uuid:cohort_id>/", laboratory.show_cohort, name="cohort"),
    path(
        "laboratory/cohorts/<uuid:cohort_id>/status/",
        laboratory.cohort_status,
        name="cohort_status",
    ),
    path(
        "laboratory/cohorts/<uuid:cohort_id>/delete/",
        laboratory.delete_cohort,
        name="cohort_delete",
    ),
    path("laboratory/cohorts/<uuid:cohort_id>/train/", laboratory.train, name="cohort_train"),
    path(
        "laboratory/cohorts/<uuid:cohort_id>/report/",
        laboratory.ask_for_report,
        name="cohort_report",
    ),
    path("laboratory/runs/<uuid:run_id>/", laboratory.show_run, name="run"),
    path("laboratory/runs/<uuid:run_id>/status/", laboratory.run_status, name="run_status"),
    path("laboratory/runs/<uuid:run_id>/cancel/", laboratory.cancel_run, name="run_cancel"),
    path("laboratory/runs/<uuid:run_id>/report/", laboratory.show_report, name="run_report"),
    path(
        "laboratory/runs/<uuid:run_id>/report.html", laboratory.run_report, name="run_report_file"
    ),
    path("laboratory/compare/", registry.compare_models, name="model_compare"),
    path("laboratory/models/<uuid:model_id>/", registry.show_model, name="model"),
    path("laboratory/models/<uuid:model_id>/change/", registry.change_model, name="model_change"),
    path(
        "laboratory/models/<uuid:model_id>/monitor/", registry.monitor_model, name="model_monitor"
    ),
    path(
        "laboratory/models/<uuid:model_id>/recalibrate/",
        registry.recalibrate_model,
        name="model_recalibrate",
    ),
]
