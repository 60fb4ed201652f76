"""Whose patients are whose: an organisation and the people who work there."""

import uuid

from django.conf import settings
from django.db import models


class Organisation(models.Model):
    """A clinic or a department; nothing is ever shown across its border.

    Attributes
    ----------
    second_factor_of : list of str
        Roles whose people need a second factor, besides those of TRABECULA_SECOND_FACTOR.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200, unique=True)
    second_factor_of = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What somebody does there; what each role may do stands in ``riskapp.actions.permitting``."""

    CLINICIAN = "clinician"
    RADIOGRAPHER = "radiographer"
    STATISTICIAN = "statistician"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Membership(models.Model):
    """A user works for exactly one organisation, in any number of roles.

    Attributes
    ----------
    roles : list of str
        Of ``Role``; empty for a program.
    program : str
        What kind of program the account acts for, which says what it may; blank for a person.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="membership"
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="memberships"
    )
    roles = models.JSONField(default=list)
    program = models.CharField(max_length=20, blank=True)

    def __str__(self) -> str:
        return f"{self.user_id} at {self.organisation_id}"
