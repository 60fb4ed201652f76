"""What another program shows instead of a password."""

import hashlib
import secrets

from django.conf import settings
from django.db import models


def digest_of(key: str) -> str:
    """A plain hash is enough here: the key is 256 random bits, so there is nothing to guess."""
    return hashlib.sha256(key.encode()).hexdigest()


class ApiToken(models.Model):
    """A key that acts for one user. Only its digest is stored; the key is shown once."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens"
    )
    label = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.label

    @staticmethod
    def new_key() -> str:
        return secrets.token_urlsafe(32)
