"""An examination that was ordered, and whether its scan has arrived."""

import uuid

from django.conf import settings
from django.db import models

from riskapp.models.arrival import Arrival
from riskapp.models.encrypted import EncryptedText
from riskapp.models.keyed_hash import KeyedHash
from riskapp.models.organisation import Organisation
from riskapp.models.patient import Patient


class ExpectedScan(models.Model):
    """One order: its accession number is repeated by every image of the examination.

    Attributes
    ----------
    source : str
        Who told of it, such as ``worklist:ris`` or ``hl7:adt``.
    arrival : Arrival or None
        What arrived under its accession number.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="expected_scans")
    accession_number = EncryptedText()
    accession_hash = KeyedHash(of="accession_number")
    procedure = EncryptedText(blank=True)
    modality = models.CharField(max_length=16, blank=True)
    planned_on = models.DateField()
    source = models.CharField(max_length=100, blank=True)
    told_at = models.DateTimeField(auto_now_add=True)
    told_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    arrived_at = models.DateTimeField(null=True, blank=True)
    arrival = models.ForeignKey(
        Arrival, on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["planned_on", "told_at", "id"]
        indexes = [
            models.Index(
                fields=[
                    "organisation",
                    "planned_on",
                    "told_at",
                    "id",
                    "patient",
                    "arrived_at",
                    "cancelled_at",
                ],
                name="expected_scans_by_day",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "accession_hash"],
                name="one_expected_scan_per_accession_number",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.id)
