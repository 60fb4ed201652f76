"""A cohort that an organisation brought to learn from."""

import uuid

from django.conf import settings
from django.db import models

from riskapp.models.organisation import Organisation


class CohortFile(models.Model):
    """One table of people and the note that declares its further columns.

    The bytes lie in a folder of their own, named by ``id``; a row whose bytes were deleted stays,
    so that a model can still say what it learned from.

    Attributes
    ----------
    name : str
        As the sender called the file; shown, and never used as a path.
    suffix : str
        ``csv`` or ``parquet``, by what the file holds.
    report : dict
        What the check found, counts only; empty until it was checked.
    reason : str
        Why it cannot be used, in a sentence.
    """

    class Status(models.TextChoices):
        CHECKING = "checking"
        USABLE = "usable"
        REFUSED = "refused"
        DELETED = "deleted"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="cohorts")
    name = models.CharField(max_length=80)
    suffix = models.CharField(max_length=7)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    has_schema = models.BooleanField(default=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField(auto_now_add=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.CHECKING)
    reason = models.TextField(blank=True)
    report = models.JSONField(default=dict)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-uploaded_at"]

    def __str__(self) -> str:
        return str(self.id)
