"""Cards that were sent to hospitals' records, what became of them, and tokens that were used."""

from django.db import models

from riskapp.models.encrypted import EncryptedText
from riskapp.models.organisation import Organisation


class CdsCard(models.Model):
    """A card as far as it is counted; nothing in it is about a patient.

    Attributes
    ----------
    kind : str
        What it said, one of ``exchange.cds_cards.Kind``.
    client : str
        Name of the record system.
    suggestions : list of str
        The ids of what could be accepted.
    shown_on : date
        The day, and not the moment: a moment would find the patient in the record's own log.
    """

    uuid = models.UUIDField(primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    client = models.CharField(max_length=100)
    service = models.CharField(max_length=60)
    kind = models.CharField(max_length=30)
    suggestions = models.JSONField(default=list)
    shown_on = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["organisation", "shown_on"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"


class CdsFeedback(models.Model):
    """What somebody did with a card, as their record system told; once for each time they did.

    Attributes
    ----------
    accepted : list of str
        The ids of the suggestions that were accepted.
    reason_system, reason, reason_words : str
        Why it was overridden, as a code; blank where none was given.
    comment : str
        What the clinician wrote beside.
    digest : str
        Of all that was told, so that the same told twice is kept once.
    """

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted"
        OVERRIDDEN = "overridden"

    card = models.ForeignKey(CdsCard, on_delete=models.PROTECT, related_name="feedback")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    accepted = models.JSONField(default=list)
    reason_system = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=100, blank=True)
    reason_words = EncryptedText(blank=True, row="digest")
    comment = EncryptedText(blank=True, row="digest")
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField(auto_now_add=True)
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["happened_at", "id"]

    def __str__(self) -> str:
        return f"{self.outcome} {self.card_id}"


class UsedCdsToken(models.Model):
    """A token that a record system has shown, until it would have expired: it counts once."""

    digest = models.CharField(max_length=64, primary_key=True)
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.digest
