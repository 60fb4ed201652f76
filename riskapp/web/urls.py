"""Addresses of the pages."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from riskapp.web.views import (
    assessments,
    changes,
    connections,
    consent,
    engines,
    events,
    guide,
    laboratory,
    models,
    papers,
    people,
    recall,
    registry,
    scan_files,
    scans,
    shares,
    supposing,
    what_if,
    worklist,
)

urlpatterns = [
    path(
        "sign-in/",
        LoginView.as_view(template_name="account/sign_in.html", redirect_authenticated_user=True),
        name="sign_in",
    ),
    path("oauth/authorize", consent.authorize, name="oauth_authorize"),
    path("sign-out/", LogoutView.as_view(), name="sign_out"),
    path("", worklist.worklist, name="worklist"),
    path("connections/", connections.connections, name="connections"),
    path(
        "connections/<uuid:delivery_id>/again/",
        connections.deliver_again,
        name="delivery_again",
    ),
    path("patients/new/", people.new_patient, name="patient_new"),
    path("patients/<uuid:patient_id>/", people.show_patient, name="patient"),
    path("patients/<uuid:patient_id>/changes/", changes.show_changes, name="changes"),
    path("patients/<uuid:patient_id>/fractures/new/", events.new_fracture, name="fracture_new"),
    path(
        "patients/<uuid:patient_id>/fractures/<uuid:fracture_id>/strike-out/",
        events.strike_out_fracture,
        name="fracture_strike_out",
    ),
    path("patients/<uuid:patient_id>/treatments/new/", events.new_treatment, name="treatment_new"),
    path(
        "patients/<uuid:patient_id>/treatments/<uuid:treatment_id>/end/",
        events.end_of_treatment,
        name="treatment_end",
    ),
    path(
        "patients/<uuid:patient_id>/treatments/<uuid:treatment_id>/strike-out/",
        events.strike_out_treatment,
        name="treatment_strike_out",
    ),
    path(
        "assessments/<uuid:assessment_id>/discussed/",
        events.new_discussion,
        name="discussion_new",
    ),
    path(
        "assessments/<uuid:assessment_id>/discussed/<uuid:discussion_id>/strike-out/",
        events.strike_out_discussion,
        name="discussion_strike_out",
    ),
    path("patients/<uuid:patient_id>/compare/", changes.compare_visits, name="compare"),
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
        engines.other_engines,
        name="other_engines",
    ),
    path(
        "patients/<uuid:patient_id>/assessments/another/<slug:field>/",
        supposing.another,
        name="another",
    ),
    path("patients/<uuid:patient_id>/assessments/what-if/", what_if.what_if, name="what_if_record"),
    path("assessments/<uuid:assessment_id>/what-if/", what_if.what_if_then, name="what_if"),
    path(
        "assessments/<uuid:assessment_id>/another/<slug:field>/",
        supposing.another_then,
        name="another_then",
    ),
    path("assessments/<uuid:assessment_id>/", assessments.show_assessment, name="assessment"),
    path(
        "assessments/<uuid:assessment_id>/engines/",
        engines.stored_engines,
        name="stored_engines",
    ),
    path("assessments/<uuid:assessment_id>/decide/", assessments.decide, name="decide"),
    path("assessments/<uuid:assessment_id>/text/", papers.assessment_text, name="assessment_text"),
    path("assessments/<uuid:assessment_id>/report.pdf", papers.report, name="report"),
    path("assessments/<uuid:assessment_id>/shares/", shares.shares, name="shares"),
    path(
        "assessments/<uuid:assessment_id>/shares/<uuid:link_id>/revoke/",
        shares.revoke_share,
        name="share_revoke",
    ),
    path("shared/<str:token>/", shares.shared, name="shared"),
    # Mail programs cut a last slash, or add what stood behind the link; a redirect would carry the
    # token once more, and the site's own "not here" leads to pages that are not a patient's.
    path("shared/<path:token>", shares.shared),
    path("recall/", recall.recall, name="recall"),
    path("recall/recall.csv", recall.recall_download, name="recall_download"),
    path("recall/ct/", recall.recall_ct, name="recall_ct"),
    path("scans/<uuid:scan_id>/radiology/", recall.mark_incidental, name="scan_radiology"),
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
