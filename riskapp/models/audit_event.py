"""Who did what, and when."""

from django.db import models


class AuditEvent(models.Model):
    """One row for each write and each stored estimate, in the same transaction as the deed.

    Identifiers only: no foreign keys, so that erasing a record does not unwrite history, and
    no values, so that history never has to be erased.
    """

    at = models.DateTimeField(auto_now_add=True)
    by = models.CharField(max_length=150)
    organisation_id = models.UUIDField(null=True)
    action = models.CharField(max_length=40)
    target = models.CharField(max_length=80)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["target"])]

    def __str__(self) -> str:
        return f"{self.action} {self.target}"
