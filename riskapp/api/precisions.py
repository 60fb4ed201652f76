"""A site's own precision studies."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from imaging.densitometry.precision_study import PrecisionStudy
from riskapp.actions import finding
from riskapp.actions.recording_precision import MOST_ROWS, record_precision
from riskapp.api.keyed import done_once
from riskapp.api.pages import PAGING, PageShape, one_page
from riskapp.api.shapes import ProblemShape
from riskapp.api.strict import Strict
from riskapp.models import SitePrecision


class RepeatedValue(Strict):
    person = serializers.CharField(max_length=64, help_text="Any label; it is not stored.")
    region = serializers.CharField(max_length=40, help_text="Such as L1-L4 or total_hip.")
    value = serializers.FloatField(help_text="Areal BMD, g/cm2.")


class PrecisionRequest(Strict):
    manufacturer = serializers.CharField(max_length=40, help_text="hologic, ge_lunar, norland ...")
    model = serializers.CharField(max_length=64, required=False, help_text="Any unless given.")
    serial = serializers.CharField(max_length=64, required=False, help_text="Any unless given.")
    studied_on = serializers.DateField(required=False)
    measurements = RepeatedValue(many=True, allow_empty=False, max_length=MOST_ROWS)


class PrecisionShape(serializers.Serializer):
    manufacturer = serializers.CharField()
    model = serializers.CharField()
    serial = serializers.CharField()
    region = serializers.CharField()
    studied_on = serializers.DateField()
    people = serializers.IntegerField()
    degrees_of_freedom = serializers.IntegerField()
    precision_error_g_cm2 = serializers.FloatField(help_text="Root mean square SD.")
    precision_error_upper_95_g_cm2 = serializers.FloatField()
    coefficient_of_variation = serializers.FloatField()
    least_significant_change_g_cm2 = serializers.FloatField()
    least_significant_change_upper_95_g_cm2 = serializers.FloatField()


class PrecisionsShape(serializers.Serializer):
    precisions = PrecisionShape(many=True)


class PrecisionPage(PageShape, PrecisionsShape):
    """The newest studies first."""


class Precisions(APIView):
    @extend_schema(
        operation_id="list_precisions",
        parameters=PAGING,
        responses={200: PrecisionPage, 400: ProblemShape},
        summary="Precision studies of the site",
        description="Of your organisation, each region on each scanner.",
    )
    def get(self, request: Request) -> Response:
        organisation = finding.organisation_of(request.user)
        pages, rows = one_page(request, SitePrecision.objects.filter(organisation=organisation))
        return pages.answered(map(_json, rows), under="precisions")

    @done_once()
    @extend_schema(
        operation_id="record_precision",
        request=PrecisionRequest,
        responses={201: PrecisionsShape, 400: ProblemShape},
        summary="Record a precision study",
        description="15 people three times or 30 twice (ISCD), for each region. Changes on this "
        "scanner are judged by it from then on.",
    )
    def post(self, request: Request) -> Response:
        reader = PrecisionRequest(data=request.data)
        reader.is_valid(raise_exception=True)
        given = dict(reader.validated_data)
        rows = [(one["person"], one["region"], one["value"]) for one in given.pop("measurements")]
        stored = record_precision(by=request.user, rows=rows, **given)
        return Response({"precisions": [_json(row) for row in stored]}, status=201)


def _json(row: SitePrecision) -> dict[str, Any]:
    study = PrecisionStudy(row.people, row.degrees, row.sd, row.mean)
    return {
        "manufacturer": row.manufacturer,
        "model": row.model,
        "serial": row.serial,
        "region": row.region,
        "studied_on": row.studied_on,
        "people": row.people,
        "degrees_of_freedom": row.degrees,
        "precision_error_g_cm2": study.sd,
        "precision_error_upper_95_g_cm2": study.upper_sd,
        "coefficient_of_variation": study.cv,
        "least_significant_change_g_cm2": study.least_significant,
        "least_significant_change_upper_95_g_cm2": study.upper_least_significant,
    }
