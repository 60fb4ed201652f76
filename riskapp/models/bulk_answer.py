"""RiskAssessments of many people at once, on the way to who asked."""

from django.db import models

from riskapp.models.encrypted import EncryptedText
from riskapp.models.leased import Leased
from riskapp.models.organisation import Organisation


class BulkAnswer(Leased):
    """One request to assess many of an organisation's people, answered as NDJSON.

    Attributes
    ----------
    wanted : dict
        ``population``, ``evidence_set``, ``guideline``, ``clamp_age``.
    people : list
        Ids of the patients who were named; all of the organisation where it is empty.
    total, done : int
        How many there were when it was asked, and how many have been answered.
    reached : UUID or None
        The last patient who was answered; they go by id.
    written : dict
        Of each file its ``bytes`` and ``lines``, as far as they count: what a worker wrote
        beyond that before it ended is cut off.
    request : str
        The address of the call, which the manifest repeats.
    finished_at : datetime or None
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="bulk_answers"
    )
    wanted = models.JSONField(default=dict)
    people = models.JSONField(default=list)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    reached = models.UUIDField(null=True, blank=True)
    written = models.JSONField(default=dict)
    request = EncryptedText(blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.done} of {self.total}"
