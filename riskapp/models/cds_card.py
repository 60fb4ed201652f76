"""Cards that were sent to hospitals' records, what became of them, and tokens that were used."""

from collections.abc import Iterable
from typing import Any

from django.db import models, transaction

from riskapp.models.encrypted import EncryptedText
from riskapp.models.home import AT_ONCE, HomeOf
from riskapp.models.keyed_hash import KeyedHash
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
        indexes = [
            models.Index(fields=["organisation", "shown_on"]),
            models.Index(fields=["organisation", "kind"], name="cards_counted"),
        ]

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
    kind : str
        That of the card, as an index cannot hold what stands there.
    is_latest : bool
        Whether nothing later was told of the card (``settle_latest``).
    words_hash : str
        Equal for equal ``reason_words``, which are counted by it and not opened one by one.
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
    # What it is counted by. The database knows a default for what an earlier version writes.
    organisation = HomeOf(of="card")
    kind = models.CharField(max_length=30, default="", db_default="")
    is_latest = models.BooleanField(default=False, db_default=False)
    words_hash = KeyedHash(of="reason_words", default="", db_default="")
    has_comment = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering = ["happened_at", "id"]
        indexes = [
            models.Index(
                fields=[
                    "organisation", "kind", "outcome", "reason_system", "reason", "words_hash",
                    "is_latest",
                ],
                name="feedback_counted",
            ),
            models.Index(
                fields=["organisation", "-happened_at", "-id"],
                condition=models.Q(has_comment=True),
                name="feedback_with_comments",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.outcome} {self.card_id}"


class UsedCdsToken(models.Model):
    """A token that a record system has shown, until it would have expired: it counts once."""

    digest = models.CharField(max_length=64, primary_key=True)
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.digest


def settle_latest(feedback: Any, cards: Iterable[Any]) -> None:
    """Say anew of which feedback on these cards there is no later; ``feedback`` is its manager."""
    told = feedback.filter(card__in=list(cards))
    in_turn = told.order_by("happened_at", "id").values_list("card", "pk")
    latest = list(dict(in_turn).values())
    told.filter(is_latest=True).exclude(pk__in=latest).update(is_latest=False)
    told.filter(pk__in=latest).update(is_latest=True)


def fill_feedback(get_model: Any) -> int:
    """Write what it is counted by on feedback that has none, as ``home.fill`` does, in parts."""
    model = get_model("CdsFeedback")
    hash_of = model._meta.get_field("words_hash")
    bare = model.objects.filter(organisation=None).select_related("card").order_by()
    done = 0
    while some := list(bare[:AT_ONCE]):
        for one in some:
            one.organisation_id, one.kind = one.card.organisation_id, one.card.kind
            one.has_comment = bool(one.comment)
            one.words_hash = next(iter(hash_of.hashes(one.reason_words)), "")
        with transaction.atomic():
            filled = ["organisation", "kind", "has_comment", "words_hash"]
            model.objects.bulk_update(some, filled, batch_size=200)
            settle_latest(model.objects, {one.card_id for one in some})
        done += len(some)
    return done
