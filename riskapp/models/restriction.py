"""Records that only named people open, and what others stated to open one all the same."""

import uuid

from django.conf import settings
from django.db import models

from riskapp.models.encrypted import EncryptedText
from riskapp.models.patient import Patient


class Restriction(models.Model):
    """A record of somebody whom colleagues may know: it opens to its care team."""

    patient = models.OneToOneField(
        Patient, on_delete=models.CASCADE, primary_key=True, related_name="restriction"
    )
    team = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.patient_id)


class EmergencyAccess(models.Model):
    """One person opened one restricted record for a stated reason, for some hours.

    Attributes
    ----------
    words : str
        What they wrote besides, encrypted: it may tell of the patient.
    """

    class Reason(models.TextChoices):
        EMERGENCY = "emergency", "Emergency care now"
        COVERING = "covering", "Covering for the care team"
        REFERRED = "referred", "Referred to me, and not yet on the care team"
        SAFETY = "safety", "A safety concern, or a mistake to put right"
        OTHER = "other", "Another reason, written below"

    class Verdict(models.TextChoices):
        JUSTIFIED = "justified", "Justified"
        FOLLOW_UP = "follow_up", "To be followed up"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(
        Patient, on_delete=models.CASCADE, related_name="emergency_accesses"
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=9, choices=Reason.choices)
    words = EncryptedText()
    opened_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=9, choices=Verdict.choices, blank=True)

    class Meta:
        ordering = ["-opened_at"]
        indexes = [models.Index(fields=["user", "ends_at"], name="open_emergency_accesses")]

    def __str__(self) -> str:
        return str(self.id)
