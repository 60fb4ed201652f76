"""What answers, and for whom: models with their cards, populations with their sources."""

from dataclasses import asdict

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from riskapp.actions import describing
from riskapp.api.shapes import ModelShape, PopulationShape


class Models(APIView):
    @extend_schema(
        operation_id="list_models",
        responses=ModelShape(many=True),
        summary="Models with their cards",
        description="What answers here, with what it was trained on and who approved it.",
    )
    def get(self, request: Request) -> Response:
        return Response([asdict(model) for model in describing.models(by=request.user)])


class Populations(APIView):
    @extend_schema(
        operation_id="list_populations",
        responses=PopulationShape(many=True),
        summary="Populations with their sources",
        description="Whom can be answered for, by which published numbers, and what was borrowed.",
    )
    def get(self, request: Request) -> Response:
        return Response([asdict(one) for one in describing.populations()])
