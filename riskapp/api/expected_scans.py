"""Examinations that were ordered: told by a program of the site, and which have not arrived."""

from typing import Any
from uuid import UUID

from django.db.models import Q
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from riskapp.actions import expecting, finding, listing
from riskapp.actions.errors import Refused
from riskapp.actions.expecting import Order, cancel, expect
from riskapp.api.pages import OF_PATIENT, PAGING, PageShape, one_page, patient_asked_for
from riskapp.api.shapes import ProblemShape
from riskapp.api.strict import Strict
from riskapp.exchange.receiving import EXPECTED_STATES, RECEIVING
from riskapp.models import ExpectedScan

STATE = OpenApiParameter(
    "state",
    str,
    enum=EXPECTED_STATES,
    description="Those in this state only; `missing` are to come and were planned more than "
    f"{RECEIVING.expected_days} days ago.",
)


class ExpectedScanRequest(Strict):
    patient = serializers.UUIDField()
    accession_number = serializers.CharField(max_length=expecting.NUMBER_LETTERS)
    planned_on = serializers.DateField()
    procedure = serializers.CharField(max_length=expecting.PROCEDURE_LETTERS, required=False)
    modality = serializers.CharField(
        max_length=expecting.MODALITY_LETTERS, required=False, help_text="As DICOM codes it: CT."
    )


class ExpectedScanShape(serializers.Serializer):
    id = serializers.UUIDField()
    patient = serializers.UUIDField()
    accession_number = serializers.CharField()
    planned_on = serializers.DateField()
    procedure = serializers.CharField()
    modality = serializers.CharField()
    state = serializers.ChoiceField(choices=EXPECTED_STATES)
    source = serializers.CharField(help_text="Who told of it; blank where a program of yours did.")
    told_at = serializers.DateTimeField()
    arrived_at = serializers.DateTimeField(allow_null=True)
    cancelled_at = serializers.DateTimeField(allow_null=True)


class ExpectedScanPage(PageShape):
    results = ExpectedScanShape(many=True)


class ExpectedScans(APIView):
    @extend_schema(
        operation_id="list_expected_scans",
        parameters=[*PAGING, OF_PATIENT, STATE],
        responses={200: ExpectedScanPage, 400: ProblemShape, 404: ProblemShape},
        summary="Examinations that were ordered",
        description="By their planned day.",
    )
    def get(self, request: Request) -> Response:
        state = request.query_params.get("state")
        if state not in (None, *EXPECTED_STATES):
            raise Refused({"state": f"state is one of {', '.join(EXPECTED_STATES)}."})
        found = listing.expected_scans(
            by=request.user,
            patient=patient_asked_for(request),
            those=Q() if state is None else expecting.in_state(state),
        )
        pages, rows = one_page(request, found)
        return pages.answered(map(_json, rows))

    @extend_schema(
        operation_id="expect_scan",
        request=ExpectedScanRequest,
        responses={201: ExpectedScanShape, 400: ProblemShape, 404: ProblemShape},
        summary="Tell of an ordered examination",
        description="Its scan is known by the accession number when it arrives. Told again, it is "
        "the same one, moved or expected again.",
    )
    def post(self, request: Request) -> Response:
        reader = ExpectedScanRequest(data=request.data)
        reader.is_valid(raise_exception=True)
        told = dict(reader.validated_data)
        patient = finding.patient(by=request.user, id=told.pop("patient"))
        expected = expect(by=request.user, patient=patient, order=Order(**told))
        where = reverse("api_expected_scan", args=[expected.id])
        return Response(
            _json(expected),
            status=201,
            headers={"Location": where},
        )


class OneExpectedScan(APIView):
    @extend_schema(
        operation_id="read_expected_scan",
        responses={200: ExpectedScanShape, 404: ProblemShape},
        summary="One ordered examination",
    )
    def get(self, request: Request, id: UUID) -> Response:
        expected = expecting.expected_scan(by=request.user, id=id)
        return Response(_json(expected))


class ExpectedScanCancel(APIView):
    @extend_schema(
        operation_id="cancel_expected_scan",
        request=None,
        responses={200: ExpectedScanShape, 400: ProblemShape, 404: ProblemShape},
        summary="Expect a scan no longer",
    )
    def post(self, request: Request, id: UUID) -> Response:
        return Response(_json(cancel(by=request.user, id=id)))


def _json(expected: ExpectedScan) -> dict[str, Any]:
    return {
        "id": expected.id,
        "patient": expected.patient_id,
        "accession_number": expected.accession_number,
        "planned_on": expected.planned_on,
        "procedure": expected.procedure,
        "modality": expected.modality,
        "state": expecting.state_of(expected),
        "source": expected.source,
        "told_at": expected.told_at,
        "arrived_at": expected.arrived_at,
        "cancelled_at": expected.cancelled_at,
    }
