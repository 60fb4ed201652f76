"""A scan: one upload of one or more files, and what became of it."""

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from riskapp.models.home import HomeOf
from riskapp.models.patient import Patient

if TYPE_CHECKING:
    from riskapp.models.measurement_version import MeasurementVersion


class Scan(models.Model):
    """One upload.

    ``sha256`` is the hash of the files' hashes in order, so that the same upload is recognised
    again. ``reason`` is the sentence shown when there is no measurement.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", "Waiting to be measured"
        MEASURING = "measuring", "Being measured"
        MISMATCH = "mismatch", "Names another person"
        MEASURED = "measured", "Measured"
        REFUSED = "refused", "Cannot be measured"
        UNREADABLE = "unreadable", "Cannot be read"
        FAILED = "failed", "Measuring failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="scans")
    organisation = HomeOf()
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField(auto_now_add=True)
    sha256 = models.CharField(max_length=64, db_index=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-uploaded_at"]
        indexes = [
            models.Index(
                fields=["organisation", "uploaded_at", "id", "patient", "status"],
                name="scans_by_day",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_pending(self) -> bool:
        return self.status in (self.Status.QUEUED, self.Status.MEASURING)

    @property
    def newest_version(self) -> "MeasurementVersion | None":
        """The version that counts, or None before the first measurement."""
        return self.versions.order_by("-number").first()

    @property
    def newest_measured(self) -> "MeasurementVersion | None":
        """The newest version that holds a measurement: what a person can correct."""
        return self.versions.filter(result__status="measured").order_by("-number").first()

    @property
    def confirmed_version(self) -> "MeasurementVersion | None":
        """The version that counts, once a person has looked at its regions.

        None also where measuring again failed: somebody found the regions wanting.
        """
        newest = self.newest_version if self.status == self.Status.MEASURED else None
        return newest if newest is not None and newest.confirmed_at is not None else None


class ReceivedFile(models.Model):
    """One file as it was sent, which may say whose it is; here only until it is taken apart.

    ``name`` is that of the file in the folder of what was received, made up here.
    """

    scan = models.ForeignKey(Scan, on_delete=models.CASCADE, related_name="received_files")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=64, unique=True)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


class ScanFile(models.Model):
    """One file of a scan without identity, kept under its content's hash.

    Empty where the file that was sent is not kept: it held no picture.
    """

    scan = models.ForeignKey(Scan, on_delete=models.CASCADE, related_name="files")
    position = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    size_bytes = models.PositiveBigIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["scan", "position"], name="one_file_per_position")
        ]

    def __str__(self) -> str:
        return self.sha256
