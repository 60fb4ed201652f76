"""Everybody of a hospital's record, on the way here."""

from django.db import models

from riskapp.models.leased import Leased
from riskapp.models.organisation import Organisation


class BulkImport(Leased):
    """One export of a record: asked for, waited for, fetched and read, across restarts.

    Attributes
    ----------
    ehr : str
        Name of the record among the connections.
    level : str
        ``system``, ``group`` (of the id ``group``) or ``patient``, as FHIR's operation has them.
    since : str
        Instant after which something has to have changed; blank for everything.
    status_url : str
        Where the export is asked for; blank until it was started.
    transaction_time : str
        The instant that the export shows.
    files : list
        ``kind``, ``url``, ``name`` and ``is_here`` of each file; ``needs_token`` of all.
    reached : str
        The last patient of the export who was read.
    looks : int
        How often the export was asked for and not ready, which is no failure.
    counts : dict
        ``imported``, ``registered``, ``broken_lines``, ``said`` by the server, and ``left_out``
        by reason.
    """

    class Level(models.TextChoices):
        SYSTEM = "system"
        GROUP = "group"
        PATIENT = "patient"

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="bulk_imports"
    )
    ehr = models.CharField(max_length=200)
    level = models.CharField(max_length=7, choices=Level.choices)
    group = models.CharField(max_length=64, blank=True)
    since = models.CharField(max_length=40, blank=True)
    status_url = models.TextField(blank=True)
    progress = models.CharField(max_length=200, blank=True)
    transaction_time = models.CharField(max_length=40, blank=True)
    files = models.JSONField(default=list)
    needs_token = models.BooleanField(default=True)
    reached = models.CharField(max_length=200, blank=True)
    looks = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.level} of {self.ehr}"
