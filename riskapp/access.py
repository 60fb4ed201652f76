"""Who may open which address: one table, which the gate obeys and docs/access.md shows.

An address that is not in the table is refused to everybody, and ``manage.py check`` names it.
Programs need the scope of the door besides (``riskapp.api.scopes``), and what they ask about must
be their own organisation's; all of that is held again by the actions.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from django.urls import URLPattern, URLResolver

from riskapp.actions.permitting import Ability as May


class Everybody(StrEnum):
    """What needs no ability."""

    ANYBODY = "anybody"
    SIGNED_IN = "whoever signed in"


ANYBODY, SIGNED_IN = Everybody.ANYBODY, Everybody.SIGNED_IN
Needed = May | Everybody

# What the bare address opens; who may not is taken to the first page that they may open.
START = "worklist"
STARTS = (START, "laboratory", "people", "trail", "emergency_accesses")

# By name of the address; where methods differ, each by its name.
ACCESS: Mapping[str, Needed | Mapping[str, Needed]] = {
    # The machine that watches this one, and what describes the site
    "health_live": ANYBODY,
    "health_ready": ANYBODY,
    "metrics": ANYBODY,
    "api_schema": ANYBODY,
    "api_docs": ANYBODY,
    "api_problems": ANYBODY,
    "api_problem": ANYBODY,
    "api_nothing": ANYBODY,
    "fhir_metadata": ANYBODY,
    "fhir_unserved": ANYBODY,
    "fhir_nothing": ANYBODY,
    "fhir_search_CodeSystem": ANYBODY,
    "fhir_read_CodeSystem": ANYBODY,
    "fhir_search_ValueSet": ANYBODY,
    "fhir_read_ValueSet": ANYBODY,
    "fhir_search_StructureDefinition": ANYBODY,
    "fhir_read_StructureDefinition": ANYBODY,
    "fhir_search_OperationDefinition": ANYBODY,
    "fhir_read_OperationDefinition": ANYBODY,
    "cds_services": ANYBODY,
    # Coming in, and going; each proves by its own means who asks
    "sign_in": ANYBODY,
    "sign_in_with": ANYBODY,
    "signed_in_with": ANYBODY,
    "signed_out_with": ANYBODY,
    "sign_out": ANYBODY,
    "sign_in_second": ANYBODY,
    "sign_in_passkey": ANYBODY,
    "passkey_begin": ANYBODY,
    "one_time_link": ANYBODY,
    # One's own account
    "account": SIGNED_IN,
    "password": SIGNED_IN,
    "confirm": SIGNED_IN,
    "app": SIGNED_IN,
    "app_remove": SIGNED_IN,
    "recovery_codes": SIGNED_IN,
    "passkey_new": SIGNED_IN,
    "passkey_rename": SIGNED_IN,
    "passkey_remove": SIGNED_IN,
    "kept_form": SIGNED_IN,
    "session_left": SIGNED_IN,
    "session_end": SIGNED_IN,
    "sessions_end": SIGNED_IN,
    "oauth_token": ANYBODY,
    "oauth_revoke": ANYBODY,
    "oauth_introspect": ANYBODY,
    "oauth_keys": ANYBODY,
    "openid": ANYBODY,
    "smart": ANYBODY,
    "smart_of_site": ANYBODY,
    "smart_launch": ANYBODY,
    "smart_callback": ANYBODY,
    "smart_standalone": ANYBODY,
    "smart_standalone_with": ANYBODY,
    # An app says what is wrong with its question before it asks who signed in.
    "oauth_authorize": ANYBODY,
    # The link is the key.
    "shared": ANYBODY,
    "shared_and_more": ANYBODY,
    # Record systems, which sign each call
    "cds_service": SIGNED_IN,
    "cds_feedback": SIGNED_IN,
    # Who works here
    **dict.fromkeys(("people", "person", "person_invite", "people_factors"), May.MANAGE_PEOPLE),
    **dict.fromkeys(("person_roles", "person_link", "person_unlock"), May.MANAGE_PEOPLE),
    **dict.fromkeys(("person_factors_remove", "person_session_end"), May.MANAGE_PEOPLE),
    **dict.fromkeys(("person_sessions_end", "person_close", "person_reopen"), May.MANAGE_PEOPLE),
    # How long what is kept, records that are held, and records that are erased
    **dict.fromkeys(("keeping", "holds", "hold_new", "hold", "hold_lift"), May.HOLD_RECORDS),
    **dict.fromkeys(("erasures", "erasure_new", "erasure", "erasure_file"), May.ERASE_PATIENTS),
    **dict.fromkeys(("erasure_confirm", "erasure_withdraw"), May.ERASE_PATIENTS),
    # What answers
    "models": SIGNED_IN,
    **dict.fromkeys(("safety", "safety_page", "paper_form"), SIGNED_IN),
    "api_models": SIGNED_IN,
    "api_populations": SIGNED_IN,
    "api_scores": May.SCORE,
    # Patients, and what happened to them
    "worklist": May.FIND_PATIENTS,
    "patient": May.FIND_PATIENTS,
    "patient_new": May.REGISTER_PATIENTS,
    "patient_app": May.FIND_PATIENTS,
    "restricted_open": May.OPEN_RESTRICTED,
    "api_emergency_access": May.OPEN_RESTRICTED,
    "patient_export": May.EXPORT_PATIENTS,
    "care_team": May.RESTRICT_PATIENTS,
    "emergency_accesses": May.REVIEW_RESTRICTED,
    "emergency_review": May.REVIEW_RESTRICTED,
    "api_patients": {"GET": May.FIND_PATIENTS, "POST": May.REGISTER_PATIENTS},
    "api_patient": {"GET": May.FIND_PATIENTS, "PATCH": May.REGISTER_PATIENTS},
    "fhir_search_Patient": May.FIND_PATIENTS,
    "fhir_search_form_Patient": May.FIND_PATIENTS,
    "fhir_read_Patient": May.FIND_PATIENTS,
    "fracture_new": May.RECORD_EVENTS,
    "fracture_strike_out": May.RECORD_EVENTS,
    "treatment_new": May.RECORD_EVENTS,
    "treatment_end": May.RECORD_EVENTS,
    "treatment_strike_out": May.RECORD_EVENTS,
    "api_fractures": {"GET": May.FIND_PATIENTS, "POST": May.RECORD_EVENTS},
    "api_fracture_strike_out": May.RECORD_EVENTS,
    "api_treatments": {"GET": May.FIND_PATIENTS, "POST": May.RECORD_EVENTS},
    "api_treatment_end": May.RECORD_EVENTS,
    "api_treatment_strike_out": May.RECORD_EVENTS,
    # Scans
    "changes": May.READ_SCANS,
    "compare": May.READ_SCANS,
    "scan": May.READ_SCANS,
    "scan_status": May.READ_SCANS,
    "scan_picture": May.READ_SCANS,
    "scan_file": May.READ_SCANS,
    "scan_upload": May.WORK_ON_SCANS,
    "scan_correct": May.WORK_ON_SCANS,
    "scan_confirm": May.WORK_ON_SCANS,
    "scan_identity": May.WORK_ON_SCANS,
    "scan_return": May.WORK_ON_SCANS,
    "scan_again": May.WORK_ON_SCANS,
    "arrivals": May.WORK_ON_SCANS,
    "arrival": May.WORK_ON_SCANS,
    "arrival_assign": May.WORK_ON_SCANS,
    "arrival_discard": May.WORK_ON_SCANS,
    "arrival_register": May.WORK_ON_SCANS,
    "patient_archive": May.WORK_ON_SCANS,
    "patient_archive_status": May.WORK_ON_SCANS,
    "patient_archive_fetch": May.WORK_ON_SCANS,
    "api_patient_changes": May.READ_SCANS,
    "api_patient_archive": May.READ_SCANS,
    "api_patient_archive_study": May.READ_SCANS,
    "api_patient_archive_fetch": May.WORK_ON_SCANS,
    "api_fetch": May.READ_SCANS,
    "api_expected_scans": {"GET": May.READ_SCANS, "POST": May.WORK_ON_SCANS},
    "api_expected_scan": May.READ_SCANS,
    "api_expected_scan_cancel": May.WORK_ON_SCANS,
    "api_scans": {"GET": May.READ_SCANS, "POST": May.WORK_ON_SCANS},
    "api_scan": May.READ_SCANS,
    "api_scan_picture": May.READ_SCANS,
    "api_scan_files": May.READ_SCANS,
    "api_scan_file": May.READ_SCANS,
    "api_scan_regions": May.WORK_ON_SCANS,
    "api_scan_identity": May.WORK_ON_SCANS,
    "api_scan_again": May.WORK_ON_SCANS,
    "api_scan_confirmation": May.WORK_ON_SCANS,
    "stow": May.WORK_ON_SCANS,
    "stow_study": May.WORK_ON_SCANS,
    "api_precisions": May.RECORD_PRECISION,
    # The trail
    "trail": May.READ_TRAIL,
    "trail_proof": May.READ_TRAIL,
    "trail_table": May.READ_TRAIL,
    "patient_accesses": May.FIND_PATIENTS,
    # Estimates
    "reproduction": May.READ_ASSESSMENTS,
    "api_assessment_reproduction": May.READ_ASSESSMENTS,
    "assessment": May.READ_ASSESSMENTS,
    "stored_engines": May.READ_ASSESSMENTS,
    "another_then": May.READ_ASSESSMENTS,
    "what_if": May.READ_ASSESSMENTS,
    "assessment_text": May.READ_ASSESSMENTS,
    "report": May.READ_ASSESSMENTS,
    "recall": May.READ_ASSESSMENTS,
    "recall_download": May.READ_ASSESSMENTS,
    "recall_ct": May.READ_ASSESSMENTS,
    "api_worklist": May.READ_ASSESSMENTS,
    "api_recall": May.READ_ASSESSMENTS,
    "api_assessment": May.READ_ASSESSMENTS,
    "api_assessment_explanation": May.READ_ASSESSMENTS,
    "api_assessment_report": May.READ_ASSESSMENTS,
    "fhir_search_RiskAssessment": May.READ_ASSESSMENTS,
    "fhir_search_form_RiskAssessment": May.READ_ASSESSMENTS,
    "fhir_read_RiskAssessment": May.READ_ASSESSMENTS,
    "fhir_search_Observation": May.READ_ASSESSMENTS,
    "fhir_search_form_Observation": May.READ_ASSESSMENTS,
    "fhir_read_Observation": May.READ_ASSESSMENTS,
    "fhir_search_DiagnosticReport": May.READ_ASSESSMENTS,
    "fhir_search_form_DiagnosticReport": May.READ_ASSESSMENTS,
    "fhir_read_DiagnosticReport": May.READ_ASSESSMENTS,
    "fhir_search_Provenance": May.READ_ASSESSMENTS,
    "fhir_search_form_Provenance": May.READ_ASSESSMENTS,
    "fhir_read_Provenance": May.READ_ASSESSMENTS,
    # What answered, as the answers name it.
    "fhir_search_Device": May.READ_ASSESSMENTS,
    "fhir_search_form_Device": May.READ_ASSESSMENTS,
    "fhir_read_Device": May.READ_ASSESSMENTS,
    "fhir_all_answers": May.READ_ASSESSMENTS,
    "fhir_answers_file": May.READ_ASSESSMENTS,
    "fhir_binary": May.READ_ASSESSMENTS,
    "assessment_new": May.ASSESS,
    "answer": May.ASSESS,
    "other_engines": May.ASSESS,
    "another": May.ASSESS,
    "what_if_record": May.ASSESS,
    "scan_radiology": May.ASSESS,
    "smart_opened": May.ASSESS,
    "smart_left": May.ASSESS,
    "assessment_send": May.ASSESS,
    "assessment_sent": May.ASSESS,
    "api_assessments": {"GET": May.READ_ASSESSMENTS, "POST": May.ASSESS},
    "fhir_assess": May.ASSESS,
    "fhir_assess_all": May.ASSESS,
    # Deciding together
    "decide": May.DISCUSS,
    "discussion_new": May.DISCUSS,
    "discussion_strike_out": May.DISCUSS,
    "shares": May.DISCUSS,
    "share_revoke": May.DISCUSS,
    "api_discussions": {"GET": May.READ_ASSESSMENTS, "POST": May.DISCUSS},
    "api_discussion_strike_out": May.DISCUSS,
    "api_assessment_shares": May.DISCUSS,
    "api_assessment_share": May.DISCUSS,
    # Models
    "laboratory": May.WORK_WITH_MODELS,
    "guide": May.WORK_WITH_MODELS,
    "cohort_upload": May.WORK_WITH_MODELS,
    "cohort": May.WORK_WITH_MODELS,
    "cohort_status": May.WORK_WITH_MODELS,
    "cohort_delete": May.WORK_WITH_MODELS,
    "cohort_train": May.WORK_WITH_MODELS,
    "cohort_report": May.WORK_WITH_MODELS,
    "run": May.WORK_WITH_MODELS,
    "run_status": May.WORK_WITH_MODELS,
    "run_cancel": May.WORK_WITH_MODELS,
    "run_report": May.WORK_WITH_MODELS,
    "run_report_file": May.WORK_WITH_MODELS,
    "model_compare": May.WORK_WITH_MODELS,
    "model": May.WORK_WITH_MODELS,
    "model_change": May.WORK_WITH_MODELS,
    "model_monitor": May.WORK_WITH_MODELS,
    "model_recalibrate": May.WORK_WITH_MODELS,
    "api_trainings": May.WORK_WITH_MODELS,
    "api_training": May.WORK_WITH_MODELS,
    "outcomes_upload": May.RECORD_OUTCOMES,
    "api_outcomes": May.RECORD_OUTCOMES,
    # Other programs
    "connections": May.SEE_CONNECTIONS,
    "delivery_again": May.SEE_CONNECTIONS,
    "dead_letters": May.SETTLE_DEAD_LETTERS,
    "dead_letters_settle": May.SETTLE_DEAD_LETTERS,
    "advice": May.READ_ADVICE,
    "api_cds_feedback": May.READ_ADVICE,
    "api_webhooks": May.MANAGE_CONNECTIONS,
    "api_webhook": May.MANAGE_CONNECTIONS,
    "api_webhook_secret": May.MANAGE_CONNECTIONS,
    "api_webhook_enable": May.MANAGE_CONNECTIONS,
    "api_webhook_test": May.MANAGE_CONNECTIONS,
}


def needed(name: str | None, method: str | None) -> Needed | None:
    """What opens an address by a method; None where the table does not have it.

    A method that the table does not tell apart needs what the first one does: the door then
    answers that it does not take it.
    """
    by_method = ACCESS.get(name or "")
    if by_method is None or isinstance(by_method, May | Everybody):
        return by_method
    method = "GET" if method == "HEAD" else str(method)
    return by_method.get(method) or next(iter(by_method.values()))


def walked(resolver: URLResolver) -> Iterator[URLPattern]:
    """Every address there is, those included from elsewhere too."""
    for one in resolver.url_patterns:
        if isinstance(one, URLPattern):
            yield one
        else:
            yield from walked(one)
