"""Who somebody is at the sign-in service of their organisation."""

from django.conf import settings
from django.db import models


class ExternalIdentity(models.Model):
    """One person of one issuer, and the account that is theirs here.

    Only these two name a person for ever (OpenID Connect Core 1.0, section 5.7): an address or a
    name may pass to somebody else.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="external_identities"
    )
    issuer = models.CharField(max_length=500)
    subject = models.CharField(max_length=255)
    first_seen_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="one_account_per_identity")
        ]

    def __str__(self) -> str:
        return f"identity of {self.user_id}"


class UsedLogout(models.Model):
    """A service's word that somebody signed out there, which counts once."""

    digest = models.CharField(max_length=64, primary_key=True)
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.digest[:8]
