"""Messages to webhooks as they leave: signed, tried again, and ended where nobody listens."""

import json
import time
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from riskapp.actions import auditing
from riskapp.actions.announcing import KIND
from riskapp.actions.delivering import GiveUp, TryLater, handler
from riskapp.actions.webhooks import valid_secrets
from riskapp.exchange.outgoing import NotCallable, Unreachable, post
from riskapp.exchange.standard_webhooks import headers
from riskapp.models import Delivery, Webhook

# Days of nothing but failures, over a weekend with its holidays; then somebody must look.
PATIENCE = timedelta(days=4)
GONE = 410
DELETED = "The webhook was deleted."


@handler(KIND)
def send(delivery: Delivery) -> None:
    """Send one message; a status of 200 to 299 confirms it.

    Raises
    ------
    TryLater, GiveUp
    """
    webhook = (
        Webhook.objects.filter(id=UUID(delivery.payload["webhook"]))
        .select_related("organisation")
        .first()
    )
    if webhook is None:
        raise GiveUp(DELETED)
    if webhook.disabled_at is not None:
        raise GiveUp(f"The webhook is disabled: {webhook.disabled_because}")
    body = json.dumps(delivery.payload["message"], separators=(",", ":")).encode()
    told = headers(valid_secrets(webhook), str(delivery.id), int(time.time()), body)
    try:
        status = post(webhook.url, body, told, settings.WEBHOOK_HOSTS)
    except NotCallable as reason:
        _disable(delivery, webhook, str(reason))
    except Unreachable as reason:
        _failed(delivery, webhook, str(reason))
    else:
        _judge(delivery, webhook, status)


def _judge(delivery: Delivery, webhook: Webhook, status: int) -> None:
    if 200 <= status < 300:
        Webhook.objects.filter(id=webhook.id).update(failing_since=None)
    elif status == GONE:
        _disable(delivery, webhook, "It answered that it wants no more (410).")
    elif 300 <= status < 400:
        _failed(delivery, webhook, f"It answered {status}; redirects are not followed.")
    else:
        _failed(delivery, webhook, f"It answered {status}.")


def _failed(delivery: Delivery, webhook: Webhook, reason: str) -> None:
    now = timezone.now()
    Webhook.objects.filter(id=webhook.id, failing_since=None).update(failing_since=now)
    if webhook.failing_since and webhook.failing_since < now - PATIENCE:
        _disable(delivery, webhook, f"Nothing was taken for {PATIENCE.days} days. {reason}")
    raise TryLater(reason)


def _disable(delivery: Delivery, webhook: Webhook, reason: str) -> None:
    with transaction.atomic():
        Webhook.objects.filter(id=webhook.id).update(
            disabled_at=timezone.now(), disabled_because=reason[:200]
        )
        auditing.record(
            by=delivery.asked_by,
            action="webhook.disable",
            target=webhook.id,
            organisation=webhook.organisation,
        )
    raise GiveUp(reason)
