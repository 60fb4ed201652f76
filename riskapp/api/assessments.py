"""Stored assessments: made, read, explained."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from riskapp.actions import finding, listing
from riskapp.actions.assessing import assess
from riskapp.actions.errors import Refused
from riskapp.actions.reproducing import reproduce
from riskapp.actions.scoring import check_guideline
from riskapp.actions.stored_answers import warnings_of
from riskapp.actions.telling import narrative_of
from riskapp.api.assessment_shapes import (
    AssessmentExplanation,
    AssessmentPage,
    AssessmentReproduction,
    AssessmentRequest,
    AssessmentShape,
    AssessmentSummary,
)
from riskapp.api.keyed import done_once
from riskapp.api.pages import OF_PATIENT, PAGING, one_page, patient_asked_for
from riskapp.api.scores import options_of
from riskapp.api.shapes import ProblemShape
from riskapp.api.states import SAME, shown_as_is
from riskapp.exchange.wording import SAFETY
from riskapp.models import Assessment


class Assessments(APIView):
    @extend_schema(
        operation_id="list_assessments",
        parameters=[OF_PATIENT, *PAGING],
        responses={200: AssessmentPage, 400: ProblemShape, 404: ProblemShape},
        summary="List assessments",
        description="Of your organisation, newest first, without their numbers.",
    )
    def get(self, request: Request) -> Response:
        found = listing.assessments(by=request.user, patient=patient_asked_for(request))
        pages, page = one_page(request, found)
        return pages.answered(AssessmentSummary(page, many=True).data)

    @done_once()
    @extend_schema(
        operation_id="create_assessment",
        request=AssessmentRequest,
        responses={201: AssessmentShape, 400: ProblemShape, 404: ProblemShape, 422: ProblemShape},
        summary="Estimate, store and audit",
        description="Fields that the profile leaves out are taken from the scans, and age, sex, "
        "fractures and treatment from the patient's record; provenance says which. The evidence "
        "engine always answers, before the engines named; unknown_as_no is refused here: it is for "
        "comparison.",
    )
    def post(self, request: Request) -> Response:
        reader = AssessmentRequest(data=request.data)
        reader.is_valid(raise_exception=True)
        asked = reader.validated_data
        if not isinstance(asked["profile"], dict):
            raise Refused({"profile": "A profile is a JSON object of fields."})
        check_guideline(asked["guideline"])
        assessment = assess(
            by=request.user,
            patient=finding.patient(by=request.user, id=asked["patient"]),
            answers=asked["profile"],
            scans=[finding.scan(by=request.user, id=id) for id in asked["scans"]],
            measurements=asked["measurements"],
            engines=asked["engines"],
            options=options_of(asked),
            clamp_age=asked["clamp_age"],
            own_impression=asked["own_impression"],
        )
        where = reverse("api_assessment", args=[assessment.id])
        return Response(_shown(assessment), status=201, headers={"Location": where})


class OneAssessment(APIView):
    @extend_schema(
        operation_id="read_assessment",
        parameters=[SAME],
        responses={200: AssessmentShape, 304: None, 404: ProblemShape},
        summary="Read one",
        description="As it was stored: what was known, what was answered, by which models. It "
        "never changes.",
    )
    def get(self, request: Request, id: UUID) -> Response:
        return shown_as_is(request, _shown(finding.assessment(by=request.user, id=id)))


class Explanation(APIView):
    @extend_schema(
        operation_id="explain_assessment",
        responses={200: AssessmentExplanation, 404: ProblemShape},
        summary="Why",
        description="The stored contributions behind each engine's probability. They go with it; "
        "they cause nothing.",
    )
    def get(self, request: Request, id: UUID) -> Response:
        assessment = finding.assessment(by=request.user, id=id)
        told = ("engine", "model_id", "trained_on", "explanation")
        return Response(
            {
                "assessment": assessment.id,
                "explanations": [
                    {name: estimate[name] for name in told} for estimate in assessment.estimates
                ],
                "safety": SAFETY,
            }
        )


class ReproducedAssessment(APIView):
    @extend_schema(
        operation_id="reproduce_assessment",
        responses={200: AssessmentReproduction, 404: ProblemShape},
        summary="Compute it again",
        description="Whether the stored numbers, intervals and reasons are what the stored inputs "
        "give now, what differs where they are not, and whether what is stored is what was stored "
        "then. Nothing is stored.",
    )
    def get(self, request: Request, id: UUID) -> Response:
        found = reproduce(by=request.user, id=id)
        told = {
            "assessment": found.assessment_id,
            "is_same": found.is_same,
            "is_unchanged": found.is_unchanged,
            "sentence": found.sentence,
            "parts": [asdict(part) for part in found.parts],
        }
        return Response(told)


def _shown(assessment: Assessment) -> dict[str, Any]:
    return {
        "id": assessment.id,
        "patient": assessment.patient_id,
        "created_at": assessment.created_at,
        "created_by": assessment.created_by.get_username(),
        "profile": assessment.profile,
        "site_values": assessment.site_values,
        "provenance": assessment.provenance,
        "measurements": assessment.measurements,
        "scans": [scan.id for scan in assessment.scans.all()],
        "estimates": assessment.estimates,
        "other_evidence": assessment.other_evidence,
        "warnings": warnings_of(assessment),
        "evidence_set": assessment.evidence_set,
        "model_ids": assessment.model_ids,
        "software_version": assessment.software_version,
        "own_impression": assessment.own_impression,
        "narrative": narrative_of(assessment),
        "safety": SAFETY,
    }
