"""For statisticians' programs: what was trained, and what became of patients."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from riskapp.actions import laboratory_finding as finding
from riskapp.actions.outcomes import KINDS, record_outcomes
from riskapp.api.keyed import done_once
from riskapp.api.pages import PAGING, PageShape, one_page
from riskapp.api.shapes import ProblemShape
from riskapp.api.strict import Strict
from riskapp.models import LaboratoryRun

# A body of the size that is taken at all holds fewer rows than the table of outcomes may have.
MOST_OUTCOMES = 20_000


class TrainingRunShape(serializers.Serializer):
    id = serializers.UUIDField()
    kind = serializers.CharField(help_text='"train" or "recalibrate"')
    state = serializers.CharField(help_text='"waiting", "running", "done", "cancelled", "failed"')
    model_id = serializers.CharField()
    engines = serializers.ListField(child=serializers.CharField())
    parent_id = serializers.CharField(allow_null=True)
    cohort = serializers.CharField(allow_null=True, help_text="As its file was called.")
    asked_at = serializers.DateTimeField()
    asked_by = serializers.CharField()
    ended_at = serializers.DateTimeField(allow_null=True)
    done_share = serializers.FloatField(min_value=0, max_value=1)
    doing = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(allow_null=True, help_text="Why it did not work, or null.")
    models = serializers.ListField(child=serializers.CharField(), help_text="What it made.")


class TrainingRunsShape(PageShape):
    runs = TrainingRunShape(many=True)


class OutcomeRow(Strict):
    record_number = serializers.CharField(max_length=64)
    outcome = serializers.CharField(
        max_length=24,
        help_text=f"One of {', '.join(KINDS)}; none: nothing heard of up to that day.",
    )
    date = serializers.DateField()


class OutcomesRequest(Strict):
    outcomes = OutcomeRow(many=True, allow_empty=False, max_length=MOST_OUTCOMES)


class OutcomesRecorded(serializers.Serializer):
    recorded = serializers.IntegerField()
    known_before = serializers.IntegerField()
    refused = serializers.ListField(
        child=serializers.CharField(), help_text="A sentence for each row left out."
    )


class TrainingRuns(APIView):
    @extend_schema(
        operation_id="list_trainings",
        parameters=PAGING,
        responses={200: TrainingRunsShape, 403: ProblemShape},
        summary="Training runs, newest first",
        description="Of your organisation, for statisticians.",
    )
    def get(self, request: Request) -> Response:
        pages, runs = one_page(request, finding.trainings(by=request.user))
        return pages.answered(map(_json, runs), under="runs")


class OneTrainingRun(APIView):
    @extend_schema(
        operation_id="read_training",
        responses={200: TrainingRunShape, 403: ProblemShape, 404: ProblemShape},
        summary="One training run",
        description="What was asked, how far it is, and what it made.",
    )
    def get(self, request: Request, id: UUID) -> Response:
        return Response(_json(finding.training(by=request.user, id=id)))


class Outcomes(APIView):
    @done_once()
    @extend_schema(
        operation_id="record_outcomes",
        request=OutcomesRequest,
        responses={200: OutcomesRecorded, 400: ProblemShape, 403: ProblemShape},
        summary="Tell what became of patients",
        description="A row that cannot be used is refused in a sentence and stops no other; "
        "what was told before is not stored twice.",
    )
    def post(self, request: Request) -> Response:
        reader = OutcomesRequest(data=request.data)
        reader.is_valid(raise_exception=True)
        told = record_outcomes(by=request.user, rows=reader.validated_data["outcomes"])
        return Response(
            {
                "recorded": told.recorded,
                "known_before": told.known_before,
                "refused": list(told.refused),
            }
        )


def _json(run: LaboratoryRun) -> dict[str, Any]:
    return {
        "id": run.id,
        "kind": run.kind,
        "state": run.state,
        "model_id": run.model_id,
        "engines": run.engines,
        "parent_id": run.parent_id or None,
        "cohort": run.cohort.name if run.cohort else None,
        "asked_at": run.asked_at,
        "asked_by": run.asked_by.get_username(),
        "ended_at": run.ended_at,
        "done_share": run.done_share,
        "doing": run.doing,
        "reason": run.reason or None,
        "models": [model.model_id for model in run.models.all()],
    }
