"""What became of a patient, as far as it was heard."""

from django.conf import settings
from django.db import models

from riskapp.models.patient import Patient


class RecordedOutcome(models.Model):
    """A fracture, a death, or the last day on which neither had been heard of (``none``)."""

    class Outcome(models.TextChoices):
        HIP = "hip"
        OTHER_MAJOR = "other_major_osteoporotic"
        OTHER_FRACTURE = "other_fracture"
        DEATH = "death"
        NONE = "none"

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="outcomes")
    outcome = models.CharField(max_length=24, choices=Outcome.choices)
    on = models.DateField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["patient", "outcome", "on"], name="told_once")
        ]

    def __str__(self) -> str:
        return f"{self.outcome} of {self.patient_id}"
