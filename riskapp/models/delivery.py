"""The promise to bring something to a peer, until the peer has confirmed that it holds it."""

from django.db import models

from riskapp.models.leased import Leased
from riskapp.models.organisation import Organisation


class Delivery(Leased):
    """One thing for one destination, promised in the transaction that caused it.

    Attributes
    ----------
    kind : str
        How it is sent: the name of a handler of ``actions.delivering``.
    destination : str
        Name of the peer.
    target : str
        What is sent, by identifiers; the same is promised to a destination once.
    payload : dict
        What the handler needs beyond the target: identifiers, and never a patient's values.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="deliveries"
    )
    kind = models.CharField(max_length=20)
    destination = models.CharField(max_length=200)
    target = models.CharField(max_length=200)
    payload = models.JSONField(default=dict)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta(Leased.Meta):
        verbose_name_plural = "deliveries"
        indexes = [
            *Leased.Meta.indexes,
            models.Index(fields=["target", "organisation"], name="deliveries_of_a_target"),
            models.Index(fields=["organisation", "status", "asked_at"], name="deliveries_by_state"),
            models.Index(
                fields=["organisation", "status", "confirmed_at"], name="deliveries_confirmed"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "kind", "destination", "target"], name="promised_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.target} to {self.destination}"

    @property
    def state(self) -> str:
        """``waiting``, ``confirmed`` or ``given up``."""
        if self.status == self.Status.DONE:
            return "confirmed"
        return "given up" if self.status == self.Status.DEAD else "waiting"
