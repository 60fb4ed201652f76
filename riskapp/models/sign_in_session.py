"""Where somebody is signed in."""

import uuid

from django.conf import settings
from django.db import models


class SignInSession(models.Model):
    """One browser in which somebody is signed in; it ends when this row says so.

    Attributes
    ----------
    how : str
        By what they signed in.
    service, service_session : str
        Name of the sign-in service, and what it calls its own session (``sid``), if it says so.
    device, address : str
        In a person's words, and shortened to a network; both as they were at sign-in.
    seen_at : datetime
        When they last did something, to within half a minute; questions that a page asks by
        itself do not count.
    confirmed_at : datetime
        When they last proved who they are.
    """

    class How(models.TextChoices):
        PASSWORD = "password", "Password"
        TWO_FACTORS = "two_factors", "Password and second factor"
        PASSKEY = "passkey", "Passkey"
        SERVICE = "service", "The organisation’s sign-in service"
        RECORD = "record", "The hospital’s record"

    class Ended(models.TextChoices):
        SIGNED_OUT = "signed_out"
        IDLE = "idle"
        TOO_LONG = "too_long"
        REVOKED = "revoked"
        BY_SERVICE = "by_service"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sign_in_sessions"
    )
    how = models.CharField(max_length=11, choices=How.choices)
    service = models.CharField(max_length=100, blank=True)
    service_session = models.CharField(max_length=255, blank=True)
    device = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=45, blank=True)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    confirmed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    why_ended = models.CharField(max_length=10, choices=Ended.choices, blank=True)

    class Meta:
        ordering = ["-seen_at"]
        indexes = [models.Index(fields=["user", "ended_at"], name="open_sessions_of_a_user")]

    def __str__(self) -> str:
        return str(self.id)
