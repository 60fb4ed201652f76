"""Where an organisation's own programs are told what happened."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from riskapp.actions import webhooks
from riskapp.actions.announcing import EVENTS
from riskapp.api.keyed import done_once
from riskapp.api.pages import PAGING, PageShape, one_page
from riskapp.api.shapes import ProblemShape
from riskapp.api.strict import BoundedList, Strict
from riskapp.exchange.outgoing import LONGEST_URL
from riskapp.models import Webhook

TOLD = " ".join(f"`{name}`: {words}" for name, words in EVENTS.items())
REFUSALS = {400: ProblemShape, 404: ProblemShape, 422: ProblemShape}


class WebhookRequest(Strict):
    url = serializers.CharField(
        max_length=LONGEST_URL, help_text="https, and outside the site’s own network."
    )
    events = BoundedList(
        child=serializers.ChoiceField(choices=list(EVENTS)),
        min_length=1,
        max_length=len(EVENTS),
        help_text=TOLD,
    )


class WebhookShape(serializers.Serializer):
    id = serializers.UUIDField()
    url = serializers.CharField()
    events = serializers.ListField(child=serializers.CharField())
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField(source="created_by.username")
    failing_since = serializers.DateTimeField(allow_null=True)
    disabled_at = serializers.DateTimeField(
        allow_null=True, help_text="Nothing is sent any more until it is enabled."
    )
    disabled_because = serializers.CharField(allow_blank=True)


class SecretShape(WebhookShape):
    secret = serializers.CharField(
        allow_null=True,
        help_text="Told this once: null where the same Idempotency-Key comes again. If the "
        "answer was lost, renew the secret.",
    )


class WebhookPage(PageShape):
    webhooks = WebhookShape(many=True)


class TestMessage(serializers.Serializer):
    message = serializers.UUIDField(help_text="The webhook-id that it will carry.")


class Webhooks(APIView):
    @extend_schema(
        operation_id="list_webhooks",
        parameters=PAGING,
        responses={200: WebhookPage, 400: ProblemShape},
        summary="List webhooks",
        description="Of your organisation, oldest first, without their secrets.",
    )
    def get(self, request: Request) -> Response:
        pages, rows = one_page(request, webhooks.webhooks(by=request.user))
        return pages.answered(WebhookShape(rows, many=True).data, under="webhooks")

    @done_once(never_kept=("secret",))
    @extend_schema(
        operation_id="create_webhook",
        request=WebhookRequest,
        responses={201: SecretShape, 400: ProblemShape, 422: ProblemShape},
        summary="Be told what happens",
        description="Each message is a POST of identifiers, signed as Standard Webhooks has it, "
        "and sent again until your program answers 2xx.",
    )
    def post(self, request: Request) -> Response:
        reader = WebhookRequest(data=request.data)
        reader.is_valid(raise_exception=True)
        made = webhooks.register_webhook(by=request.user, **reader.validated_data)
        where = reverse("api_webhook", args=[made.id])
        return _with_secret(made, 201, {"Location": where})


class OneWebhook(APIView):
    @extend_schema(
        operation_id="read_webhook",
        responses={200: WebhookShape, 404: ProblemShape},
        summary="One webhook",
        description="Whether it is taken, since when not, and why it was disabled.",
    )
    def get(self, request: Request, id: UUID) -> Response:
        return Response(WebhookShape(webhooks.webhook(by=request.user, id=id)).data)

    @extend_schema(
        operation_id="delete_webhook",
        responses={204: None, 404: ProblemShape},
        summary="Delete a webhook",
        description="Nothing is sent there any more, also of what waits.",
    )
    def delete(self, request: Request, id: UUID) -> Response:
        webhooks.delete_webhook(by=request.user, id=id)
        return Response(status=204)


class WebhookSecret(APIView):
    @done_once(never_kept=("secret",))
    @extend_schema(
        operation_id="renew_webhook_secret",
        request=None,
        responses={200: SecretShape} | REFUSALS,
        summary="Renew the secret",
        description="For a day messages carry two signatures, by the new secret and the old one.",
    )
    def post(self, request: Request, id: UUID) -> Response:
        return _with_secret(webhooks.renew_secret(by=request.user, id=id), 200, {})


class WebhookEnabled(APIView):
    @extend_schema(
        operation_id="enable_webhook",
        request=None,
        responses={200: WebhookShape, 404: ProblemShape},
        summary="Enable a webhook again",
        description="What happened while it was disabled is not sent.",
    )
    def post(self, request: Request, id: UUID) -> Response:
        return Response(WebhookShape(webhooks.enable_webhook(by=request.user, id=id)).data)


class WebhookTest(APIView):
    @done_once()
    @extend_schema(
        operation_id="test_webhook",
        request=None,
        responses={202: TestMessage} | REFUSALS,
        summary="Send a test message",
        description="Of type webhook.test, signed and sent like any other.",
    )
    def post(self, request: Request, id: UUID) -> Response:
        return Response({"message": webhooks.send_test(by=request.user, id=id)}, status=202)


def _with_secret(webhook: Webhook, status: int, headers: dict[str, Any]) -> Response:
    told = WebhookShape(webhook).data | {"secret": webhooks.secret_of(webhook)}
    return Response(told, status=status, headers={"Cache-Control": "no-store", **headers})
