"""Bone that was seen on a CT made for another reason, and whom it was passed on to."""

from django.conf import settings
from django.db import models

from riskapp.exchange.incidental import conditions_missed, is_low
from riskapp.models.encrypted import EncryptedText
from riskapp.models.scan import Scan


class IncidentalFinding(models.Model):
    """What one CT shows of the bone; written anew whenever the scan is measured anew.

    Attributes
    ----------
    number : int
        Of the measurement that it was read from.
    l1_hu : float or None
        Trabecular attenuation of L1.
    deformed : list of str
        Vertebrae that the rule of heights flagged.
    held_back : list of str
        Codes of findings after which attenuation is not compared with thresholds.
    is_confirmed : bool
        Whether a person has looked at the regions.
    """

    scan = models.OneToOneField(Scan, on_delete=models.CASCADE, related_name="incidental")
    number = models.PositiveIntegerField()
    l1_hu = models.FloatField(null=True)
    deformed = models.JSONField(default=list)
    held_back = models.JSONField(default=list)
    is_confirmed = models.BooleanField(default=False)

    @property
    def is_low(self) -> bool:
        return is_low(self.l1_hu, self.held_back)

    @property
    def conditions_missed(self) -> str:
        return conditions_missed(self.held_back)

    def __str__(self) -> str:
        return f"incidental finding of scan {self.scan_id}"


class RadiologyStep(models.Model):
    """What a person did about an incidental finding. Never changed; the latest one counts.

    ``form`` is the id of the form that said so: sent twice, it says so once.
    """

    class Step(models.TextChoices):
        PASSED_ON = "passed_on", "Passed on to radiology"
        REPORTED = "reported", "Radiologist has reported"
        NO_ACTION = "no_action", "No action"

    scan = models.ForeignKey(Scan, on_delete=models.PROTECT, related_name="radiology_steps")
    step = models.CharField(max_length=9, choices=Step.choices)
    because = EncryptedText(blank=True, row="scan_id")
    form = models.UUIDField(null=True, blank=True)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"scan {self.scan_id}: {self.step}"
