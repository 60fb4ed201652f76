"""That a person's record was erased, or may not be."""

import uuid

from django.conf import settings
from django.db import models

from riskapp.models.organisation import Organisation
from riskapp.models.patient import Patient


class LegalHold(models.Model):
    """A reason for which a record must be kept, whoever asks for its end; until it is lifted."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="holds")
    because = models.CharField(max_length=200)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    lifted_because = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"hold {self.pk}"


class Erasure(models.Model):
    """One record that was erased. It names nobody, and no key leads from it to anything erased.

    Attributes
    ----------
    patient_id : UUID
        Which record it was, as the trail names it.
    number_hash : str
        Keyed hash of the record number, by which a restored copy is known again.
    asked_by, confirmed_by : User or None
        None where nobody asked: its time of keeping was over, or a backup had brought it back.
    files : list of str
        Paths in the data folder that are still to be deleted; empty once that is done.
    certificate : dict
        What was erased, what remains and why, signed.
    """

    class Because(models.TextChoices):
        ASKED = "asked", "The person asked for it"
        KEPT_LONG_ENOUGH = "kept_long_enough", "Its time of keeping is over"
        ENTERED_IN_ERROR = "entered_in_error", "It should never have been entered"
        ORDERED = "ordered", "A court or an authority ordered it"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    patient_id = models.UUIDField(db_index=True)
    number_hash = models.CharField(max_length=64)
    because = models.CharField(max_length=16, choices=Because.choices)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    asked_at = models.DateTimeField(auto_now_add=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    erased_at = models.DateTimeField(null=True, blank=True)
    files = models.JSONField(default=list)
    certificate = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient_id"],
                condition=models.Q(erased_at=None),
                name="one_open_erasure_of_a_record",
            )
        ]

    def __str__(self) -> str:
        return f"erasure {self.pk}"
