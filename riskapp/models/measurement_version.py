"""What a scan measured, once for each time that it was measured."""

from django.conf import settings
from django.db import models

from imaging.result import ScanMeasurement
from riskapp.models.job import Job
from riskapp.models.scan import Scan


class MeasurementVersion(models.Model):
    """One measurement of a scan. Versions are added, never changed; the newest counts.

    ``result`` has the shape of ``ScanMeasurement.to_store``. ``job`` is unique: however often a
    job is taken up again, it leaves one version.
    """

    class Origin(models.TextChoices):
        AUTOMATIC = "automatic", "Placed automatically"
        CORRECTED = "corrected", "Corrected by hand"

    scan = models.ForeignKey(Scan, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    origin = models.CharField(max_length=9, choices=Origin.choices)
    result = models.JSONField()
    software_version = models.CharField(max_length=40)
    job = models.OneToOneField(Job, on_delete=models.PROTECT, related_name="version")
    # A clinician looked at the regions and confirmed them for use.
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["scan", "number"], name="one_version_per_number")
        ]

    def __str__(self) -> str:
        return f"scan {self.scan_id} version {self.number}"

    @property
    def measurement(self) -> ScanMeasurement:
        return ScanMeasurement.from_json(self.result)


class ScanPicture(models.Model):
    """A picture of the scan to show regions over; its bytes lie under their hash."""

    version = models.ForeignKey(
        MeasurementVersion, on_delete=models.CASCADE, related_name="pictures"
    )
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=80)
    title = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    slice_index = models.IntegerField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "name"], name="one_picture_per_name")
        ]

    def __str__(self) -> str:
        return self.name
