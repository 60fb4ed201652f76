"""The promise to measure a scan."""

from django.db import models

from riskapp.models.leased import Leased
from riskapp.models.organisation import Organisation
from riskapp.models.scan import Scan


class Job(Leased):
    """Measure one scan, with given regions or by placing them."""

    scan = models.ForeignKey(Scan, on_delete=models.PROTECT, related_name="jobs")
    # Regions that a person placed, in the shape of ScanMeasurement's; None places them anew.
    regions = models.JSONField(null=True, blank=True)
    # What measuring has gone through, by the names of imaging.stages; the last goes on.
    stages = models.JSONField(default=list, blank=True)

    @property
    def organisation(self) -> Organisation:
        return self.scan.patient.organisation

    def __str__(self) -> str:
        return f"measure scan {self.scan_id}"
