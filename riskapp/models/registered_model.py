"""The life of a trained model: who made it, who approved it, where it stands."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from riskapp.models.laboratory_run import LaboratoryRun
from riskapp.models.organisation import Organisation


class RegisteredModel(models.Model):
    """A model folder that belongs to an organisation; nothing else may be served.

    Attributes
    ----------
    sha256 : str
        Of the folder's manifest when it was registered, which holds the hash of every other
        file. A folder with another one is not this model.
    evidence : str
        Fingerprint of the published evidence when it was registered or last approved: its
        hazards are the evidence's times what it learned, so that a newer product may answer
        otherwise by it. Blank for those that were registered before it was kept.
    golden : dict or None
        What it answered about made-up people when it was approved (``modelstore.golden``). It
        serves only while it still does.
    approved_by : User or None
        Never the one who trained it; the database holds that too.
    """

    class Status(models.TextChoices):
        TRAINED = "trained"
        SHADOW = "in shadow"
        APPROVED = "approved"
        SERVING = "serving"
        RETIRED = "retired"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="models")
    model_id = models.CharField(max_length=64, unique=True)
    engine = models.CharField(max_length=40)
    trained_on = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    evidence = models.CharField(max_length=8, default="", blank=True)
    golden = models.JSONField(null=True, blank=True)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.TRAINED)
    run = models.ForeignKey(
        LaboratoryRun, on_delete=models.PROTECT, related_name="models", null=True, blank=True
    )
    trained_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    registered_at = models.DateTimeField(auto_now_add=True)
    shadow_since = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-registered_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("trained_by")),
                name="approved_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "serving"]) | Q(approved_by__isnull=False),
                name="served_only_when_approved",
            ),
        ]

    def __str__(self) -> str:
        return self.model_id


class StatusChange(models.Model):
    """One step in a model's life, with the reason that somebody gave. Written once."""

    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="changes")
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    before = models.CharField(max_length=9, blank=True)
    after = models.CharField(max_length=9)
    why = models.CharField(max_length=500)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.before} to {self.after}"


class ServedModel(models.Model):
    """Which model answers for an engine in an organisation; without a row, the shipped one."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="served")
    engine = models.CharField(max_length=40)
    model = models.OneToOneField(RegisteredModel, on_delete=models.PROTECT, related_name="served")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "engine"], name="one_model_per_engine")
        ]

    def __str__(self) -> str:
        return f"{self.engine}: {self.model_id}"
