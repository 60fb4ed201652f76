"""A result that was talked over with the patient."""

import uuid

from django.conf import settings
from django.db import models

from riskapp.models.assessment import Assessment
from riskapp.models.standing import Standing


class Discussion(Standing):
    """What was decided about one assessment, and when to look again.

    Never changed: struck out where it was entered in error.
    """

    class Decided(models.TextChoices):
        START_TREATMENT = "start_treatment", "Start treatment"
        NO_TREATMENT_NOW = "no_treatment_now", "No treatment now"
        DECIDE_LATER = "decide_later", "Decide later"
        MEASURE_FIRST = "measure_first", "Measure first"
        REFER = "refer", "Refer to a specialist"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="discussions")
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided = models.CharField(max_length=16, choices=Decided.choices)
    review_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return str(self.id)
