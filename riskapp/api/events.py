"""What happened to a patient: fractures, treatments, and results that were discussed."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from riskapp.actions import finding
from riskapp.actions.discussing import record_discussion
from riskapp.actions.recording_events import end_treatment, record_fracture, record_treatment
from riskapp.actions.striking_out import strike_out
from riskapp.api.event_shapes import (
    DiscussionRequest,
    DiscussionShape,
    DiscussionsShape,
    FractureRequest,
    FractureShape,
    FracturesShape,
    TreatmentEndRequest,
    TreatmentRequest,
    TreatmentShape,
    TreatmentsShape,
)
from riskapp.api.keyed import done_once
from riskapp.api.pages import PAGING, one_page
from riskapp.api.shapes import ProblemShape

REFUSALS = {400: ProblemShape, 404: ProblemShape, 422: ProblemShape}
FILLS_IN = (
    "Assessments of the patient are filled in from it, where nothing is sent: provenance says "
    "record. An entry is never changed or deleted: strike out what was entered in error."
)


STRUCK_OUT = "It stays in the list, marked, and counts no more. The first time stays."


class Fractures(APIView):
    @extend_schema(
        operation_id="list_fractures",
        parameters=PAGING,
        responses={200: FracturesShape, 400: ProblemShape, 404: ProblemShape},
        summary="Fractures of a patient",
        description="Newest entry last; what was struck out stays in the list.",
    )
    def get(self, request: Request, id: UUID) -> Response:
        fractures = finding.patient(by=request.user, id=id).fractures
        shown = fractures.select_related("recorded_by", "struck_out_by")
        pages, rows = one_page(request, shown)
        return pages.answered(FractureShape(rows, many=True).data, under="fractures")

    @done_once()
    @extend_schema(
        operation_id="record_fracture",
        request=FractureRequest,
        responses={201: FractureShape} | REFUSALS,
        summary="Record a fracture",
        description=FILLS_IN,
    )
    def post(self, request: Request, id: UUID) -> Response:
        patient = finding.patient(by=request.user, id=id)
        asked = _read(FractureRequest(data=request.data))
        made = record_fracture(by=request.user, patient=patient, **asked)
        return Response(FractureShape(made).data, status=201)


class FractureStrikeOut(APIView):
    @extend_schema(
        operation_id="strike_out_fracture",
        request=None,
        responses={200: FractureShape, 404: ProblemShape},
        summary="Strike out a fracture that was entered in error",
        description=STRUCK_OUT,
    )
    def post(self, request: Request, id: UUID, fracture_id: UUID) -> Response:
        fracture = finding.fracture(by=request.user, patient_id=id, id=fracture_id)
        return Response(FractureShape(strike_out(by=request.user, entry=fracture)).data)


class Treatments(APIView):
    @extend_schema(
        operation_id="list_treatments",
        parameters=PAGING,
        responses={200: TreatmentsShape, 400: ProblemShape, 404: ProblemShape},
        summary="Treatments of a patient",
        description="Newest entry last; what was struck out stays in the list.",
    )
    def get(self, request: Request, id: UUID) -> Response:
        treatments = finding.patient(by=request.user, id=id).treatments
        shown = treatments.select_related("recorded_by", "struck_out_by")
        pages, rows = one_page(request, shown)
        return pages.answered(TreatmentShape(rows, many=True).data, under="treatments")

    @done_once()
    @extend_schema(
        operation_id="record_treatment",
        request=TreatmentRequest,
        responses={201: TreatmentShape} | REFUSALS,
        summary="Record a treatment",
        description=FILLS_IN,
    )
    def post(self, request: Request, id: UUID) -> Response:
        patient = finding.patient(by=request.user, id=id)
        asked = _read(TreatmentRequest(data=request.data))
        made = record_treatment(by=request.user, patient=patient, **asked)
        return Response(TreatmentShape(made).data, status=201)


class TreatmentEnd(APIView):
    @done_once()
    @extend_schema(
        operation_id="end_treatment",
        request=TreatmentEndRequest,
        responses={200: TreatmentShape} | REFUSALS,
        summary="Record the end of a treatment",
        description="A course that is taken now ends; its entry stays.",
    )
    def post(self, request: Request, id: UUID, treatment_id: UUID) -> Response:
        treatment = finding.treatment(by=request.user, patient_id=id, id=treatment_id)
        asked = _read(TreatmentEndRequest(data=request.data))
        ended = end_treatment(by=request.user, treatment=treatment, **asked)
        return Response(TreatmentShape(ended).data)


class TreatmentStrikeOut(APIView):
    @extend_schema(
        operation_id="strike_out_treatment",
        request=None,
        responses={200: TreatmentShape, 404: ProblemShape},
        summary="Strike out a treatment that was entered in error",
        description=STRUCK_OUT,
    )
    def post(self, request: Request, id: UUID, treatment_id: UUID) -> Response:
        treatment = finding.treatment(by=request.user, patient_id=id, id=treatment_id)
        return Response(TreatmentShape(strike_out(by=request.user, entry=treatment)).data)


class Discussions(APIView):
    @extend_schema(
        operation_id="list_discussions",
        parameters=PAGING,
        responses={200: DiscussionsShape, 400: ProblemShape, 404: ProblemShape},
        summary="Discussions of an assessment",
        description="When the result was discussed with the patient, and what was decided.",
    )
    def get(self, request: Request, id: UUID) -> Response:
        discussions = finding.assessment(by=request.user, id=id).discussions
        shown = discussions.select_related("by", "struck_out_by")
        pages, rows = one_page(request, shown)
        return pages.answered(DiscussionShape(rows, many=True).data, under="discussions")

    @done_once()
    @extend_schema(
        operation_id="record_discussion",
        request=DiscussionRequest,
        responses={201: DiscussionShape} | REFUSALS,
        summary="Record that a result was discussed with the patient",
        description="The patient then waits for nothing, or until the day of review.",
    )
    def post(self, request: Request, id: UUID) -> Response:
        assessment = finding.assessment(by=request.user, id=id)
        asked = _read(DiscussionRequest(data=request.data))
        made = record_discussion(by=request.user, assessment=assessment, **asked)
        return Response(DiscussionShape(made).data, status=201)


class DiscussionStrikeOut(APIView):
    @extend_schema(
        operation_id="strike_out_discussion",
        request=None,
        responses={200: DiscussionShape, 404: ProblemShape},
        summary="Strike out a discussion that was entered in error",
        description=STRUCK_OUT,
    )
    def post(self, request: Request, id: UUID, discussion_id: UUID) -> Response:
        discussion = finding.discussion(by=request.user, assessment_id=id, id=discussion_id)
        return Response(DiscussionShape(strike_out(by=request.user, entry=discussion)).data)


def _read(reader: Serializer) -> dict[str, Any]:
    reader.is_valid(raise_exception=True)
    asked: dict[str, Any] = reader.validated_data
    return asked
