"""Addresses that are told what happened: registered, renewed, enabled, forgotten."""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from riskapp.actions import auditing
from riskapp.actions.announcing import EVENTS, TEST, promise_message
from riskapp.actions.confining import check_unconfined
from riskapp.actions.errors import Refused
from riskapp.actions.finding import one_of, organisation_of
from riskapp.actions.permitting import Ability, needs
from riskapp.exchange.outgoing import NotCallable, checked_url
from riskapp.exchange.standard_webhooks import shown
from riskapp.models import Webhook

MOST = 20
# After renewing, messages carry a signature by both secrets for this long.
BOTH_VALID = timedelta(days=1)
TAKEN = "There is a webhook of this address already; delete it, or renew its secret."


@needs(Ability.MANAGE_CONNECTIONS)
def webhooks(*, by: User) -> QuerySet[Webhook]:
    """Those of the user's organisation, oldest first; a token for one patient has none."""
    check_unconfined(by)
    found = Webhook.objects.filter(organisation=organisation_of(by))
    return found.select_related("created_by", "organisation")


def webhook(*, by: User, id: UUID | str) -> Webhook:
    return one_of(webhooks(by=by), id, "There is no such webhook.")


@needs(Ability.MANAGE_CONNECTIONS)
def register_webhook(*, by: User, url: str, events: Sequence[str]) -> Webhook:
    """Have an address told of these events.

    Raises
    ------
    Refused
        With a sentence for each argument that cannot be used.
    """
    problems = {}
    unknown = [name for name in events if name not in EVENTS]
    if unknown or not events or len(set(events)) < len(events):
        problems["events"] = f"Name each event once; there are {', '.join(EVENTS)}."
    try:
        checked_url(url, settings.WEBHOOK_HOSTS)
    except NotCallable as reason:
        problems["url"] = str(reason)
    if webhooks(by=by).count() >= MOST:
        problems["url"] = f"An organisation has at most {MOST} webhooks; delete one first."
    if problems:
        raise Refused(problems)
    try:
        with transaction.atomic():
            made = Webhook.objects.create(
                organisation=organisation_of(by), url=url, events=list(events), created_by=by
            )
            auditing.record(by=by, action="webhook.register", target=made.id)
    except IntegrityError as taken:
        raise Refused({"url": TAKEN}) from taken
    return made


@transaction.atomic
def delete_webhook(*, by: User, id: UUID | str) -> None:
    """Forget an address; what was promised to it is given up."""
    found = webhook(by=by, id=id)
    auditing.record(by=by, action="webhook.delete", target=found.id)
    found.delete()


@transaction.atomic
def renew_secret(*, by: User, id: UUID | str) -> Webhook:
    """Give a webhook a new secret; the one before is valid for another day."""
    found = webhook(by=by, id=id)
    Webhook.objects.filter(id=found.id).update(
        generation=F("generation") + 1, renewed_at=timezone.now()
    )
    auditing.record(by=by, action="webhook.renew", target=found.id)
    found.refresh_from_db()
    return found


@transaction.atomic
def enable_webhook(*, by: User, id: UUID | str) -> Webhook:
    """Send to a disabled webhook again what happens from now on."""
    found = webhook(by=by, id=id)
    if found.disabled_at is not None:
        found.disabled_at, found.disabled_because, found.failing_since = None, "", None
        found.save(update_fields=["disabled_at", "disabled_because", "failing_since"])
        auditing.record(by=by, action="webhook.enable", target=found.id)
    return found


@transaction.atomic
def send_test(*, by: User, id: UUID | str) -> UUID:
    """Promise a message that tells of nothing; its id, as the message will carry it.

    Raises
    ------
    Refused
        If the webhook is disabled.
    """
    found = webhook(by=by, id=id)
    if found.disabled_at is not None:
        raise Refused({"webhook": f"It is disabled: {found.disabled_because}"})
    auditing.record(by=by, action="webhook.test", target=found.id)
    return promise_message(found, TEST, by=by, once=uuid4())


def secret_of(webhook: Webhook) -> str:
    """The present secret, as it is shown once."""
    return shown(_secret(webhook, webhook.generation))


def valid_secrets(webhook: Webhook) -> list[bytes]:
    """The present secret, and for a while the one before."""
    secrets = [_secret(webhook, webhook.generation)]
    if webhook.renewed_at and webhook.renewed_at > timezone.now() - BOTH_VALID:
        secrets.append(_secret(webhook, webhook.generation - 1))
    return secrets


def _secret(webhook: Webhook, generation: int) -> bytes:
    """Drawn from the site's own key, so that no copy of the database holds it. 32 bytes."""
    seed = f"webhook:{webhook.id}:{generation}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), seed, hashlib.sha256).digest()
