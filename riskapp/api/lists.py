"""The worklist and the recall list over JSON: the same rows as on the pages."""

from dataclasses import asdict
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from riskapp.actions.recalling import AHEAD, QUARTER, recall_list
from riskapp.actions.remembering import preferences
from riskapp.actions.worklist import EVERYONE, Order, first_waits, worklist
from riskapp.api.list_shapes import KINDS, RECALLS, RecallPage, WorklistPage
from riskapp.api.pages import PAGING, one_page
from riskapp.api.shapes import ProblemShape
from riskapp.exchange.wait_wording import wait_note, wait_title
from riskapp.exchange.wording import SAFETY
from riskapp.models import Patient, Wait, WorklistRow
from riskapp.risk.recall_rules import recall_rules

SEARCH = OpenApiParameter(
    "search",
    str,
    description="Beginnings of words of the name, from two letters on, or the whole record number.",
)


class WorklistEntries(APIView):
    @extend_schema(
        operation_id="read_worklist",
        parameters=[
            OpenApiParameter(
                "waits", str, enum=["", *KINDS, EVERYONE], description="All who wait."
            ),
            OpenApiParameter("order", str, enum=list(Order)),
            SEARCH,
            *PAGING,
        ],
        responses={200: WorklistPage, 400: ProblemShape},
        summary="Who waits for what",
        description="The rows of the page Worklist: for each patient the most urgent thing.",
    )
    def get(self, request: Request) -> Response:
        found = worklist(
            by=request.user,
            waits=request.query_params.get("waits", ""),
            matching=request.query_params.get("search", ""),
            order=request.query_params.get("order", Order.LONGEST),
        )
        pages, page = one_page(request, found.rows)
        waits, guideline = (
            first_waits(page, by=request.user),
            preferences(by=request.user).guideline,
        )
        told = [_entry(row, waits.get(row.pk), guideline) for row in page]
        return pages.answered(
            told, counts=dict(found.counts), is_complete=found.is_complete, safety=SAFETY
        )


class RecallEntries(APIView):
    @extend_schema(
        operation_id="read_recall_list",
        parameters=[
            OpenApiParameter("due_for", str, enum=["", *RECALLS], description="All unless given."),
            OpenApiParameter(
                "within", str, enum=list(AHEAD), description=f"{QUARTER} unless given."
            ),
            SEARCH,
            *PAGING,
        ],
        responses={200: RecallPage, 400: ProblemShape},
        summary="Who is due for a scan, an assessment or a review",
        description="Each entry names the rule behind it, with its source.",
    )
    def get(self, request: Request) -> Response:
        found = recall_list(
            by=request.user,
            due_for=request.query_params.get("due_for", ""),
            within=request.query_params.get("within", QUARTER),
            matching=request.query_params.get("search", ""),
        )
        pages, page = one_page(request, found.waits)
        told = [_due(wait) for wait in page]
        return pages.answered(
            told, counts=dict(found.counts), is_complete=found.is_complete, safety=SAFETY
        )


def _entry(row: WorklistRow, wait: Wait | None, guideline: str) -> dict[str, Any]:
    return {
        "patient": _patient(row.patient),
        "waits_for": wait and _wait(wait),
        "assessment": row.assessment_id,
        "major_osteoporotic_10y": row.major,
        "major_osteoporotic_10y_lower": row.major_lower,
        "major_osteoporotic_10y_upper": row.major_upper,
        "hip_10y": row.hip,
        "guideline": row.verdicts.get(guideline or row.usual_guideline),
    }


def _wait(wait: Wait) -> dict[str, Any]:
    return {
        "kind": wait.kind,
        **_reason(wait),
        "since": wait.since,
        "due_on": wait.due_on,
        "scan": wait.scan_id,
    }


def _due(wait: Wait) -> dict[str, Any]:
    rule = asdict(recall_rules()[wait.rule])
    return {
        "patient": _patient(wait.row.patient),
        "due_for": wait.recall,
        **_reason(wait),
        "since": wait.since,
        "due_on": wait.due_on,
        "rule": {name: rule[name] for name in ("code", "says", "source", "mark")},
    }


def _reason(wait: Wait) -> dict[str, str]:
    return {
        "reason": wait.reason,
        "title": wait_title(wait.reason),
        "note": wait_note(wait.reason, wait.detail),
    }


def _patient(patient: Patient) -> dict[str, Any]:
    return {
        "id": patient.id,
        "name": patient.name,
        "record_number": patient.record_number,
        "age_years": patient.age_years_on(timezone.localdate()),
        "sex": patient.sex,
    }
