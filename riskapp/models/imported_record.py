"""What a hospital's system told of a patient, as it was read."""

import uuid

from django.conf import settings
from django.db import models

from riskapp.models.encrypted import EncryptedJSON
from riskapp.models.patient import Patient


class ImportedRecord(models.Model):
    """One reading of a patient's record elsewhere. Written once.

    Attributes
    ----------
    source : str
        Which system, as ``ehr:NAME``.
    is_whole : bool
        All that the system held, which replaces what it told before; else one message more.
    answers : dict
        By contract name and in its units.
    chosen : list
        For each answer ``field``, ``value``, ``unit``, ``resource``, ``effective``, ``code``,
        ``words``: which entry of the record gave it.
    passed_over : list
        ``resource``, ``field`` and ``why`` of what was read and not used.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="imported")
    source = models.CharField(max_length=200)
    is_whole = models.BooleanField()
    received_at = models.DateTimeField(auto_now_add=True)
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    answers = EncryptedJSON()
    chosen = EncryptedJSON()
    passed_over = EncryptedJSON()

    class Meta:
        ordering = ["received_at"]

    def __str__(self) -> str:
        return str(self.id)
