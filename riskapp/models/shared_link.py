"""A link by which a patient reads the page about themselves."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models

from riskapp.exchange.languages import SOURCE
from riskapp.models.assessment import Assessment


class SharedLink(models.Model):
    """One link to the patient's page of one assessment; whoever holds it can read that page.

    Attributes
    ----------
    token_sha256 : str
        Hash of the secret in the link. The secret itself is kept nowhere.
    language : str
        Of the page, by its code in ``exchange.languages``; fixed when the link is made.
    openings : int
        How often it was opened, previews by messengers included.
    """

    class State(models.TextChoices):
        OPEN = "open"
        EXPIRED = "expired"
        REVOKED = "revoked"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assessment = models.ForeignKey(
        Assessment, on_delete=models.CASCADE, related_name="shared_links"
    )
    token_sha256 = models.CharField(max_length=64, unique=True)
    language = models.CharField(max_length=10, default=SOURCE)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    openings = models.PositiveIntegerField(default=0)
    last_opened_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return str(self.id)

    def state_at(self, now: datetime) -> State:
        """Whether it still leads to the page; at the very moment of its end it no longer does."""
        if self.revoked_at is not None:
            return self.State.REVOKED
        return self.State.EXPIRED if now >= self.expires_at else self.State.OPEN
