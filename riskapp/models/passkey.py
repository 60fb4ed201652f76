"""A key pair of somebody's device, with which they sign in (WebAuthn)."""

import uuid

from django.conf import settings
from django.db import models


class Passkey(models.Model):
    """One passkey or security key of a person's; of the pair only the public half is here.

    Attributes
    ----------
    credential_id, public_key, user_handle : str
        In base64 for addresses (RFC 4648, section 5); the key as COSE writes it. ``user_handle``
        is random, and the same for all passkeys of one account: it is what a device keeps of who.
    sign_count : int
        How often the device says that it signed; 0 where it does not count.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="passkeys"
    )
    name = models.CharField(max_length=60)
    credential_id = models.CharField(max_length=1_400, unique=True)
    public_key = models.TextField()
    user_handle = models.CharField(max_length=86)
    sign_count = models.BigIntegerField(default=0)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["made_at"]

    def __str__(self) -> str:
        return f"passkey of {self.user_id}"
