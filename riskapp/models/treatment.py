"""A course of treatment for osteoporosis."""

import uuid

from django.conf import settings
from django.db import models

from riskapp.exchange.choices import CHOICES
from riskapp.exchange.partial_date import PartialDate, Precision
from riskapp.models.fracture import PRECISIONS
from riskapp.models.patient import Patient
from riskapp.models.standing import Standing

# Taking none is not a course.
AGENTS = {
    code: words for code, words in CHOICES["osteoporosis_treatment"].items() if code != "none"
}


class Treatment(Standing):
    """One course. Nothing but its end is added later; struck out where it was entered in error.

    Attributes
    ----------
    started_on, ended_on : date
        The first day that the date can mean; ``started_precision`` and ``ended_precision`` say
        how closely it is known. A course without an end is taken now.
    """

    class WhyEnded(models.TextChoices):
        AS_PLANNED = "as_planned", "As planned"
        SIDE_EFFECTS = "side_effects", "Side effects"
        NOT_ENOUGH = "not_enough", "A fracture or bone loss in spite of it"
        SWITCHED = "switched", "Changed for another"
        OWN_WISH = "own_wish", "The patient’s wish"
        OTHER = "other", "Another reason"
        NOT_KNOWN = "not_known", "Not known"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="treatments")
    agent = models.CharField(max_length=26, choices=list(AGENTS.items()))
    started_on = models.DateField()
    started_precision = models.CharField(max_length=5, choices=PRECISIONS)
    ended_on = models.DateField(null=True, blank=True)
    ended_precision = models.CharField(max_length=5, choices=PRECISIONS, blank=True)
    why_ended = models.CharField(max_length=12, choices=WhyEnded.choices, blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-started_on", "-recorded_at"]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def started(self) -> PartialDate:
        return PartialDate(self.started_on, Precision(self.started_precision))

    @property
    def ended(self) -> PartialDate | None:
        if self.ended_on is None:
            return None
        return PartialDate(self.ended_on, Precision(self.ended_precision))

    @property
    def is_current(self) -> bool:
        return self.stands and self.ended_on is None
