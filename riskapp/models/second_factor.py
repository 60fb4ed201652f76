"""What somebody has besides a password: an authenticator app, and codes for when it is lost.

Passkeys are in ``passkey.py``.
"""

from django.conf import settings
from django.db import models

from riskapp.models.encrypted import EncryptedText


class AuthenticatorApp(models.Model):
    """One app that shows codes of six digits (RFC 6238).

    Attributes
    ----------
    secret : str
        What app and site share, in hexadecimal, encrypted.
    last_step : int
        The half-minute, counted since 1970, of the last code that was taken: none is taken twice.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="authenticator_app"
    )
    secret = EncryptedText(row="user_id")
    last_step = models.BigIntegerField(default=0)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"app of {self.user_id}"


class RecoveryCode(models.Model):
    """A code that stands in for the app once; only its keyed hash is kept."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recovery_codes"
    )
    digest = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"code of {self.user_id}"
