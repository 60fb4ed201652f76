"""What a reader of assessments chose for themselves, whoever the person is."""

from django.conf import settings
from django.db import models


class ReaderPreference(models.Model):
    """Remembered from one sign-in to the next; nothing in it is about a patient."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="preference"
    )
    guideline = models.CharField(max_length=60, blank=True)
    evidence_set = models.CharField(max_length=60, blank=True)
    population = models.CharField(max_length=60, blank=True)
    units = models.JSONField(default=dict)  # UCUM code by quantity
