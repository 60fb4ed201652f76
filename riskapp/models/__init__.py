"""What is stored. Rows are written by ``riskapp.actions`` only, each with its audit row."""

from riskapp.models.api_token import ApiToken
from riskapp.models.assessment import Assessment
from riskapp.models.audit_event import AuditEvent
from riskapp.models.job import Job
from riskapp.models.measurement_version import MeasurementVersion, ScanPicture
from riskapp.models.organisation import Membership, Organisation
from riskapp.models.patient import Patient
from riskapp.models.scan import ReceivedFile, Scan, ScanFile
from riskapp.models.scan_identity import ScanIdentity
from riskapp.models.site_precision import SitePrecision

__all__ = [
    "ApiToken",
    "Assessment",
    "AuditEvent",
    "Job",
    "MeasurementVersion",
    "Membership",
    "Organisation",
    "Patient",
    "ReceivedFile",
    "Scan",
    "ScanFile",
    "ScanIdentity",
    "ScanPicture",
    "SitePrecision",
]
