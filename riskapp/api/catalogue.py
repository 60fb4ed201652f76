"""What answers, and for whom: models with their cards, populations with their sources."""

from dataclasses import asdict

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from riskapp.actions import describing
from riskapp.api.shapes import ModelShape, PopulationShape


class Models(APIView):
    @extend_schema(responses=ModelShape(many=True), summary="Models with their cards")
    def get(self, request: Request) -> Response:
        return Response([asdict(model) for model in describing.models(by=request.user)])


class Populations(APIView):
    @extend_schema(responses=PopulationShape(many=True), summary="Populations with their sources")
    def get(self, request: Request) -> Response:
        return Response([asdict(one) for one in describing.populations()])
