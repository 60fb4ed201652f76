"""A stored answer, with all that is needed to compute it again."""

import uuid

from django.conf import settings
from django.db import models

from riskapp.models.encrypted import EncryptedJSON
from riskapp.models.home import HomeOf
from riskapp.models.patient import Patient
from riskapp.models.scan import Scan


class Assessment(models.Model):
    """What was known, what was answered, and which models answered. Written once.

    Attributes
    ----------
    profile : dict
        The known fields by contract name, as the engines used them.
    site_values : list
        ``name``, ``label``, ``unit`` (UCUM) and ``value`` of what was known of the site's own
        columns: told in full, as the models that asked for them may be retired one day.
    provenance : dict
        For each of those fields where it came from: ``typed``, ``record`` (the patient's own, with
        its fractures and treatments), ``scan <id> version <number>`` or ``imported <id>`` (what
        another system told).
    measurements : list
        For each slot that scans could fill, which measurement of which version of which scan
        was used, who chose it, and why the others were passed over (``actions.choosing``).
    estimates : list
        One ``Estimate`` of the contract for each engine.
    other_evidence : list
        What the other evidence sets said then, as ``actions.comparing`` tells it; empty for what
        was stored before they were asked.
    model_ids : dict
        Model id by engine name.
    versions : dict
        Hashes of the tables and of the stored models that answered, as ``actions.versions`` makes
        them; empty for what was stored before they were kept.
    options : dict
        ``EstimateOptions`` by name.
    own_impression : str
        What the clinician thought of the risk (``actions.impressions``); blank if not told.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="assessments")
    organisation = HomeOf()
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    profile = EncryptedJSON()
    site_values = EncryptedJSON(default=list)
    provenance = EncryptedJSON()
    measurements = EncryptedJSON(default=list)
    estimates = EncryptedJSON()
    warnings = EncryptedJSON()
    scans = models.ManyToManyField(Scan, related_name="assessments", blank=True)
    evidence_set = models.CharField(max_length=40)
    other_evidence = EncryptedJSON(default=list)
    model_ids = models.JSONField()
    versions = models.JSONField(default=dict)
    options = models.JSONField()
    software_version = models.CharField(max_length=40)
    own_impression = models.CharField(max_length=9, blank=True, default="")

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(
                fields=["organisation", "created_at", "id", "patient"], name="assessments_by_day"
            ),
            # Short, as a count of a million goes through all of it.
            models.Index(fields=["organisation"], name="assessments_counted"),
            models.Index(fields=["patient", "created_at"], name="assessments_of_a_patient"),
            # Of each release and choice of models the earliest is found, however many there are.
            models.Index(
                fields=["organisation", "software_version", "model_ids", "created_at", "patient"],
                name="assessments_by_answerer",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
