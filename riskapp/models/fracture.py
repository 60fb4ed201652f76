"""A bone that broke."""

import uuid

from django.conf import settings
from django.db import models

from riskapp.exchange.choices import CHOICES
from riskapp.exchange.partial_date import PartialDate, Precision
from riskapp.models.patient import Patient
from riskapp.models.standing import Standing
from riskapp.risk.limits import ADULT_FROM_YEARS

SITES = CHOICES["prior_fracture_site"]
PRECISIONS = [(one.value, one.value.title()) for one in Precision]


class Fracture(Standing):
    """One fracture, as it was told. Never changed: struck out where it was entered in error.

    Attributes
    ----------
    happened_on : date
        The first day that the date can mean; ``precision`` says how closely it is known.
    is_fragility : bool or None
        Whether a healthy bone would have withstood it; None is not known.
    """

    class Circumstance(models.TextChoices):
        STANDING_FALL = "standing_fall", "Fall from standing height"
        HIGHER_FALL = "higher_fall", "Fall from higher up"
        NO_FALL = "no_fall", "No fall"
        OTHER_FORCE = "other_force", "Traffic or other force"
        NOT_KNOWN = "not_known", "Not known"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="fractures")
    site = models.CharField(max_length=8, choices=list(SITES.items()))
    happened_on = models.DateField()
    precision = models.CharField(max_length=5, choices=PRECISIONS)
    is_fragility = models.BooleanField(null=True)
    circumstance = models.CharField(max_length=13, choices=Circumstance.choices)
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-happened_on", "-recorded_at"]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def happened(self) -> PartialDate:
        return PartialDate(self.happened_on, Precision(self.precision))

    @property
    def is_in_adult_life(self) -> bool:
        """Whether it may have been: only such fractures tell of the bone that there is now."""
        return self.patient.age_years_on(self.happened.last) >= ADULT_FROM_YEARS
