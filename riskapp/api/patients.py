"""Patients of the caller's organisation."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from imaging.over_time.change import Change
from riskapp.actions import finding
from riskapp.actions.comparing_scans import Pair, changes_of
from riskapp.actions.errors import Refused
from riskapp.actions.registering import register_patient
from riskapp.api.patient_shapes import ChangesShape, PatientPage, PatientShape
from riskapp.api.shapes import ProblemShape
from riskapp.exchange.wording import SAFETY

# Far beyond any clinic, and still a number that every database takes.
FARTHEST = 10**9


class Pages(LimitOffsetPagination):
    default_limit = 50
    max_limit = 200

    def get_limit(self, request: Request) -> int:
        return _whole(request, "limit", self.default_limit, 1, self.max_limit)

    def get_offset(self, request: Request) -> int:
        return _whole(request, "offset", 0, 0, FARTHEST)


def _whole(request: Request, name: str, default: int, low: int, high: int) -> int:
    asked = request.query_params.get(name)
    if asked is None:
        return default
    # isdigit alone also holds of digits that int() does not read.
    if not (asked.isascii() and asked.isdigit() and len(asked) < 12 and low <= int(asked) <= high):
        raise Refused({name: f"{name} is a whole number from {low} to {high:,}."})
    return int(asked)


class Patients(APIView):
    @extend_schema(
        operation_id="patients_list",
        parameters=[
            OpenApiParameter("limit", int, description="At most 200; 50 unless given."),
            OpenApiParameter("offset", int),
            OpenApiParameter("search", str, description="Part of a name or record number."),
        ],
        responses={200: PatientPage, 400: ProblemShape},
        summary="List patients",
    )
    def get(self, request: Request) -> Response:
        matching = request.query_params.get("search", "").replace("\x00", "")
        found = finding.patients(by=request.user, matching=matching)
        pages = Pages()
        page = pages.paginate_queryset(found, request, view=self)
        return pages.get_paginated_response(PatientShape(page, many=True).data)

    @extend_schema(
        request=PatientShape,
        responses={201: PatientShape, 400: ProblemShape},
        summary="Register a patient",
    )
    def post(self, request: Request) -> Response:
        reader = PatientShape(data=request.data)
        reader.is_valid(raise_exception=True)
        patient = register_patient(by=request.user, **reader.validated_data)
        where = reverse("api_patient", args=[patient.id])
        return Response(PatientShape(patient).data, status=201, headers={"Location": where})


class OnePatient(APIView):
    @extend_schema(responses={200: PatientShape, 404: ProblemShape}, summary="Read one patient")
    def get(self, request: Request, id: UUID) -> Response:
        return Response(PatientShape(finding.patient(by=request.user, id=id)).data)


class PatientChanges(APIView):
    @extend_schema(
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
