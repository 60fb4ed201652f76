"""How well an organisation's scanner repeats a region, by the site's own study."""

from django.conf import settings
from django.db import models

from riskapp.models.organisation import Organisation


class SitePrecision(models.Model):
    """One region of one precision study. Rows are added, never changed; the newest counts.

    Attributes
    ----------
    manufacturer, model, serial : str
        The scanner, as scans name it; a blank model or serial number is any.
    region : str
        As reports name it: ``L1-L4``, ``total_hip``, ``femoral_neck_left``, ...
    sd : float
        Root mean square of people's standard deviations, g/cm2.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="precisions"
    )
    manufacturer = models.CharField(max_length=40)
    model = models.CharField(max_length=64, blank=True)
    serial = models.CharField(max_length=64, blank=True)
    region = models.CharField(max_length=40)
    studied_on = models.DateField()
    people = models.PositiveIntegerField()
    degrees = models.PositiveIntegerField()
    mean = models.FloatField()
    sd = models.FloatField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["studied_on", "id"]

    def __str__(self) -> str:
        return f"precision of {self.region}"
