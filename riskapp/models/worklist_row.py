"""Where a patient stands: what they wait for and what was last answered, ready to be listed."""

from django.db import models

from riskapp.models.assessment import Assessment
from riskapp.models.home import HomeOf
from riskapp.models.patient import Patient
from riskapp.models.scan import Scan


class WorklistRow(models.Model):
    """One patient on the lists. Written by ``actions.looking`` only, and made anew from the record.

    Attributes
    ----------
    rules : str
        Which version of the rules wrote it; a row of other rules is written anew.
    valid_before : date or None
        The first day on which something else may be waited for, though nothing happens till then.
    rank, since : int, datetime, or None
        Of the most urgent thing that is waited for; None where there is nothing.
    active_at : datetime
        When something last happened to the record.
    assessment : Assessment or None
        The latest one that published evidence answered; the numbers are its.
    major, major_lower, major_upper, hip : float or None
        10-year probabilities, fractions in [0, 1].
    usual_guideline : str
        Code of the one that is read first where the reader chose none.
    verdicts : dict
        What each guideline said, by its code, the one asked first in front: ``actions.looking``.
    """

    patient = models.OneToOneField(
        Patient, on_delete=models.CASCADE, primary_key=True, related_name="worklist_row"
    )
    organisation = HomeOf()
    rules = models.CharField(max_length=16)
    valid_before = models.DateField(null=True)
    rank = models.PositiveSmallIntegerField(null=True)
    since = models.DateTimeField(null=True)
    active_at = models.DateTimeField()
    assessment = models.ForeignKey(
        Assessment, on_delete=models.CASCADE, null=True, related_name="+"
    )
    major = models.FloatField(null=True)
    major_lower = models.FloatField(null=True)
    major_upper = models.FloatField(null=True)
    hip = models.FloatField(null=True)
    usual_guideline = models.CharField(max_length=40, blank=True)
    verdicts = models.JSONField(default=dict)

    class Meta:
        # Each holds all that a page is cut by, so that only the rows of the page are read.
        indexes = [
            models.Index(
                fields=["organisation", "since", "-active_at", "patient", "rank"],
                name="worklist_by_wait",
            ),
            models.Index(
                fields=["organisation", "-active_at", "patient", "rank"],
                name="worklist_by_activity",
            ),
            models.Index(
                fields=["organisation", "-major", "-active_at", "patient", "rank"],
                name="worklist_by_risk",
            ),
            models.Index(
                fields=["organisation", "rank", "since", "major"], name="worklist_counted"
            ),
            models.Index(fields=["organisation", "rules"], name="worklist_by_rules"),
            models.Index(fields=["organisation", "valid_before"], name="worklist_outdated"),
        ]

    def __str__(self) -> str:
        return str(self.patient_id)


class Wait(models.Model):
    """One thing that a patient waits for; of several the one of the lowest rank is shown.

    Attributes
    ----------
    reason : str
        Why, more closely than the kind; ``exchange.wait_wording`` has the words.
    since : datetime
        From when on they wait.
    listed_from : date
        The first day on which it stands on the worklist.
    due_on : date or None
        By when, where a rule or an agreement says so.
    recall, rule : str
        Under what the recall list shows it, and by which rule; blank where it does not.
    detail : dict
        What the sentence about it needs to name.
    """

    class Kind(models.TextChoices):
        """In order of urgency."""

        SCAN = "scan", "Scan to look at"
        FRACTURE = "fracture", "Fracture, no treatment"
        CT = "ct", "Low on CT"
        ASSESS = "assess", "To assess"
        INPUTS = "inputs", "Inputs missing"
        DISCUSS = "discuss", "To discuss"
        FOLLOW_UP = "follow_up", "Due for review"
        MEASURING = "measuring", "Being measured"

    class Recall(models.TextChoices):
        FRACTURE = "fracture", "Fracture without treatment"
        SCAN = "scan", "Scan"
        ASSESSMENT = "assessment", "Assessment"
        TREATMENT = "treatment", "Treatment review"

    row = models.ForeignKey(WorklistRow, on_delete=models.CASCADE, related_name="waits")
    organisation = HomeOf(of="row")
    kind = models.CharField(max_length=9, choices=Kind.choices)
    rank = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=24)
    since = models.DateTimeField()
    listed_from = models.DateField()
    due_on = models.DateField(null=True)
    recall = models.CharField(max_length=10, choices=Recall.choices, blank=True)
    rule = models.CharField(max_length=60, blank=True)
    detail = models.JSONField(default=dict)
    scan = models.ForeignKey(Scan, on_delete=models.CASCADE, null=True, related_name="+")

    class Meta:
        ordering = ["rank", "since", "pk"]
        indexes = [
            models.Index(fields=["row", "rank", "since"], name="first_wait_of_a_row"),
            models.Index(fields=["organisation", "recall", "due_on", "row"], name="recall_counted"),
            models.Index(
                fields=["organisation", "due_on", "row", "id", "recall"], name="recall_by_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.row_id} waits: {self.kind}"
