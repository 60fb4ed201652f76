"""What is stored. Rows are written by ``riskapp.actions`` only, each with its audit row."""

from riskapp.models.api_client import ApiClient, LaunchedPatient, RedeemedCode, UsedAssertion
from riskapp.models.api_token import ApiToken
from riskapp.models.arrival import Arrival, ArrivedFile
from riskapp.models.assessment import Assessment
from riskapp.models.audit_event import AuditEvent, TrailCheck, TrailHead
from riskapp.models.bulk_answer import BulkAnswer
from riskapp.models.bulk_import import BulkImport
from riskapp.models.cds_card import CdsCard, CdsFeedback, UsedCdsToken
from riskapp.models.cohort_file import CohortFile
from riskapp.models.dead_letter import DeadLetter
from riskapp.models.delivery import Delivery
from riskapp.models.discussion import Discussion
from riskapp.models.ehr_launch import EhrAccount, EhrLaunch
from riskapp.models.erasure import Erasure, LegalHold
from riskapp.models.expected_scan import ExpectedScan
from riskapp.models.external_identity import ExternalIdentity, UsedLogout
from riskapp.models.failed_sign_in import FailedSignIn, KnownDevice
from riskapp.models.fetch import Fetch
from riskapp.models.fracture import Fracture
from riskapp.models.imported_record import ImportedRecord
from riskapp.models.incidental_finding import IncidentalFinding, RadiologyStep
from riskapp.models.job import Job
from riskapp.models.kept_answer import KeptAnswer
from riskapp.models.laboratory_run import LaboratoryRun
from riskapp.models.measurement_version import MeasurementVersion, ScanPicture
from riskapp.models.monitoring_snapshot import MonitoringSnapshot
from riskapp.models.nightly_run import NightlyRun, RetentionRun
from riskapp.models.one_time_link import OneTimeLink
from riskapp.models.organisation import Membership, Organisation, Role
from riskapp.models.passkey import Passkey
from riskapp.models.patient import Patient
from riskapp.models.reader_preference import ReaderPreference
from riskapp.models.recorded_outcome import RecordedOutcome
from riskapp.models.registered_model import RegisteredModel, ServedModel, StatusChange
from riskapp.models.restriction import EmergencyAccess, Restriction
from riskapp.models.scan import ReceivedFile, Scan, ScanFile
from riskapp.models.scan_identity import ScanIdentity
from riskapp.models.search_word import SearchWord
from riskapp.models.second_factor import AuthenticatorApp, RecoveryCode
from riskapp.models.shadow_score import ShadowScore
from riskapp.models.shared_link import SharedLink
from riskapp.models.sign_in_session import SignInSession
from riskapp.models.site_precision import SitePrecision
from riskapp.models.taken_message import TakenMessage
from riskapp.models.treatment import Treatment
from riskapp.models.webhook import Webhook
from riskapp.models.worklist_row import Wait, WorklistRow

__all__ = [
    "ApiClient",
    "ApiToken",
    "Arrival",
    "ArrivedFile",
    "Assessment",
    "AuditEvent",
    "AuthenticatorApp",
    "BulkAnswer",
    "BulkImport",
    "CdsCard",
    "CdsFeedback",
    "CohortFile",
    "DeadLetter",
    "Delivery",
    "Discussion",
    "EmergencyAccess",
    "Erasure",
    "ExpectedScan",
    "EhrAccount",
    "EhrLaunch",
    "ExternalIdentity",
    "FailedSignIn",
    "Fetch",
    "Fracture",
    "ImportedRecord",
    "IncidentalFinding",
    "Job",
    "KeptAnswer",
    "KnownDevice",
    "LaboratoryRun",
    "LaunchedPatient",
    "LegalHold",
    "MeasurementVersion",
    "Membership",
    "MonitoringSnapshot",
    "NightlyRun",
    "OneTimeLink",
    "Organisation",
    "Role",
    "Passkey",
    "Patient",
    "ReaderPreference",
    "RadiologyStep",
    "ReceivedFile",
    "RecordedOutcome",
    "RecoveryCode",
    "RedeemedCode",
    "RegisteredModel",
    "Restriction",
    "RetentionRun",
    "Scan",
    "ScanFile",
    "ScanIdentity",
    "ScanPicture",
    "ServedModel",
    "ShadowScore",
    "SearchWord",
    "SharedLink",
    "SignInSession",
    "SitePrecision",
    "StatusChange",
    "TakenMessage",
    "TrailCheck",
    "TrailHead",
    "Treatment",
    "UsedAssertion",
    "UsedCdsToken",
    "Wait",
    "UsedLogout",
    "Webhook",
    "WorklistRow",
]
