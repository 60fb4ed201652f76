"""Entries of a record that are never deleted: what was entered in error is struck out."""

from typing import Self

from django.conf import settings
from django.db import models


class StandingQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def standing(self) -> Self:
        """Those that were not struck out."""
        return self.filter(struck_out_at=None)


class Standing(models.Model):
    """Who struck an entry out, and when; both are blank while it stands."""

    struck_out_at = models.DateTimeField(null=True, blank=True)
    struck_out_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    objects = StandingQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def stands(self) -> bool:
        return self.struck_out_at is None
