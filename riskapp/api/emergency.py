"""A restricted record opened for a stated reason."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from riskapp.actions.restricting import WORDS_LEAST, WORDS_MOST, Reason, open_for_reason
from riskapp.api.keyed import done_once
from riskapp.api.shapes import ProblemShape
from riskapp.api.strict import Strict


class ReasonRequest(Strict):
    reason = serializers.ChoiceField(choices=list(Reason.values))
    words = serializers.CharField(
        min_length=WORDS_LEAST, max_length=WORDS_MOST, help_text="Why, for whoever reviews it."
    )


class EmergencyAccessShape(serializers.Serializer):
    id = serializers.UUIDField()
    patient = serializers.UUIDField(source="patient_id")
    reason = serializers.ChoiceField(choices=list(Reason.values))
    opened_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class OpenForReason(APIView):
    @done_once()
    @extend_schema(
        operation_id="open_restricted_record",
        request=ReasonRequest,
        responses={
            201: EmergencyAccessShape,
            400: ProblemShape,
            404: ProblemShape,
            422: ProblemShape,
        },
        summary="Open a restricted record for a stated reason",
        description="Where another call answers 403 with the problem type restricted-record. The "
        "record then opens to this account for four hours, at every door; the reason is audited "
        "and reviewed by an administrator or auditor. A record that is open to the account "
        "anyway answers 404.",
    )
    def post(self, request: Request, id: UUID) -> Response:
        asked = ReasonRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        made = open_for_reason(by=request.user, id=id, **asked.validated_data)
        return Response(EmergencyAccessShape(made).data, status=201)
