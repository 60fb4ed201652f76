"""A study that another system sent, until it is settled whose it is."""

import uuid

from django.conf import settings
from django.db import models

from riskapp.models.encrypted import EncryptedDate, EncryptedText
from riskapp.models.keyed_hash import KeyedHash
from riskapp.models.organisation import Organisation
from riskapp.models.patient import Patient
from riskapp.models.scan import Scan


class Arrival(models.Model):
    """Objects of one study, as they come in from a scanner, an archive or another program.

    Attributes
    ----------
    source : str
        By which way it came, such as ``sender:ct-1``.
    received_by : User
        The account that acted for the peer.
    due_at : datetime
        When the study counts as complete unless more of it comes.
    failures : int
        How often filing it failed here.
    reason : str
        Why a person has to decide, as a sentence; blank otherwise.
    identifier ... accession_number
        What the files say of the person, as ``imaging.identity.whose.Identity``; blank again as
        soon as the files are a scan, which has an identity record of its own, or are gone.
    our_issuer : str
        Who issues the organisation's record numbers, where the peer's entry says so.
    is_mixed : bool
        The files name more than one person.
    """

    class Status(models.TextChoices):
        RECEIVING = "receiving", "Being received"
        WAITING = "waiting", "Waits for somebody to say whose it is"
        FILED = "filed", "Filed"
        DISCARDED = "discarded", "Discarded"

    OPEN = (Status.RECEIVING, Status.WAITING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=100)
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    our_issuer = models.CharField(max_length=200, blank=True)
    study_uid = models.CharField(max_length=128)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.RECEIVING)
    first_at = models.DateTimeField(auto_now_add=True)
    last_at = models.DateTimeField()
    due_at = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0)
    reason = models.TextField(blank=True)
    identifier = EncryptedText(blank=True)
    identifier_folded = KeyedHash(of="identifier", fold=True)
    issuer = EncryptedText(blank=True)
    name = EncryptedText(blank=True)
    birth_date = EncryptedDate(null=True, blank=True)
    sex = EncryptedText(blank=True)
    accession_number = EncryptedText(blank=True)
    accession_hash = KeyedHash(of="accession_number")
    removed = models.BooleanField(default=False)
    is_mixed = models.BooleanField(default=False)
    study_day = models.CharField(max_length=8, blank=True)
    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    because = EncryptedText(blank=True)

    class Meta:
        ordering = ["first_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "study_uid"],
                condition=models.Q(status__in=["receiving", "waiting"]),
                name="one_open_arrival_per_study",
            )
        ]
        indexes = [
            models.Index(fields=["status", "due_at"]),
            # Of all that came few are open.
            models.Index(fields=["organisation", "status", "first_at"], name="arrivals_by_state"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN


class ArrivedFile(models.Model):
    """One object of an arrival.

    ``name`` is that of its bytes in the folder of what was received; blank once they went over to
    ``scan``, or are gone. The row stays, so that the same object sent again is known.
    """

    arrival = models.ForeignKey(Arrival, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=64, blank=True)
    size_bytes = models.PositiveBigIntegerField()
    # Of the object without preamble and file meta information, and of what its head says.
    content_sha256 = models.CharField(max_length=64)
    head_sha256 = models.CharField(max_length=64)
    source = models.CharField(max_length=100)
    sop_class_uid = models.CharField(max_length=128)
    instance_uid = models.CharField(max_length=128, db_index=True)
    series_uid = models.CharField(max_length=128)
    modality = models.CharField(max_length=16, blank=True)
    received_at = models.DateTimeField(auto_now_add=True)
    scan = models.ForeignKey(
        Scan, on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["arrival", "instance_uid"], name="one_file_per_instance"
            )
        ]

    def __str__(self) -> str:
        return self.instance_uid
