"""Trabecula opened from a hospital's record: who asked, and what was granted."""

import uuid

from django.conf import settings
from django.db import models

from riskapp.models.encrypted import EncryptedJSON, EncryptedText
from riskapp.models.organisation import Organisation
from riskapp.models.patient import Patient


class EhrAccount(models.Model):
    """A person as one issuer knows them, and the account that they have here."""

    issuer = models.CharField(max_length=500)
    subject = models.CharField(max_length=255)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="ehr_account"
    )
    fhir_user = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="one_account_per_subject")
        ]

    def __str__(self) -> str:
        return f"ehr account {self.pk}"


class EhrLaunch(models.Model):
    """One launch, from the question to the record until its tokens are of no more use.

    Attributes
    ----------
    ehr : str
        Name of the connection.
    state_sha256, browser_sha256 : str
        Of what the answer must bring along, and of what only the browser that asked holds.
    configuration : dict
        Where the record's authorization server is (``SmartConfiguration``).
    secrets : dict of str
        PKCE verifier and nonce until they are used, then access and refresh token.
    answered_at : datetime or None
        When its answer was taken, which happens once.
    tokens_until : datetime or None
        End of the access token.
    fhir_patient, encounter : str
        Ids of what is open in the record.
    patient : Patient or None
        Who that is here, once it is settled.
    same_although : list
        The differences between the two that somebody confirmed not to matter.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ehr = models.CharField(max_length=200)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="ehr_launches"
    )
    asked_at = models.DateTimeField(auto_now_add=True)
    state_sha256 = models.CharField(max_length=64, unique=True)
    browser_sha256 = models.CharField(max_length=64)
    redirect_uri = models.CharField(max_length=500)
    configuration = models.JSONField()
    asked_scope = models.TextField()
    secrets = EncryptedJSON()
    answered_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="ehr_launches"
    )
    scopes = models.JSONField(default=list)
    tokens_until = models.DateTimeField(null=True, blank=True)
    fhir_patient = EncryptedText(blank=True)
    encounter = EncryptedText(blank=True)
    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, null=True, related_name="ehr_launches"
    )
    same_although = EncryptedJSON(default=list)

    class Meta:
        ordering = ["-asked_at"]

    def __str__(self) -> str:
        return f"launch {self.id}"
