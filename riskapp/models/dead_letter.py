"""What was promised and could not be done, until a person tries it again or lets it go."""

import uuid

from django.db import models

from riskapp.models.organisation import Organisation


class DeadLetter(models.Model):
    """One thing that failed for good, or that a peer was told cannot be taken.

    Attributes
    ----------
    kind : str
        Which queue, or which door, gave it up.
    target : str
        The row of that queue, or what the peer calls its message; the same is told once while
        it is open.
    problem : str
        What happened, as a sentence without patient values.
    tries : int
        How often it was tried.
    first_at : datetime
        When it was promised, or first came.
    settled_at, settled_by, outcome, because
        What became of it; open while ``outcome`` is blank.
    """

    class Kind(models.TextChoices):
        JOB = "job", "Measuring a scan"
        DELIVERY = "delivery", "Sending something to another program"
        FETCH = "fetch", "Fetching a study from an archive"
        IMPORT = "bulkimport", "Reading many people from a record"
        ANSWER = "bulkanswer", "Answering for many people"
        RUN = "laboratoryrun", "A run of the laboratory"
        ARRIVAL = "arrival", "Filing a study that arrived"
        MESSAGE = "message", "Taking a message of another system"

    class Outcome(models.TextChoices):
        AGAIN = "again", "Tried again"
        DROPPED = "dropped", "Let go"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    target = models.CharField(max_length=420)
    problem = models.TextField()
    tries = models.PositiveIntegerField()
    first_at = models.DateTimeField()
    at = models.DateTimeField(db_index=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=150, blank=True)
    outcome = models.CharField(max_length=7, choices=Outcome.choices, blank=True)
    because = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "target", "organisation"],
                condition=models.Q(outcome=""),
                name="one_open_letter",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.target}"
