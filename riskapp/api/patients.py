"""Patients of the caller's organisation."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db import transaction
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from imaging.over_time.change import Change
from riskapp.actions import finding, listing
from riskapp.actions.changing_patient import change_patient
from riskapp.actions.comparing_scans import Pair, changes_of
from riskapp.actions.registering import register_patient
from riskapp.actions.turns import wait_for_turn
from riskapp.api.keyed import done_once
from riskapp.api.pages import PAGING, one_page
from riskapp.api.patient_shapes import (
    ChangesShape,
    PatientChange,
    PatientPage,
    PatientRequest,
    PatientShape,
)
from riskapp.api.shapes import ProblemShape
from riskapp.api.states import ONLY_IF, SAME, check_state, etag_of, shown_as_is
from riskapp.exchange.wording import SAFETY


class Patients(APIView):
    @extend_schema(
        operation_id="list_patients",
        parameters=[
            OpenApiParameter(
                "search",
                str,
                description="Beginnings of words of the name, from two letters on, or the whole "
                "record number.",
            ),
            *PAGING,
        ],
        responses={200: PatientPage, 400: ProblemShape},
        summary="List patients",
        description="Of your organisation, in the order in which they were registered.",
    )
    def get(self, request: Request) -> Response:
        matching = request.query_params.get("search", "").replace("\x00", "")
        pages, rows = one_page(request, listing.patients(by=request.user, matching=matching))
        return pages.answered(PatientShape(rows, many=True).data)

    @done_once()
    @extend_schema(
        operation_id="register_patient",
        request=PatientRequest,
        responses={201: PatientShape, 400: ProblemShape, 422: ProblemShape},
        summary="Register a patient",
        description="A record number is registered once in an organisation. The id is ours to "
        "give.",
    )
    def post(self, request: Request) -> Response:
        reader = PatientRequest(data=request.data)
        reader.is_valid(raise_exception=True)
        told = dict(reader.validated_data)
        not_one_of = () if told.pop("refuse_alike") else None
        patient = register_patient(by=request.user, not_one_of=not_one_of, **told)
        where = reverse("api_patient", args=[patient.id])
        told = PatientShape(patient).data
        return Response(told, status=201, headers={"Location": where, "ETag": etag_of(told)})


class OnePatient(APIView):
    @extend_schema(
        operation_id="read_patient",
        parameters=[SAME],
        responses={200: PatientShape, 304: None, 404: ProblemShape},
        summary="Read one patient",
        description="Who it is, with the ETag of this state.",
    )
    def get(self, request: Request, id: UUID) -> Response:
        patient = finding.patient(by=request.user, id=id)
        return shown_as_is(request, PatientShape(patient).data)

    @extend_schema(
        operation_id="change_patient",
        parameters=[ONLY_IF],
        request=PatientChange,
        responses={
            200: PatientShape,
            400: ProblemShape,
            404: ProblemShape,
            412: ProblemShape,
            428: ProblemShape,
        },
        summary="Correct name, day of birth or sex",
        description="What is left out stays. Stored assessments stay as they were; the record "
        "number is not changed. Audited.",
    )
    def patch(self, request: Request, id: UUID) -> Response:
        reader = PatientChange(data=request.data)
        reader.is_valid(raise_exception=True)
        with transaction.atomic():
            wait_for_turn("patient", id)
            patient = finding.patient(by=request.user, id=id)
            check_state(request, PatientShape(patient).data)
            changed = change_patient(by=request.user, patient=patient, **reader.validated_data)
        return shown_as_is(request, PatientShape(changed).data)


class PatientChanges(APIView):
    @extend_schema(
        operation_id="read_changes",
        responses={200: ChangesShape, 404: ProblemShape},
        summary="Changes between visits",
        description="Every two scans of the same kind whose regions a person has confirmed, newest "
        "first: each number beside what repeating a scan alone changes, or why it is not compared.",
    )
    def get(self, request: Request, id: UUID) -> Response:
        patient = finding.patient(by=request.user, id=id)
        pairs = changes_of(by=request.user, patient=patient)
        return Response({"pairs": [_pair(pair) for pair in pairs], "safety": SAFETY})


def _pair(pair: Pair) -> dict[str, Any]:
    found = pair.comparison
    return {
        "earlier": pair.earlier,
        "later": pair.later,
        "years": found.years if found else None,
        "refused": pair.refused,
        "changes": [_change(change) for change in found.changes] if found else [],
        "not_compared": list(found.not_compared) if found else [],
        "advice": list(found.advice) if found else [],
    }


def _change(change: Change) -> dict[str, Any]:
    absolute, percent = change.per_year
    told = asdict(change)
    del told["per_year"], told["years"]
    return told | {"per_year": absolute, "percent_per_year": percent}
