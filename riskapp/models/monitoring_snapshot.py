"""How a model's people and numbers looked on one day, against those it learned from."""

from django.db import models

from riskapp.models.registered_model import RegisteredModel


class MonitoringSnapshot(models.Model):
    """One look at a model; counts and shares only. Written once.

    Attributes
    ----------
    first_day, last_day : date
        Of the stored assessments that were looked at.
    findings : list
        ``name``, ``kind`` (input, missingness, prediction, calibration), ``value``, ``limits``,
        ``verdict`` and ``sentence`` of each thing that was compared.
    verdict : str
        The gravest of them.
    """

    class Verdict(models.TextChoices):
        TOO_FEW = "too few"
        STABLE = "stable"
        WATCH = "watch"
        ACT = "act"

    model = models.ForeignKey(RegisteredModel, on_delete=models.CASCADE, related_name="snapshots")
    made_at = models.DateTimeField(auto_now_add=True)
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    assessments = models.PositiveIntegerField()
    findings = models.JSONField()
    verdict = models.CharField(max_length=7, choices=Verdict.choices)

    class Meta:
        ordering = ["-made_at", "-id"]

    def __str__(self) -> str:
        return f"{self.model_id}: {self.verdict}"
