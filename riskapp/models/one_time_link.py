"""A link by which somebody sets their password, once."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models


class OneTimeLink(models.Model):
    """Made by an administrator for one account; the secret itself is kept nowhere."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="one_time_links"
    )
    token_sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return str(self.id)

    def works_at(self, now: datetime) -> bool:
        """Whether it can be used; at the very moment of its end it no longer can."""
        return self.used_at is None and self.revoked_at is None and now < self.expires_at
