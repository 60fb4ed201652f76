"""A client of Trabecula in one file: no dependencies, Python 3.11 and later.

Written by docs/client/generate.py from docs/openapi.json; do not edit it by hand.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterable, Mapping
from email.message import Message
from typing import IO, Any, Literal, NotRequired, TypedDict

TIMEOUT_S = 120.0
# Older messages may have been recorded and sent again (Standard Webhooks).
TOLERANCE_S = 300
UNCHANGED = 304


class Problem(Exception):
    """A refusal: RFC 9457 problem details.

    Attributes
    ----------
    status : int
    type : str
        Address that explains the kind, such as ``/api/problems/not-found/``.
    detail : str
        One sentence that a person can act on.
    errors : dict of str to str
        A sentence for each field that must be mended.
    headers : mapping
        ``Retry-After`` among them, where there is one.
    """

    def __init__(self, status: int, told: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        self.status = status
        self.type = str(told.get("type", "about:blank"))
        self.detail = str(told.get("detail", ""))
        self.errors: dict[str, str] = dict(told.get("errors", {}))
        self.headers = headers
        super().__init__(f"{status} {self.detail}")


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A key goes to the site that it is for, and to no other."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Message,
        newurl: str,
    ) -> None:
        return None


class Caller:
    """One site and one key.

    Attributes
    ----------
    headers : mapping
        Of the last answer: ``ETag``, ``Location``, ``Link``, ``Deprecation``.
    """

    def __init__(
        self, site: str, key: str, *, scheme: str = "Token", timeout_s: float = TIMEOUT_S
    ) -> None:
        self._site, self._authorization = site.rstrip("/"), f"{scheme} {key}"
        self._timeout_s = timeout_s
        self._opener = urllib.request.build_opener(_NoRedirects)
        self.headers: Mapping[str, str] = {}

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        headers: Mapping[str, str | None] | None = None,
        body: object = None,
        files: Iterable[tuple[str, bytes]] | None = None,
    ) -> Any:
        asked = {name: value for name, value in (query or {}).items() if value is not None}
        url = f"{self._site}{path}" + (f"?{urllib.parse.urlencode(asked)}" if asked else "")
        sent = {name: value for name, value in (headers or {}).items() if value is not None}
        data: bytes | None = None
        if files is not None:
            data, sent["Content-Type"] = _form(body, files)
        elif body is not None:
            data, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
        request = urllib.request.Request(
            url, data, {"Authorization": self._authorization, **sent}, method=method
        )
        try:
            with self._opener.open(request, timeout=self._timeout_s) as answer:
                self.headers = dict(answer.headers.items())
                return _read(answer.read(), answer.headers.get_content_type())
        except urllib.error.HTTPError as refused:
            if refused.code == UNCHANGED:
                self.headers = dict(refused.headers.items())
                refused.close()
                return None
            with refused:
                told = _read(refused.read(), refused.headers.get_content_type())
            raise Problem(
                refused.code,
                told if isinstance(told, dict) else {},
                dict(refused.headers.items()),
            ) from None


def verify_webhook(
    secrets: Iterable[str],
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: float | None = None,
) -> Any:
    """Check that a message is from your site and new, and read it.

    Parameters
    ----------
    secrets : iterable of str
        ``whsec_...``; after renewing, the old one and the new one.
    body : bytes
        As it arrived: JSON that was read and written again is not the same.

    Raises
    ------
    ValueError
        If it is not signed by one of the secrets, or too old. Keep ``webhook-id`` and pass over
        what you have had: a message may come twice.
    """
    told = {name.lower(): value for name, value in headers.items()}
    id, timestamp = told.get("webhook-id", ""), told.get("webhook-timestamp", "")
    at = time.time() if now is None else now
    if not (timestamp.isascii() and timestamp.isdigit()) or abs(at - int(timestamp)) > TOLERANCE_S:
        raise ValueError("The message is too old, or from the future.")
    signed = f"{id}.{timestamp}.".encode() + body
    given = [one[3:] for one in told.get("webhook-signature", "").split() if one.startswith("v1,")]
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        mine = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        if any(hmac.compare_digest(mine, one) for one in given):
            return json.loads(body)
    raise ValueError("The message is not signed by this site.")


def _part(value: object) -> str:
    """A part of an address, whatever it holds."""
    return urllib.parse.quote(str(value), safe="")


def _form(body: object, files: Iterable[tuple[str, bytes]]) -> tuple[bytes, str]:
    """multipart/form-data (RFC 7578); names of files are not sent, as nobody looks at them."""
    boundary = uuid.uuid4().hex
    fields = body if isinstance(body, dict) else {}
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    for name, content in files:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="file"\r\n'
        parts.append(f"{head}Content-Type: application/octet-stream\r\n\r\n".encode())
        parts += [content, b"\r\n"]
    parts.append(f"--{boundary}--\r\n".encode())
    return b"".join(parts), f"multipart/form-data; boundary={boundary}"


def _read(body: bytes, media_type: str) -> Any:
    if not body:
        return None
    return json.loads(body) if media_type.endswith("json") else body


AgentEnum = Literal[
    "oral_bisphosphonate",
    "zoledronate",
    "denosumab",
    "raloxifene",
    "teriparatide",
    "abaloparatide",
    "romosozumab",
    "menopausal_hormone_therapy",
    "other",
]


class AssessmentExplanation(TypedDict):
    assessment: str
    explanations: list[EngineExplanation]
    safety: str


class AssessmentPage(TypedDict):
    count: int
    next: str | None
    previous: str | None
    results: list[AssessmentSummary]


class AssessmentReproduction(TypedDict):
    assessment: str
    is_same: bool
    is_unchanged: bool | None
    parts: list[ReproducedPart]
    sentence: str


class AssessmentRequest(TypedDict):
    clamp_age: NotRequired[bool]
    engines: NotRequired[
        list[Literal["evidence", "cox", "xgboost", "lightgbm", "neural", "ensemble"]]
    ]
    evidence_set: NotRequired[Literal["frax-2008", "meta-2025"]]
    explain: NotRequired[bool]
    guideline: NotRequired[
        Literal[
            "aace-2020",
            "bhof-2022",
            "endocrine-society-2019",
            "esceo-2013",
            "iscd-2023",
            "nice-cg146",
            "nogg-2024",
            "osteoporosis-canada-2023",
            "uspstf-2018",
            "uspstf-2025",
            "who-1994",
            None,
        ]
    ]
    interval: NotRequired[bool]
    measurements: NotRequired[dict[str, str]]
    own_impression: NotRequired[OwnImpressionEnum | BlankEnum]
    patient: str
    profile: NotRequired[Profile]
    scans: NotRequired[list[str]]
    unknown_as_no: NotRequired[bool]


class AssessmentShape(TypedDict):
    created_at: str
    created_by: str
    estimates: list[EstimateShape]
    evidence_set: str
    id: str
    measurements: list[dict[str, Any]]
    model_ids: dict[str, str]
    narrative: str
    other_evidence: list[OtherEvidenceShape]
    own_impression: str
    patient: str
    profile: Profile
    provenance: dict[str, str]
    safety: str
    scans: list[str]
    site_values: list[SiteValueShape]
    software_version: str
    warnings: list[str]


class AssessmentSummary(TypedDict):
    created_at: str
    created_by: str
    evidence_set: str
    id: str
    model_ids: dict[str, str]
    patient: str
    software_version: str


BlankEnum = Literal[""]


class ChangeShape(TypedDict):
    absolute: float
    earlier: float
    interval: list[float] | None
    later: float
    least_significant: float | None
    name: str
    per_year: float
    percent: float | None
    percent_per_year: float | None
    region: str
    repeatability: str
    tried_on: str
    unit: str
    verdict: VerdictEnum
    words: str


class ChangesShape(TypedDict):
    pairs: list[PairShape]
    safety: str


CircumstanceEnum = Literal["standing_fall", "higher_fall", "no_fall", "other_force", "not_known"]


class CommentShape(TypedDict):
    on: str
    reason: str
    text: str
    words: str


class ContributionShape(TypedDict):
    beside: dict[str, float]
    field: str
    label: str
    log_hazard: dict[str, float]
    probability: dict[str, float] | None
    source: str
    unit: str
    value: Any
    wording: str


DecidedEnum = Literal[
    "start_treatment", "no_treatment_now", "decide_later", "measure_first", "refer"
]


class DifferenceShape(TypedDict):
    field: str
    record: str
    scan: str


class DiscussionRequest(TypedDict):
    decided: DecidedEnum
    review_on: NotRequired[str | None]


class DiscussionShape(TypedDict):
    at: str
    by: str
    decided: str
    id: str
    review_on: str | None
    struck_out_at: str | None
    struck_out_by: NotRequired[str | None]


class DiscussionsShape(TypedDict):
    count: int
    discussions: list[DiscussionShape]
    next: str | None
    previous: str | None


DxaManufacturerEnum = Literal["hologic", "ge_lunar", "norland"]


class EmergencyAccessShape(TypedDict):
    ends_at: str
    id: str
    opened_at: str
    patient: str
    reason: ReasonEnum


class EngineExplanation(TypedDict):
    engine: str
    explanation: ExplanationShape | None
    model_id: str
    trained_on: str


class EstimateShape(TypedDict):
    engine: str
    evidence_set: str
    explanation: ExplanationShape | None
    guidelines: list[VerdictShape]
    model_id: str
    outcomes: OutcomesShape
    population: str
    trained_on: str
    unknown: list[str]
    warnings: list[str]
    would_help_most: list[HelpfulShape]


EventsEnum = Literal[
    "patient.registered",
    "scan.measured",
    "scan.refused",
    "scan.mismatch",
    "scan.failed",
    "assessment.created",
]


class ExpectedScanPage(TypedDict):
    count: int
    next: str | None
    previous: str | None
    results: list[ExpectedScanShape]


class ExpectedScanRequest(TypedDict):
    accession_number: str
    modality: NotRequired[str]
    patient: str
    planned_on: str
    procedure: NotRequired[str]


class ExpectedScanShape(TypedDict):
    accession_number: str
    arrived_at: str | None
    cancelled_at: str | None
    id: str
    modality: str
    patient: str
    planned_on: str
    procedure: str
    source: str
    state: ExpectedScanStateEnum
    told_at: str


ExpectedScanStateEnum = Literal["to_come", "missing", "arrived", "cancelled"]


class ExplanationShape(TypedDict):
    baseline: dict[str, float] | None
    baseline_log_hazard: dict[str, float]
    baseline_means: str
    contributions: list[ContributionShape]


class FeedbackReportShape(TypedDict):
    comments: list[CommentShape]
    kinds: list[KindShape]
    since: str | None


class FetchRequest(TypedDict):
    archive: NotRequired[str]
    series: NotRequired[list[str]]
    study_uid: str


class FetchShape(TypedDict):
    archive: str
    asked_at: str
    id: str
    images_done: int
    images_expected: int | None
    patient: str
    reason: str
    scans: list[str]
    state: FetchShapeStateEnum
    study_uid: str


FetchShapeStateEnum = Literal["waiting", "fetching", "done", "failed"]


class FileShape(TypedDict):
    media_type: str
    name: str
    names_the_patient: bool
    title: str
    url: str


class FilesShape(TypedDict):
    files: list[FileShape]
    version: int | None


class FiredRuleShape(TypedDict):
    mark: str
    says: str
    source: str


class FoundShape(TypedDict):
    archive: str
    has_more: bool
    page: int
    studies: list[KnownStudyShape]


class FractureRequest(TypedDict):
    circumstance: NotRequired[CircumstanceEnum]
    happened_on: str
    is_fragility: NotRequired[bool | None]
    site: PriorFractureSiteEnum


class FractureShape(TypedDict):
    circumstance: str
    happened_on: str
    id: str
    is_fragility: bool | None
    recorded_at: str
    recorded_by: str
    site: str
    struck_out_at: str | None
    struck_out_by: NotRequired[str | None]


class FracturesShape(TypedDict):
    count: int
    fractures: list[FractureShape]
    next: str | None
    previous: str | None


class HelpfulShape(TypedDict):
    categories: dict[str, float]
    chance_decision_changes: float | None
    chance_settles: float
    expected_interval_width: float
    field: str
    would_settle: bool


class IdentityShape(TypedDict):
    confirmed_at: str | None
    confirmed_by: str | None
    differences: list[DifferenceShape]
    sentence: str
    told: bool


class KindShape(TypedDict):
    accepted: int
    ignored: int
    kind: str
    overridden: int
    reasons: list[ReasonCount]
    shown: int
    words: str


class KnownStudyShape(TypedDict):
    day: str | None
    description: str
    fetch: str | None
    images: int | None
    modalities: list[str]
    scans: list[str]
    study_uid: str


class ListedPatient(TypedDict):
    age_years: int
    id: str
    name: str
    record_number: str
    sex: SexEnum


class MadeShape(TypedDict):
    created_at: str
    created_by: str
    expires_at: str
    id: str
    language: str
    last_opened_at: str | None
    openings: int
    revoked_at: str | None
    state: StateEnum
    url: str | None


class ModelShape(TypedDict):
    approved_by: str | None
    card: str
    engine: str
    model_id: str
    sha256: str
    site_columns: list[SiteColumnShape]
    status: str
    trained_on: str


OsteoporosisTreatmentEnum = Literal[
    "none",
    "oral_bisphosphonate",
    "zoledronate",
    "denosumab",
    "raloxifene",
    "teriparatide",
    "abaloparatide",
    "romosozumab",
    "menopausal_hormone_therapy",
    "other",
]


class OtherEvidenceShape(TypedDict):
    borrowed: list[str]
    borrowed_in_part: list[str]
    evidence_set: str
    model_id: str
    probability_10y: dict[str, float] | None
    refused: str | None


class OutcomeRow(TypedDict):
    date: str
    outcome: str
    record_number: str


class OutcomeShape(TypedDict):
    curve: list[list[float]]
    interval_95: list[float] | None
    interval_95_model: list[float] | None
    interval_95_unknown: list[float] | None
    probability_10y: float


class OutcomesRecorded(TypedDict):
    known_before: int
    recorded: int
    refused: list[str]


class OutcomesRequest(TypedDict):
    outcomes: list[OutcomeRow]


class OutcomesShape(TypedDict):
    hip: OutcomeShape
    major_osteoporotic: OutcomeShape


OutlineEnum = Literal["area", "line", "points"]


OwnImpressionEnum = Literal["low", "middle", "high", "very_high"]


class PairShape(TypedDict):
    advice: list[str]
    changes: list[ChangeShape]
    earlier: str
    later: str
    not_compared: list[str]
    refused: str | None
    years: float | None


class PatchedPatientChange(TypedDict):
    date_of_birth: NotRequired[str]
    name: NotRequired[str]
    sex: NotRequired[SexEnum]


class PatientPage(TypedDict):
    count: int
    next: str | None
    previous: str | None
    results: list[PatientShape]


class PatientRequest(TypedDict):
    date_of_birth: str
    name: str
    record_number: str
    refuse_alike: NotRequired[bool]
    sex: SexEnum


class PatientShape(TypedDict):
    date_of_birth: str
    id: str
    name: str
    record_number: str
    sex: SexEnum


class PictureShape(TypedDict):
    height: int
    name: str
    slice_index: int | None
    title: str
    url: str
    width: int


class PopulationShape(TypedDict):
    bases: dict[str, str]
    borrowed: list[str]
    code: str
    name: str
    sexes: list[str]
    sources: list[str]
    years: str


class PrecisionPage(TypedDict):
    count: int
    next: str | None
    precisions: list[PrecisionShape]
    previous: str | None


class PrecisionRequest(TypedDict):
    manufacturer: str
    measurements: list[RepeatedValue]
    model: NotRequired[str]
    serial: NotRequired[str]
    studied_on: NotRequired[str]


class PrecisionShape(TypedDict):
    coefficient_of_variation: float
    degrees_of_freedom: int
    least_significant_change_g_cm2: float
    least_significant_change_upper_95_g_cm2: float
    manufacturer: str
    model: str
    people: int
    precision_error_g_cm2: float
    precision_error_upper_95_g_cm2: float
    region: str
    serial: str
    studied_on: str


class PrecisionsShape(TypedDict):
    precisions: list[PrecisionShape]


PriorFractureSiteEnum = Literal["hip", "vertebra", "humerus", "forearm", "other"]


class Profile(TypedDict):
    age_years: NotRequired[float | None]
    alcohol_3_or_more_units_daily: NotRequired[bool | None]
    body_mass_index: NotRequired[float | None]
    current_smoker: NotRequired[bool | None]
    dxa_date: NotRequired[str | None]
    dxa_manufacturer: NotRequired[DxaManufacturerEnum | None]
    falls_last_year: NotRequired[int | None]
    femoral_neck_bmd_g_cm2: NotRequired[float | None]
    femoral_neck_t_score: NotRequired[float | None]
    glucocorticoid_dose_mg_daily: NotRequired[float | None]
    glucocorticoid_duration_months: NotRequired[float | None]
    glucocorticoids: NotRequired[bool | None]
    height_cm: NotRequired[float | None]
    hip_axis_length_mm: NotRequired[float | None]
    id: NotRequired[str | int | None]
    l1_attenuation_hu: NotRequired[float | None]
    l1_vbmd_mg_cm3: NotRequired[float | None]
    lumbar_spine_bmd_g_cm2: NotRequired[float | None]
    lumbar_spine_t_score: NotRequired[float | None]
    lumbar_texture_score: NotRequired[float | None]
    number_of_prior_fractures: NotRequired[int | None]
    osteoporosis_treatment: NotRequired[OsteoporosisTreatmentEnum | None]
    osteoporosis_treatment_years: NotRequired[float | None]
    parent_hip_fracture: NotRequired[bool | None]
    population: NotRequired[str | None]
    postmenopausal: NotRequired[bool | None]
    prior_fracture_months_ago: NotRequired[float | None]
    prior_fracture_site: NotRequired[PriorFractureSiteEnum | None]
    prior_fragility_fracture: NotRequired[bool | None]
    rheumatoid_arthritis: NotRequired[bool | None]
    secondary_osteoporosis: NotRequired[bool | None]
    sex: NotRequired[SexEnum | None]
    total_hip_bmd_g_cm2: NotRequired[float | None]
    total_hip_t_score: NotRequired[float | None]
    trabecular_bone_score: NotRequired[float | None]
    type_2_diabetes_years: NotRequired[float | None]
    weight_kg: NotRequired[float | None]


class ReasonCount(TypedDict):
    count: int
    reason: str


ReasonEnum = Literal["emergency", "covering", "referred", "safety", "other"]


class ReasonRequest(TypedDict):
    reason: ReasonEnum
    words: str


class RecallEntry(TypedDict):
    due_for: str
    due_on: str | None
    note: str
    patient: ListedPatient
    reason: str
    rule: RuleShape
    since: str
    title: str


class RecallPage(TypedDict):
    count: int
    counts: dict[str, int]
    is_complete: bool
    next: str | None
    previous: str | None
    results: list[RecallEntry]
    safety: str


class RegionRequest(TypedDict):
    depth_slices: NotRequired[list[int] | None]
    id: str
    label: NotRequired[str]
    outline: NotRequired[OutlineEnum]
    polygon: list[list[float]]
    slice_index: NotRequired[int | None]


class RegionsRequest(TypedDict):
    regions: list[RegionRequest]


class RepeatedValue(TypedDict):
    person: str
    region: str
    value: float


class ReproducedPart(TypedDict):
    differences: list[str]
    engine: str
    is_same: bool
    model_id: str
    sentence: str


class RuleShape(TypedDict):
    code: str
    mark: str
    says: str
    source: str


class ScanAccepted(TypedDict):
    id: str
    status: StatusEnum
    status_url: str


class ScanPage(TypedDict):
    count: int
    next: str | None
    previous: str | None
    results: list[ScanSummary]


class ScanRequest(TypedDict):
    files: list[str]
    patient: str


class ScanShape(TypedDict):
    id: str
    identity: IdentityShape
    kind: dict[str, Any] | None
    measurements: list[dict[str, Any]]
    patient: str
    pictures: list[PictureShape]
    profile_fields: dict[str, Any]
    quality: list[dict[str, Any]]
    reason: str | None
    regions: list[dict[str, Any]]
    safety: str
    sha256: str
    spacing: dict[str, Any] | None
    status: StatusEnum
    uploaded_at: str
    uploaded_by: str
    versions: list[VersionShape]


class ScanSummary(TypedDict):
    id: str
    patient: str
    reason: str | None
    sha256: str
    status: StatusEnum
    uploaded_at: str
    uploaded_by: str


class ScoreRequest(TypedDict):
    clamp_age: NotRequired[bool]
    engines: NotRequired[
        list[Literal["evidence", "cox", "xgboost", "lightgbm", "neural", "ensemble"]]
    ]
    evidence_set: NotRequired[Literal["frax-2008", "meta-2025"]]
    explain: NotRequired[bool]
    guideline: NotRequired[
        Literal[
            "aace-2020",
            "bhof-2022",
            "endocrine-society-2019",
            "esceo-2013",
            "iscd-2023",
            "nice-cg146",
            "nogg-2024",
            "osteoporosis-canada-2023",
            "uspstf-2018",
            "uspstf-2025",
            "who-1994",
            None,
        ]
    ]
    interval: NotRequired[bool]
    profile: NotRequired[Profile]
    profiles: NotRequired[list[Profile | None]]
    unknown_as_no: NotRequired[bool]
    verdicts: NotRequired[bool]


class ScoreResponse(TypedDict):
    results: list[ScoreResult]
    safety: str


class ScoreResult(TypedDict):
    estimates: list[EstimateShape]
    id: str | int | None
    refused: str | None


class SecretShape(TypedDict):
    created_at: str
    created_by: str
    disabled_at: str | None
    disabled_because: str
    events: list[str]
    failing_since: str | None
    id: str
    secret: str | None
    url: str


class SeriesShape(TypedDict):
    body_part: str
    description: str
    images: int | None
    is_readable: bool
    modality: str
    series_uid: str


SexEnum = Literal["female", "male"]


class ShareRequest(TypedDict):
    days: NotRequired[int]
    language: NotRequired[str]


class ShareShape(TypedDict):
    created_at: str
    created_by: str
    expires_at: str
    id: str
    language: str
    last_opened_at: str | None
    openings: int
    revoked_at: str | None
    state: StateEnum


class SharesShape(TypedDict):
    count: int
    next: str | None
    previous: str | None
    shares: list[ShareShape]


class SiteColumnShape(TypedDict):
    direction: str
    high: float
    label: str
    low: float
    name: str
    ucum: str
    yes_no: bool


class SiteValueShape(TypedDict):
    label: str
    name: str
    unit: str
    value: Any


StateEnum = Literal["open", "expired", "revoked"]


StatusEnum = Literal[
    "queued", "measuring", "mismatch", "measured", "refused", "unreadable", "failed"
]


class StudySeriesShape(TypedDict):
    day: str | None
    description: str
    images: int | None
    modalities: list[str]
    series: list[SeriesShape]
    study_uid: str


class TestMessage(TypedDict):
    message: str


class TrainingRunShape(TypedDict):
    asked_at: str
    asked_by: str
    cohort: str | None
    doing: str
    done_share: float
    ended_at: str | None
    engines: list[str]
    id: str
    kind: str
    model_id: str
    models: list[str]
    parent_id: str | None
    reason: str | None
    state: str


class TrainingRunsShape(TypedDict):
    count: int
    next: str | None
    previous: str | None
    runs: list[TrainingRunShape]


class TreatmentEndRequest(TypedDict):
    ended_on: str
    why_ended: WhyEndedEnum


class TreatmentRequest(TypedDict):
    agent: AgentEnum
    ended_on: NotRequired[str]
    started_on: str
    why_ended: NotRequired[WhyEndedEnum | BlankEnum]


class TreatmentShape(TypedDict):
    agent: str
    ended_on: str | None
    id: str
    recorded_at: str
    recorded_by: str
    started_on: str
    struck_out_at: str | None
    struck_out_by: NotRequired[str | None]
    why_ended: str


class TreatmentsShape(TypedDict):
    count: int
    next: str | None
    previous: str | None
    treatments: list[TreatmentShape]


VerdictEnum = Literal["larger", "within", "not judged"]


class VerdictShape(TypedDict):
    applies: bool | None
    asks_for: str
    at_least: str | None
    category: str | None
    guideline: str
    kind: str
    level: int | None
    means: str
    missing: list[str]
    missing_words: list[str]
    name: str
    notes: list[str]
    possible: list[str]
    remarks: list[FiredRuleShape]
    rules: list[FiredRuleShape]
    title: str
    version: str
    why_not: str
    within_interval: list[str]
    wording: str


class VersionShape(TypedDict):
    confirmed_at: str | None
    confirmed_by: str | None
    made_at: str
    made_by: str
    number: int
    origin: str
    software_version: str


class WaitShape(TypedDict):
    due_on: str | None
    kind: str
    note: str
    reason: str
    scan: str | None
    since: str
    title: str


class WebhookPage(TypedDict):
    count: int
    next: str | None
    previous: str | None
    webhooks: list[WebhookShape]


class WebhookRequest(TypedDict):
    events: list[EventsEnum]
    url: str


class WebhookShape(TypedDict):
    created_at: str
    created_by: str
    disabled_at: str | None
    disabled_because: str
    events: list[str]
    failing_since: str | None
    id: str
    url: str


WhyEndedEnum = Literal[
    "as_planned", "side_effects", "not_enough", "switched", "own_wish", "other", "not_known"
]


class WorklistEntry(TypedDict):
    assessment: str | None
    guideline: dict[str, Any] | None
    hip_10y: float | None
    major_osteoporotic_10y: float | None
    major_osteoporotic_10y_lower: float | None
    major_osteoporotic_10y_upper: float | None
    patient: ListedPatient
    waits_for: WaitShape | None


class WorklistPage(TypedDict):
    count: int
    counts: dict[str, int]
    is_complete: bool
    next: str | None
    previous: str | None
    results: list[WorklistEntry]
    safety: str


class Client(Caller):
    """Every call of /api/v1/."""

    def list_assessments(
        self,
        *,
        limit: int | None = None,
        offset: int | None = None,
        patient: str | None = None,
    ) -> AssessmentPage:
        """List assessments. Of your organisation, newest first, without their numbers."""
        answer: AssessmentPage = self._call(
            "GET",
            "/api/v1/assessments/",
            query={"limit": limit, "offset": offset, "patient": patient},
        )
        return answer

    def create_assessment(
        self,
        body: AssessmentRequest,
        *,
        idempotency_key: str | None = None,
    ) -> AssessmentShape:
        """Estimate, store and audit. Fields that the profile leaves out are taken from the scans,
        and age, sex, fractures and treatment from the patient's record; provenance says which.
        The evidence engine always answers, before the engines named; unknown_as_no is refused
        here: it is for comparison.
        """
        answer: AssessmentShape = self._call(
            "POST", "/api/v1/assessments/", headers={"Idempotency-Key": idempotency_key}, body=body
        )
        return answer

    def read_assessment(
        self,
        id: str,
        *,
        if_none_match: str | None = None,
    ) -> AssessmentShape | None:
        """Read one. As it was stored: what was known, what was answered, by which models. It never
        changes.
        """
        answer: AssessmentShape | None = self._call(
            "GET", f"/api/v1/assessments/{_part(id)}/", headers={"If-None-Match": if_none_match}
        )
        return answer

    def list_discussions(
        self,
        id: str,
        *,
        limit: int | None = None,
        offset: int | None = None,
    ) -> DiscussionsShape:
        """Discussions of an assessment. When the result was discussed with the patient, and what
        was decided.
        """
        answer: DiscussionsShape = self._call(
            "GET",
            f"/api/v1/assessments/{_part(id)}/discussions/",
            query={"limit": limit, "offset": offset},
        )
        return answer

    def record_discussion(
        self,
        id: str,
        body: DiscussionRequest,
        *,
        idempotency_key: str | None = None,
    ) -> DiscussionShape:
        """Record that a result was discussed with the patient. The patient then waits for nothing,
        or until the day of review.
        """
        answer: DiscussionShape = self._call(
            "POST",
            f"/api/v1/assessments/{_part(id)}/discussions/",
            headers={"Idempotency-Key": idempotency_key},
            body=body,
        )
        return answer

    def strike_out_discussion(
        self,
        id: str,
        discussion_id: str,
    ) -> DiscussionShape:
        """Strike out a discussion that was entered in error. It stays in the list, marked, and
        counts no more. The first time stays.
        """
        answer: DiscussionShape = self._call(
            "POST",
            f"/api/v1/assessments/{_part(id)}/discussions/{_part(discussion_id)}/strike-out/",
        )
        return answer

    def explain_assessment(
        self,
        id: str,
    ) -> AssessmentExplanation:
        """Why. The stored contributions behind each engine's probability. They go with it; they
        cause nothing.
        """
        answer: AssessmentExplanation = self._call(
            "GET", f"/api/v1/assessments/{_part(id)}/explanation/"
        )
        return answer

    def read_report(
        self,
        id: str,
        *,
        language: str | None = None,
        part: Literal["clinical", "patient"] | None = None,
    ) -> bytes:
        """Report as PDF. One clinical page, which names the patient, and the patient's two, which
        do not. PDF/UA-1: tagged, with text that can be searched and read out, each page in the
        language that it names. A draft translation says so on each of its pages.
        """
        answer: bytes = self._call(
            "GET",
            f"/api/v1/assessments/{_part(id)}/report.pdf",
            query={"language": language, "part": part},
        )
        return answer

    def reproduce_assessment(
        self,
        id: str,
    ) -> AssessmentReproduction:
        """Compute it again. Whether the stored numbers, intervals and reasons are what the stored
        inputs give now, what differs where they are not, and whether what is stored is what was
        stored then. Nothing is stored.
        """
        answer: AssessmentReproduction = self._call(
            "GET", f"/api/v1/assessments/{_part(id)}/reproduction/"
        )
        return answer

    def list_shares(
        self,
        id: str,
        *,
        limit: int | None = None,
        offset: int | None = None,
    ) -> SharesShape:
        """Links to the patient's page. Open, ended and revoked ones; the addresses themselves are
        kept nowhere.
        """
        answer: SharesShape = self._call(
            "GET",
            f"/api/v1/assessments/{_part(id)}/shares/",
            query={"limit": limit, "offset": offset},
        )
        return answer

    def create_share(
        self,
        id: str,
        body: ShareRequest,
        *,
        idempotency_key: str | None = None,
    ) -> MadeShape:
        """Make a link to the patient's page. Whoever holds the address reads the page, which names
        nobody.
        """
        answer: MadeShape = self._call(
            "POST",
            f"/api/v1/assessments/{_part(id)}/shares/",
            headers={"Idempotency-Key": idempotency_key},
            body=body,
        )
        return answer

    def revoke_shares(
        self,
        id: str,
    ) -> None:
        """Revoke every link. None of the links of this assessment opens anything any more."""
        self._call("DELETE", f"/api/v1/assessments/{_part(id)}/shares/")

    def revoke_share(
        self,
        id: str,
        link_id: str,
    ) -> None:
        """Revoke one link. This link opens nothing any more."""
        self._call("DELETE", f"/api/v1/assessments/{_part(id)}/shares/{_part(link_id)}/")

    def read_cds_feedback(
        self,
    ) -> FeedbackReportShape:
        """How many cards of each kind were shown, accepted and overridden, and why. Counts of
        cards and of what became of them; nothing in it is about a patient.
        """
        answer: FeedbackReportShape = self._call("GET", "/api/v1/cds-feedback/")
        return answer

    def list_expected_scans(
        self,
        *,
        limit: int | None = None,
        offset: int | None = None,
        patient: str | None = None,
        state: Literal["arrived", "cancelled", "missing", "to_come"] | None = None,
    ) -> ExpectedScanPage:
        """Examinations that were ordered. By their planned day."""
        answer: ExpectedScanPage = self._call(
            "GET",
            "/api/v1/expected-scans/",
            query={"limit": limit, "offset": offset, "patient": patient, "state": state},
        )
        return answer

    def expect_scan(
        self,
        body: ExpectedScanRequest,
    ) -> ExpectedScanShape:
        """Tell of an ordered examination. Its scan is known by the accession number when it
        arrives. Told again, it is the same one, moved or expected again.
        """
        answer: ExpectedScanShape = self._call("POST", "/api/v1/expected-scans/", body=body)
        return answer

    def read_expected_scan(
        self,
        id: str,
    ) -> ExpectedScanShape:
        """One ordered examination."""
        answer: ExpectedScanShape = self._call("GET", f"/api/v1/expected-scans/{_part(id)}/")
        return answer

    def cancel_expected_scan(
        self,
        id: str,
    ) -> ExpectedScanShape:
        """Expect a scan no longer."""
        answer: ExpectedScanShape = self._call(
            "POST", f"/api/v1/expected-scans/{_part(id)}/cancel/"
        )
        return answer

    def read_fetch(
        self,
        id: str,
    ) -> FetchShape:
        """How far a study is fetched."""
        answer: FetchShape = self._call("GET", f"/api/v1/fetches/{_part(id)}/")
        return answer

    def list_models(
        self,
    ) -> list[ModelShape]:
        """Models with their cards. What answers here, with what it was trained on and who approved
        it.
        """
        answer: list[ModelShape] = self._call("GET", "/api/v1/models/")
        return answer

    def record_outcomes(
        self,
        body: OutcomesRequest,
        *,
        idempotency_key: str | None = None,
    ) -> OutcomesRecorded:
        """Tell what became of patients. A row that cannot be used is refused in a sentence and
        stops no other; what was told before is not stored twice.
        """
        answer: OutcomesRecorded = self._call(
            "POST", "/api/v1/outcomes/", headers={"Idempotency-Key": idempotency_key}, body=body
        )
        return answer

    def list_patients(
        self,
        *,
        limit: int | None = None,
        offset: int | None = None,
        search: str | None = None,
    ) -> PatientPage:
        """List patients. Of your organisation, in the order in which they were registered."""
        answer: PatientPage = self._call(
            "GET", "/api/v1/patients/", query={"limit": limit, "offset": offset, "search": search}
        )
        return answer

    def register_patient(
        self,
        body: PatientRequest,
        *,
        idempotency_key: str | None = None,
    ) -> PatientShape:
        """Register a patient. A record number is registered once in an organisation. The id is
        ours to give.
        """
        answer: PatientShape = self._call(
            "POST", "/api/v1/patients/", headers={"Idempotency-Key": idempotency_key}, body=body
        )
        return answer

    def read_patient(
        self,
        id: str,
        *,
        if_none_match: str | None = None,
    ) -> PatientShape | None:
        """Read one patient. Who it is, with the ETag of this state."""
        answer: PatientShape | None = self._call(
            "GET", f"/api/v1/patients/{_part(id)}/", headers={"If-None-Match": if_none_match}
        )
        return answer

    def change_patient(
        self,
        id: str,
        body: PatchedPatientChange,
        *,
        if_match: str,
    ) -> PatientShape:
        """Correct name, day of birth or sex. What is left out stays. Stored assessments stay as
        they were; the record number is not changed. Audited.
        """
        answer: PatientShape = self._call(
            "PATCH", f"/api/v1/patients/{_part(id)}/", headers={"If-Match": if_match}, body=body
        )
        return answer

    def search_archive(
        self,
        id: str,
        *,
        archive: str | None = None,
        body_part: str | None = None,
        from_: str | None = None,
        modality: Literal["BMD", "CR", "CT", "DX", "MR", "OT", "SC", "SR"] | None = None,
        page: int | None = None,
        to: str | None = None,
    ) -> FoundShape:
        """Find a patient’s scans in the archive. The archive is asked for the record number while
        you wait. Audited.
        """
        answer: FoundShape = self._call(
            "GET",
            f"/api/v1/patients/{_part(id)}/archive/",
            query={
                "archive": archive,
                "body_part": body_part,
                "from": from_,
                "modality": modality,
                "page": page,
                "to": to,
            },
        )
        return answer

    def fetch_from_archive(
        self,
        id: str,
        body: FetchRequest,
    ) -> FetchShape:
        """Fetch a study from the archive. It is fetched in the background, over a restart too: ask
        at Location. Each series of slices and each picture becomes a scan. Asked for again
        while it is on its way, it is the same fetch; once it has ended, only what is not here
        is fetched. Audited.
        """
        answer: FetchShape = self._call(
            "POST", f"/api/v1/patients/{_part(id)}/archive/fetch/", body=body
        )
        return answer

    def read_archived_study(
        self,
        id: str,
        study_uid: str,
        *,
        archive: str | None = None,
    ) -> StudySeriesShape:
        """The series of one study in the archive."""
        answer: StudySeriesShape = self._call(
            "GET",
            f"/api/v1/patients/{_part(id)}/archive/studies/{_part(study_uid)}/",
            query={"archive": archive},
        )
        return answer

    def read_changes(
        self,
        id: str,
    ) -> ChangesShape:
        """Changes between visits. Every two scans of the same kind whose regions a person has
        confirmed, newest first: each number beside what repeating a scan alone changes, or why
        it is not compared.
        """
        answer: ChangesShape = self._call("GET", f"/api/v1/patients/{_part(id)}/changes/")
        return answer

    def open_restricted_record(
        self,
        id: str,
        body: ReasonRequest,
        *,
        idempotency_key: str | None = None,
    ) -> EmergencyAccessShape:
        """Open a restricted record for a stated reason. Where another call answers 403 with the
        problem type restricted-record. The record then opens to this account for four hours, at
        every door; the reason is audited and reviewed by an administrator or auditor. A record
        that is open to the account anyway answers 404.
        """
        answer: EmergencyAccessShape = self._call(
            "POST",
            f"/api/v1/patients/{_part(id)}/emergency-access/",
            headers={"Idempotency-Key": idempotency_key},
            body=body,
        )
        return answer

    def list_fractures(
        self,
        id: str,
        *,
        limit: int | None = None,
        offset: int | None = None,
    ) -> FracturesShape:
        """Fractures of a patient. Newest entry last; what was struck out stays in the list."""
        answer: FracturesShape = self._call(
            "GET",
            f"/api/v1/patients/{_part(id)}/fractures/",
            query={"limit": limit, "offset": offset},
        )
        return answer

    def record_fracture(
        self,
        id: str,
        body: FractureRequest,
        *,
        idempotency_key: str | None = None,
    ) -> FractureShape:
        """Record a fracture. Assessments of the patient are filled in from it, where nothing is
        sent: provenance says record. An entry is never changed or deleted: strike out what was
        entered in error.
        """
        answer: FractureShape = self._call(
            "POST",
            f"/api/v1/patients/{_part(id)}/fractures/",
            headers={"Idempotency-Key": idempotency_key},
            body=body,
        )
        return answer

    def strike_out_fracture(
        self,
        id: str,
        fracture_id: str,
    ) -> FractureShape:
        """Strike out a fracture that was entered in error. It stays in the list, marked, and
        counts no more. The first time stays.
        """
        answer: FractureShape = self._call(
            "POST", f"/api/v1/patients/{_part(id)}/fractures/{_part(fracture_id)}/strike-out/"
        )
        return answer

    def list_treatments(
        self,
        id: str,
        *,
        limit: int | None = None,
        offset: int | None = None,
    ) -> TreatmentsShape:
        """Treatments of a patient. Newest entry last; what was struck out stays in the list."""
        answer: TreatmentsShape = self._call(
            "GET",
            f"/api/v1/patients/{_part(id)}/treatments/",
            query={"limit": limit, "offset": offset},
        )
        return answer

    def record_treatment(
        self,
        id: str,
        body: TreatmentRequest,
        *,
        idempotency_key: str | None = None,
    ) -> TreatmentShape:
        """Record a treatment. Assessments of the patient are filled in from it, where nothing is
        sent: provenance says record. An entry is never changed or deleted: strike out what was
        entered in error.
        """
        answer: TreatmentShape = self._call(
            "POST",
            f"/api/v1/patients/{_part(id)}/treatments/",
            headers={"Idempotency-Key": idempotency_key},
            body=body,
        )
        return answer

    def end_treatment(
        self,
        id: str,
        treatment_id: str,
        body: TreatmentEndRequest,
        *,
        idempotency_key: str | None = None,
    ) -> TreatmentShape:
        """Record the end of a treatment. A course that is taken now ends; its entry stays."""
        answer: TreatmentShape = self._call(
            "POST",
            f"/api/v1/patients/{_part(id)}/treatments/{_part(treatment_id)}/end/",
            headers={"Idempotency-Key": idempotency_key},
            body=body,
        )
        return answer

    def strike_out_treatment(
        self,
        id: str,
        treatment_id: str,
    ) -> TreatmentShape:
        """Strike out a treatment that was entered in error. It stays in the list, marked, and
        counts no more. The first time stays.
        """
        answer: TreatmentShape = self._call(
            "POST", f"/api/v1/patients/{_part(id)}/treatments/{_part(treatment_id)}/strike-out/"
        )
        return answer

    def list_populations(
        self,
    ) -> list[PopulationShape]:
        """Populations with their sources. Whom can be answered for, by which published numbers,
        and what was borrowed.
        """
        answer: list[PopulationShape] = self._call("GET", "/api/v1/populations/")
        return answer

    def list_precisions(
        self,
        *,
        limit: int | None = None,
        offset: int | None = None,
    ) -> PrecisionPage:
        """Precision studies of the site. Of your organisation, each region on each scanner."""
        answer: PrecisionPage = self._call(
            "GET", "/api/v1/precisions/", query={"limit": limit, "offset": offset}
        )
        return answer

    def record_precision(
        self,
        body: PrecisionRequest,
        *,
        idempotency_key: str | None = None,
    ) -> PrecisionsShape:
        """Record a precision study. 15 people three times or 30 twice (ISCD), for each region.
        Changes on this scanner are judged by it from then on.
        """
        answer: PrecisionsShape = self._call(
            "POST", "/api/v1/precisions/", headers={"Idempotency-Key": idempotency_key}, body=body
        )
        return answer

    def read_recall_list(
        self,
        *,
        due_for: Literal["", "assessment", "fracture", "scan", "treatment"] | None = None,
        limit: int | None = None,
        offset: int | None = None,
        search: str | None = None,
        within: Literal["3-months", "4-weeks", "all", "overdue"] | None = None,
    ) -> RecallPage:
        """Who is due for a scan, an assessment or a review. Each entry names the rule behind it,
        with its source.
        """
        answer: RecallPage = self._call(
            "GET",
            "/api/v1/recall/",
            query={
                "due_for": due_for,
                "limit": limit,
                "offset": offset,
                "search": search,
                "within": within,
            },
        )
        return answer

    def list_scans(
        self,
        *,
        limit: int | None = None,
        offset: int | None = None,
        patient: str | None = None,
        status: Literal[
            "failed", "measured", "measuring", "mismatch", "queued", "refused", "unreadable"
        ]
        | None = None,
    ) -> ScanPage:
        """List scans. Of your organisation, newest first, without their measurements."""
        answer: ScanPage = self._call(
            "GET",
            "/api/v1/scans/",
            query={"limit": limit, "offset": offset, "patient": patient, "status": status},
        )
        return answer

    def upload_scan(
        self,
        patient: str,
        files: Iterable[bytes],
        *,
        idempotency_key: str | None = None,
    ) -> ScanAccepted:
        """Upload one scan. All files of one scan, or one zip archive of them: DICOM, NIfTI (CT),
        PNG, JPEG, TIFF or PDF. It is measured in the background: ask at the status URL. What of
        it is measured: bone is measured on DXA images and densitometers’ reports, on CT and
        sagittal T1 MRI of the spine, and on radiographs of the spine from the side, the femur
        and the hand.
        """
        answer: ScanAccepted = self._call(
            "POST",
            "/api/v1/scans/",
            headers={"Idempotency-Key": idempotency_key},
            body={"patient": patient},
            files=[("files", one) for one in files],
        )
        return answer

    def read_scan(
        self,
        id: str,
        *,
        if_none_match: str | None = None,
    ) -> ScanShape | None:
        """Status and measurement. Ask here after an upload, every second or so, until status is
        none of queued and measuring.
        """
        answer: ScanShape | None = self._call(
            "GET", f"/api/v1/scans/{_part(id)}/", headers={"If-None-Match": if_none_match}
        )
        return answer

    def measure_scan_again(
        self,
        id: str,
        *,
        idempotency_key: str | None = None,
    ) -> ScanAccepted:
        """Measure again. Places the regions anew, for instance after measuring failed."""
        answer: ScanAccepted = self._call(
            "POST",
            f"/api/v1/scans/{_part(id)}/again/",
            headers={"Idempotency-Key": idempotency_key},
        )
        return answer

    def list_scan_files(
        self,
        id: str,
    ) -> FilesShape:
        """What can be taken of a scan. Files about the newest version: pictures, tables, a page,
        and DICOM objects for the archive.
        """
        answer: FilesShape = self._call("GET", f"/api/v1/scans/{_part(id)}/files/")
        return answer

    def read_scan_file(
        self,
        id: str,
        name: str,
        *,
        version: int | None = None,
    ) -> bytes | dict[str, Any]:
        """One file about a scan. DICOM objects repeat patient and study of the images and are
        meant for the archive that sent them; no other file names the patient.
        """
        answer: bytes | dict[str, Any] = self._call(
            "GET", f"/api/v1/scans/{_part(id)}/files/{_part(name)}", query={"version": version}
        )
        return answer

    def confirm_identity(
        self,
        id: str,
        *,
        idempotency_key: str | None = None,
    ) -> ScanAccepted:
        """Confirm whose scan it is. For a scan of status `mismatch`, whose files name another
        person than the patient it was uploaded for. It is measured then, unless it was before.
        """
        answer: ScanAccepted = self._call(
            "POST",
            f"/api/v1/scans/{_part(id)}/identity/",
            headers={"Idempotency-Key": idempotency_key},
        )
        return answer

    def read_scan_picture(
        self,
        id: str,
        name: str,
        *,
        version: int | None = None,
    ) -> bytes:
        """A picture of the scan. As PNG, without what was printed at its edge."""
        answer: bytes = self._call(
            "GET", f"/api/v1/scans/{_part(id)}/pictures/{_part(name)}", query={"version": version}
        )
        return answer

    def correct_regions(
        self,
        id: str,
        body: RegionsRequest,
        *,
        idempotency_key: str | None = None,
    ) -> ScanAccepted:
        """Correct the regions. The scan is measured again with these regions; both versions are
        kept.
        """
        answer: ScanAccepted = self._call(
            "POST",
            f"/api/v1/scans/{_part(id)}/regions/",
            headers={"Idempotency-Key": idempotency_key},
            body=body,
        )
        return answer

    def confirm_version(
        self,
        id: str,
        number: int,
        *,
        idempotency_key: str | None = None,
        side_checked: bool | None = None,
    ) -> VersionShape:
        """Confirm a version for use. Records that a person looked at the regions of the newest
        version and stands by them.
        """
        answer: VersionShape = self._call(
            "POST",
            f"/api/v1/scans/{_part(id)}/versions/{_part(number)}/confirmation/",
            query={"side_checked": side_checked},
            headers={"Idempotency-Key": idempotency_key},
        )
        return answer

    def score(
        self,
        body: ScoreRequest,
    ) -> ScoreResponse:
        """Estimate 10-year fracture probabilities. A profile that cannot be estimated is refused
        in its own result, with a sentence, and never stops the others.
        """
        answer: ScoreResponse = self._call("POST", "/api/v1/scores/", body=body)
        return answer

    def list_trainings(
        self,
        *,
        limit: int | None = None,
        offset: int | None = None,
    ) -> TrainingRunsShape:
        """Training runs, newest first. Of your organisation, for statisticians."""
        answer: TrainingRunsShape = self._call(
            "GET", "/api/v1/trainings/", query={"limit": limit, "offset": offset}
        )
        return answer

    def read_training(
        self,
        id: str,
    ) -> TrainingRunShape:
        """One training run. What was asked, how far it is, and what it made."""
        answer: TrainingRunShape = self._call("GET", f"/api/v1/trainings/{_part(id)}/")
        return answer

    def list_webhooks(
        self,
        *,
        limit: int | None = None,
        offset: int | None = None,
    ) -> WebhookPage:
        """List webhooks. Of your organisation, oldest first, without their secrets."""
        answer: WebhookPage = self._call(
            "GET", "/api/v1/webhooks/", query={"limit": limit, "offset": offset}
        )
        return answer

    def create_webhook(
        self,
        body: WebhookRequest,
        *,
        idempotency_key: str | None = None,
    ) -> SecretShape:
        """Be told what happens. Each message is a POST of identifiers, signed as Standard Webhooks
        has it, and sent again until your program answers 2xx.
        """
        answer: SecretShape = self._call(
            "POST", "/api/v1/webhooks/", headers={"Idempotency-Key": idempotency_key}, body=body
        )
        return answer

    def read_webhook(
        self,
        id: str,
    ) -> WebhookShape:
        """One webhook. Whether it is taken, since when not, and why it was disabled."""
        answer: WebhookShape = self._call("GET", f"/api/v1/webhooks/{_part(id)}/")
        return answer

    def delete_webhook(
        self,
        id: str,
    ) -> None:
        """Delete a webhook. Nothing is sent there any more, also of what waits."""
        self._call("DELETE", f"/api/v1/webhooks/{_part(id)}/")

    def enable_webhook(
        self,
        id: str,
    ) -> WebhookShape:
        """Enable a webhook again. What happened while it was disabled is not sent."""
        answer: WebhookShape = self._call("POST", f"/api/v1/webhooks/{_part(id)}/enable/")
        return answer

    def renew_webhook_secret(
        self,
        id: str,
        *,
        idempotency_key: str | None = None,
    ) -> SecretShape:
        """Renew the secret. For a day messages carry two signatures, by the new secret and the old
        one.
        """
        answer: SecretShape = self._call(
            "POST",
            f"/api/v1/webhooks/{_part(id)}/secret/",
            headers={"Idempotency-Key": idempotency_key},
        )
        return answer

    def test_webhook(
        self,
        id: str,
        *,
        idempotency_key: str | None = None,
    ) -> TestMessage:
        """Send a test message. Of type webhook.test, signed and sent like any other."""
        answer: TestMessage = self._call(
            "POST",
            f"/api/v1/webhooks/{_part(id)}/test/",
            headers={"Idempotency-Key": idempotency_key},
        )
        return answer

    def read_worklist(
        self,
        *,
        limit: int | None = None,
        offset: int | None = None,
        order: Literal["highest", "latest", "longest"] | None = None,
        search: str | None = None,
        waits: Literal[
            "",
            "assess",
            "ct",
            "discuss",
            "everyone",
            "follow_up",
            "fracture",
            "inputs",
            "measuring",
            "scan",
        ]
        | None = None,
    ) -> WorklistPage:
        """Who waits for what. The rows of the page Worklist: for each patient the most urgent
        thing.
        """
        answer: WorklistPage = self._call(
            "GET",
            "/api/v1/worklist/",
            query={
                "limit": limit,
                "offset": offset,
                "order": order,
                "search": search,
                "waits": waits,
            },
        )
        return answer
