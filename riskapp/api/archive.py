"""A patient's scans in the organisation's archive: what there is, and fetching it."""

from datetime import date
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_date
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from riskapp.actions import fetching, finding
from riskapp.actions.archives import LAST_PAGE, MODALITIES, Asked, KnownStudy, look_into, search
from riskapp.actions.errors import Refused
from riskapp.api.asking import whole
from riskapp.api.shapes import ProblemShape
from riskapp.api.strict import Strict
from riskapp.exchange.archive.answers import FoundSeries, FoundStudy
from riskapp.models import Fetch

CODE_LETTERS = 16  # of a code string, PS3.5 table 6.2-1
ARCHIVE = OpenApiParameter(
    "archive",
    {"type": "string", "maxLength": 200},
    description="Name of the archive; may be left out where the organisation has one.",
)
LOOKED_FOR = [
    ARCHIVE,
    OpenApiParameter(
        "from", {"type": "string", "format": "date"}, description="First day of the studies."
    ),
    OpenApiParameter(
        "to", {"type": "string", "format": "date"}, description="Last day of the studies."
    ),
    OpenApiParameter("modality", str, enum=MODALITIES, description="Any unless given."),
    OpenApiParameter(
        "body_part",
        {"type": "string", "maxLength": CODE_LETTERS},
        description="As DICOM writes it, such as LSPINE. What does not say its part is listed too.",
    ),
    OpenApiParameter("page", {"type": "integer", "minimum": 1, "maximum": LAST_PAGE, "default": 1}),
]


class StudyShape(serializers.Serializer):
    study_uid = serializers.CharField()
    day = serializers.DateField(allow_null=True, help_text="Null where the archive tells none.")
    modalities = serializers.ListField(child=serializers.CharField())
    description = serializers.CharField(allow_blank=True)
    images = serializers.IntegerField(allow_null=True)


class KnownStudyShape(StudyShape):
    scans = serializers.ListField(
        child=serializers.UUIDField(), help_text="Scans of this patient that came of the study."
    )
    fetch = serializers.UUIDField(allow_null=True, help_text="When it was asked for last.")


class FoundShape(serializers.Serializer):
    archive = serializers.CharField()
    page = serializers.IntegerField()
    has_more = serializers.BooleanField()
    studies = KnownStudyShape(many=True)


class SeriesShape(serializers.Serializer):
    series_uid = serializers.CharField()
    modality = serializers.CharField(allow_blank=True)
    body_part = serializers.CharField(allow_blank=True)
    description = serializers.CharField(allow_blank=True)
    images = serializers.IntegerField(allow_null=True)
    is_readable = serializers.BooleanField(help_text="Whether it can be measured or read here.")


class StudySeriesShape(StudyShape):
    series = SeriesShape(many=True)


class FetchRequest(Strict):
    archive = serializers.CharField(
        max_length=200, default="", allow_blank=True, help_text="Blank where there is only one."
    )
    study_uid = serializers.CharField(max_length=64)
    series = serializers.ListField(
        child=serializers.CharField(max_length=64),
        max_length=fetching.MOST_SERIES,
        required=False,
        default=list,
        help_text="Series to fetch; all that can be read unless given.",
    )


class FetchShape(serializers.Serializer):
    id = serializers.UUIDField()
    patient = serializers.UUIDField()
    archive = serializers.CharField()
    study_uid = serializers.CharField()
    state = serializers.ChoiceField(choices=["waiting", "fetching", "done", "failed"])
    images_done = serializers.IntegerField()
    images_expected = serializers.IntegerField(allow_null=True)
    scans = serializers.ListField(child=serializers.UUIDField())
    reason = serializers.CharField(
        allow_blank=True, help_text="Why it ended so, or why the last try was of no use."
    )
    asked_at = serializers.DateTimeField()


class PatientArchive(APIView):
    @extend_schema(
        operation_id="search_archive",
        parameters=LOOKED_FOR,
        responses={200: FoundShape, 400: ProblemShape, 404: ProblemShape, 502: ProblemShape},
        summary="Find a patient’s scans in the archive",
        description="The archive is asked for the record number while you wait. Audited.",
    )
    def get(self, request: Request, id: UUID) -> Response:
        patient = finding.patient(by=request.user, id=id)
        told = request.query_params
        asked = Asked(
            first_day=_day(request, "from"),
            last_day=_day(request, "to"),
            modality=told.get("modality", ""),
            body_part=_body_part(request),
            page=whole(request, "page", 1, 1, LAST_PAGE),
        )
        archive = told.get("archive", "")
        found = search(by=request.user, patient=patient, archive=archive, asked=asked)
        return Response(
            {
                "archive": found.archive,
                "page": asked.page,
                "has_more": found.has_more,
                "studies": [_known(one) for one in found.studies],
            }
        )


class PatientArchiveStudy(APIView):
    @extend_schema(
        operation_id="read_archived_study",
        parameters=[ARCHIVE],
        responses={200: StudySeriesShape, 400: ProblemShape, 404: ProblemShape, 502: ProblemShape},
        summary="The series of one study in the archive",
    )
    def get(self, request: Request, id: UUID, study_uid: str) -> Response:
        patient = finding.patient(by=request.user, id=id)
        archive = request.query_params.get("archive", "")
        study, series = look_into(
            by=request.user, patient=patient, archive=archive, study_uid=study_uid
        )
        return Response(_study(study) | {"series": [_series(one) for one in series]})


class PatientArchiveFetch(APIView):
    @extend_schema(
        operation_id="fetch_from_archive",
        request=FetchRequest,
        responses={202: FetchShape, 400: ProblemShape, 404: ProblemShape, 502: ProblemShape},
        summary="Fetch a study from the archive",
        description="It is fetched in the background, over a restart too: ask at Location. Each "
        "series of slices and each picture becomes a scan. Asked for again while it is on its way, "
        "it is the same fetch; once it has ended, only what is not here is fetched. Audited.",
    )
    def post(self, request: Request, id: UUID) -> Response:
        patient = finding.patient(by=request.user, id=id)
        reader = FetchRequest(data=request.data)
        reader.is_valid(raise_exception=True)
        promised = fetching.ask_for(by=request.user, patient=patient, **reader.validated_data)
        where = reverse("api_fetch", args=[promised.id])
        return Response(_fetch(promised), status=202, headers={"Location": where})


class OneFetch(APIView):
    @extend_schema(
        operation_id="read_fetch",
        responses={200: FetchShape, 404: ProblemShape},
        summary="How far a study is fetched",
    )
    def get(self, request: Request, id: UUID) -> Response:
        return Response(_fetch(fetching.fetch(by=request.user, id=id)))


def _day(request: Request, name: str) -> date | None:
    told = request.query_params.get(name)
    if told is None:
        return None
    try:
        day = parse_date(told)
    except ValueError:  # written as a day, and there is none such
        day = None
    if day is None:
        raise Refused({name: f"{name} is a day such as 2026-01-31."})
    return day


def _body_part(request: Request) -> str:
    told = request.query_params.get("body_part", "")
    if len(told) > CODE_LETTERS:
        raise Refused({"body_part": f"body_part has at most {CODE_LETTERS} letters."})
    return told


def _study(study: FoundStudy) -> dict[str, Any]:
    return {
        "study_uid": study.study_uid,
        "day": study.day,
        "modalities": study.modalities,
        "description": study.description,
        "images": study.images,
    }


def _known(one: KnownStudy) -> dict[str, Any]:
    scans = [scan.id for scan in one.scans]
    return _study(one.study) | {"scans": scans, "fetch": one.fetch.id if one.fetch else None}


def _series(one: FoundSeries) -> dict[str, Any]:
    return {
        "series_uid": one.series_uid,
        "modality": one.modality,
        "body_part": one.body_part,
        "description": one.description,
        "images": one.images,
        "is_readable": one.is_readable,
    }


def _fetch(one: Fetch) -> dict[str, Any]:
    return {
        "id": one.id,
        "patient": one.patient_id,
        "archive": one.archive,
        "study_uid": one.study_uid,
        "state": one.state,
        "images_done": one.images_done,
        "images_expected": one.images_expected,
        "scans": [scan.id for scan in one.scans.all()],
        "reason": one.reason or one.problem,
        "asked_at": one.asked_at,
    }
