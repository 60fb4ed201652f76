"""What a model in shadow would have said."""

from django.db import models

from riskapp.models.assessment import Assessment
from riskapp.models.registered_model import RegisteredModel


class ShadowScore(models.Model):
    """A silent answer beside a stored assessment; shown on the model's own page only.

    Attributes
    ----------
    answer : dict
        ``probability_10y`` and ``curve`` by outcome; empty where it refused.
    beside : dict
        What answered then: 10-year probability by outcome, by model id, evidence included.
    refused : str
        Why it could not say anything, in a sentence.
    """

    model = models.ForeignKey(RegisteredModel, on_delete=models.CASCADE, related_name="shadows")
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="shadows")
    scored_at = models.DateTimeField(auto_now_add=True)
    answer = models.JSONField(default=dict)
    beside = models.JSONField(default=dict)
    refused = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["model", "assessment"], name="one_shadow_each")
        ]

    def __str__(self) -> str:
        return f"{self.model_id} beside {self.assessment_id}"
