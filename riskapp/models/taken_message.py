"""A message of another system that was taken: answered the same when it comes again."""

from django.db import models

from riskapp.models.encrypted import EncryptedText
from riskapp.models.organisation import Organisation


class TakenMessage(models.Model):
    """What was answered, and no word of what was told.

    Attributes
    ----------
    source : str
        Name of the peer.
    control_id, sha256 : str
        MSH-10 and the message's own hash: some senders begin to count anew.
    kind : str
        Such as ``ADT^A08``.
    answer : str
        The acknowledgement.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=200)
    control_id = models.CharField(max_length=199)
    sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=20)
    answer = EncryptedText(row="sha256")
    taken_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "source", "control_id", "sha256"], name="taken_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
