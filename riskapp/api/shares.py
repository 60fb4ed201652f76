"""Links to the patient's page of an assessment: made, listed, revoked."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from riskapp.actions import finding
from riskapp.actions.sharing import DAYS_LEAST, DAYS_MOST, DAYS_USUALLY, links_of, revoke, share
from riskapp.api.keyed import done_once
from riskapp.api.pages import PAGING, PageShape, one_page
from riskapp.api.shapes import ProblemShape
from riskapp.api.strict import Strict
from riskapp.exchange.languages import SOURCE
from riskapp.models import SharedLink


class ShareRequest(Strict):
    days = serializers.IntegerField(
        default=DAYS_USUALLY, help_text=f"How long it works: {DAYS_LEAST} to {DAYS_MOST}."
    )
    language = serializers.CharField(default=SOURCE, max_length=10)


class ShareShape(serializers.Serializer):
    id = serializers.UUIDField(help_text="Of the link; it opens nothing.")
    state = serializers.ChoiceField(choices=SharedLink.State.choices)
    language = serializers.CharField()
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField()
    expires_at = serializers.DateTimeField()
    revoked_at = serializers.DateTimeField(allow_null=True)
    openings = serializers.IntegerField(help_text="Previews by messengers included.")
    last_opened_at = serializers.DateTimeField(allow_null=True)


class MadeShape(ShareShape):
    url = serializers.CharField(
        allow_null=True,
        help_text="Told this once and kept nowhere: null where the same Idempotency-Key comes "
        "again. If the first answer was lost, revoke the link and make another.",
    )


class SharesShape(PageShape):
    shares = ShareShape(many=True)


class Shares(APIView):
    @extend_schema(
        operation_id="list_shares",
        parameters=PAGING,
        responses={200: SharesShape, 400: ProblemShape, 404: ProblemShape},
        summary="Links to the patient's page",
        description="Open, ended and revoked ones; the addresses themselves are kept nowhere.",
    )
    def get(self, request: Request, id: UUID) -> Response:
        assessment = finding.assessment(by=request.user, id=id)
        pages, links = one_page(request, links_of(by=request.user, assessment=assessment))
        return pages.answered(map(_shown, links), under="shares")

    @done_once(never_kept=("url",))
    @extend_schema(
        operation_id="create_share",
        request=ShareRequest,
        responses={201: MadeShape, 400: ProblemShape, 404: ProblemShape, 422: ProblemShape},
        summary="Make a link to the patient's page",
        description="Whoever holds the address reads the page, which names nobody.",
    )
    def post(self, request: Request, id: UUID) -> Response:
        assessment = finding.assessment(by=request.user, id=id)
        reader = ShareRequest(data=request.data)
        reader.is_valid(raise_exception=True)
        made = share(by=request.user, assessment=assessment, **reader.validated_data)
        address = request.build_absolute_uri(reverse("shared", args=[made.token]))
        return Response(
            _shown(made.link) | {"url": address}, status=201, headers={"Cache-Control": "no-store"}
        )

    @extend_schema(
        operation_id="revoke_shares",
        responses={204: None, 404: ProblemShape},
        summary="Revoke every link",
        description="None of the links of this assessment opens anything any more.",
    )
    def delete(self, request: Request, id: UUID) -> Response:
        revoke(by=request.user, assessment=finding.assessment(by=request.user, id=id))
        return Response(status=204)


class OneShare(APIView):
    @extend_schema(
        operation_id="revoke_share",
        responses={204: None, 404: ProblemShape},
        summary="Revoke one link",
        description="This link opens nothing any more.",
    )
    def delete(self, request: Request, id: UUID, link_id: UUID) -> Response:
        assessment = finding.assessment(by=request.user, id=id)
        revoke(by=request.user, assessment=assessment, id=link_id)
        return Response(status=204)


def _shown(link: SharedLink) -> dict[str, Any]:
    return {
        "id": link.id,
        "state": link.state_at(timezone.now()),
        "language": link.language,
        "created_at": link.created_at,
        "created_by": link.created_by.get_username(),
        "expires_at": link.expires_at,
        "revoked_at": link.revoked_at,
        "openings": link.openings,
        "last_opened_at": link.last_opened_at,
    }
