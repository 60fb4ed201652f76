"""Who did what, and when: a chain of rows that can only grow."""

from django.db import models


class AuditEvent(models.Model):
    """One row for each write, read, stored estimate and refusal, in the transaction of the deed.

    Identifiers, counts and keyed digests only: no foreign keys, so that erasing a record does not
    unwrite history, and no values and no names, so that history never has to be erased. Triggers
    refuse to change or delete a row (``append_only``); ``actions.auditing`` writes them, and
    docs/trail.md has what is signed and how.

    Attributes
    ----------
    number : int
        Place in the chain: 1, 2, 3, without gaps, for the whole site.
    by : str
        Id of the account, with ``>`` and the program it acts through; or a word of
        ``auditing.Actor``.
    patient_id : UUID or None
        Whose record it is about, where it is about one.
    detail : dict
        Counts, ids and digests.
    content : str
        Keyed digest of what was written, as ``KEY:HEX``; blank where nothing was.
    before, digest : str
        SHA-256 of the row before, and of this one, in hexadecimal.
    seal : str
        HMAC-SHA256 of ``digest`` under the site's trail key, as ``KEY:HEX``.
    """

    number = models.BigIntegerField(unique=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    organisation_id = models.UUIDField(null=True)
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=80)
    patient_id = models.UUIDField(null=True)
    detail = models.JSONField(default=dict)
    content = models.CharField(max_length=100, blank=True)
    before = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    seal = models.CharField(max_length=100)

    class Meta:
        ordering = ["number"]
        indexes = [
            models.Index(fields=["target"]),
            models.Index(fields=["patient_id", "number"], name="trail_of_a_patient"),
            models.Index(fields=["organisation_id", "number"], name="trail_of_an_organisation"),
            models.Index(fields=["by", "number"], name="trail_of_a_person"),
            models.Index(fields=["organisation_id", "action", "number"], name="trail_of_an_action"),
            models.Index(
                fields=["organisation_id", "by", "action", "number"], name="trail_of_a_deed"
            ),
            models.Index(fields=["action", "number"], name="trail_by_action"),
            models.Index(fields=["at"], name="trail_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.action} {self.target}"


class TrailHead(models.Model):
    """The one row that says where the chain ends; who adds to the chain holds it meanwhile."""

    number = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return str(self.number)


class TrailCheck(models.Model):
    """What a look at the whole chain, or at a part of it, found.

    Attributes
    ----------
    first, last : int
        The numbers that were looked at.
    broken_at : int or None
        The first number that is not as it was written; None where all are.
    sentence : str
        What was found, for people.
    """

    at = models.DateTimeField(auto_now_add=True)
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    broken_at = models.BigIntegerField(null=True)
    is_sound = models.BooleanField()
    sentence = models.CharField(max_length=300)
    seconds = models.FloatField()

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return self.sentence
