"""Other programs that may ask, and what a token of theirs is bound to."""

import uuid

from django.conf import settings
from django.db import models
from oauth2_provider.models import AccessToken, Application, Grant

from riskapp.models.organisation import Organisation
from riskapp.models.patient import Patient


class ApiClient(models.Model):
    """A program of one organisation: a backend that asks by itself, or an app that people use.

    Attributes
    ----------
    application : Application
        The same client as the authorization server knows it: client id, redirect addresses.
    account : User
        Acts for a backend; an app acts for whoever signed in.
    scopes : list of str
        The most that it may be granted.
    keys : dict or None
        Its public keys (JWKS), where the site has written them down.
    keys_url : str
        Where its public keys are fetched instead.
    launch_url : str
        Where an app is opened from a patient's page; blank where it is not.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    application = models.OneToOneField(
        Application, on_delete=models.PROTECT, related_name="api_client"
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="api_clients"
    )
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    scopes = models.JSONField(default=list)
    keys = models.JSONField(null=True)
    keys_url = models.URLField(max_length=500, blank=True)
    launch_url = models.URLField(max_length=500, blank=True)
    registered_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                condition=models.Q(revoked_at=None),
                name="one_standing_client_of_a_name",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_keys(self) -> bool:
        """True if it proves who it is by signing, and never by a secret."""
        return self.keys is not None or bool(self.keys_url)

    @property
    def is_app(self) -> bool:
        """True if people sign in and let it act for them; a backend has no such address."""
        return bool(self.application.redirect_uris)


class UsedAssertion(models.Model):
    """A proof of identity that was accepted once, so that nobody can use it again."""

    client = models.ForeignKey(ApiClient, on_delete=models.CASCADE, related_name="+")
    jti_sha256 = models.CharField(max_length=64)
    until = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "jti_sha256"], name="one_use_of_an_assertion")
        ]

    def __str__(self) -> str:
        return f"assertion {self.pk}"


class RedeemedCode(models.Model):
    """An authorization code that was used up, and what its client got for it.

    Attributes
    ----------
    token : AccessToken or None
        None once it has ended or was renewed.
    token_family : UUID or None
        Of the tokens that it is renewed by; None where it cannot be.
    """

    code_sha256 = models.CharField(max_length=64, unique=True)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="+")
    token = models.ForeignKey(AccessToken, on_delete=models.SET_NULL, null=True, related_name="+")
    token_family = models.UUIDField(null=True)
    redeemed_at = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return f"code {self.pk}"


class LaunchedPatient(models.Model):
    """The one patient that a grant, and then each token that comes of it, is about."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="+")
    grant = models.OneToOneField(
        Grant, on_delete=models.CASCADE, null=True, related_name="launched"
    )
    token = models.OneToOneField(
        AccessToken, on_delete=models.CASCADE, null=True, related_name="launched"
    )

    def __str__(self) -> str:
        return f"launch {self.pk}"
