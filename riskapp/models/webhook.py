"""An address of another program that is called when something happened."""

import uuid

from django.conf import settings
from django.db import models

from riskapp.models.organisation import Organisation


class Webhook(models.Model):
    """Where an organisation's own program wants to be told, and of what.

    Attributes
    ----------
    events : list of str
        Names of ``actions.announcing.EVENTS``.
    generation : int
        How often the secret was renewed; no secret is stored (``actions.webhooks``).
    renewed_at : datetime or None
        When; the secret before is valid for a while yet.
    failing_since : datetime or None
        First failure after the last success.
    disabled_at, disabled_because : datetime or None, str
        Nothing is sent any more until a person enables it again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="webhooks"
    )
    url = models.CharField(max_length=200)
    events = models.JSONField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    generation = models.PositiveIntegerField(default=1)
    renewed_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_because = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "url"], name="one_webhook_per_address")
        ]

    def __str__(self) -> str:
        return f"webhook {self.pk}"
