"""The promise to fetch a study of a patient from an archive."""

from django.db import models

from riskapp.models.encrypted import EncryptedJSON
from riskapp.models.leased import Leased
from riskapp.models.organisation import Organisation
from riskapp.models.patient import Patient
from riskapp.models.scan import Scan


class Fetch(Leased):
    """One study, fetched series by series.

    Attributes
    ----------
    archive : str
        Name of the archive among the site's connections.
    study_uid : str
        Blank asks the archive first which earlier scans there are; each becomes a fetch.
    series : list of str
        Series that a person chose; empty fetches all that can be read.
    told : dict
        What the archive said of the study: ``day``, ``modalities``, ``description``.
    by_itself : bool
        No person chose the patient, so that what comes is filed only where it names them.
    done_series : list of str
        Series that are taken over; a fetch that was cut off goes on behind them.
    reason : str
        Why it ended, or ended without a scan, as a sentence.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="fetches")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="fetches")
    archive = models.CharField(max_length=200)
    study_uid = models.CharField(max_length=64, blank=True)
    series = models.JSONField(default=list)
    told = EncryptedJSON(default=dict)
    by_itself = models.BooleanField(default=False)
    images_expected = models.PositiveIntegerField(null=True, blank=True)
    images_done = models.PositiveIntegerField(default=0)
    done_series = models.JSONField(default=list)
    scans = models.ManyToManyField(Scan, related_name="fetches")
    reason = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta(Leased.Meta):
        ordering = ["-asked_at"]
        verbose_name_plural = "fetches"

    def __str__(self) -> str:
        return f"fetch for patient {self.patient_id}"

    @property
    def is_pending(self) -> bool:
        return self.status in (self.Status.QUEUED, self.Status.RUNNING)

    @property
    def state(self) -> str:
        """``waiting``, ``fetching``, ``done`` or ``failed``."""
        names = {self.Status.QUEUED: "waiting", self.Status.RUNNING: "fetching"}
        return names.get(
            self.Status(self.status), "done" if self.status == self.Status.DONE else "failed"
        )
