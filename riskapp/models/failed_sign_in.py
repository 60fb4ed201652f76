"""How often signing in failed lately, so that guessing takes longer and longer."""

from django.db import models


class FailedSignIn(models.Model):
    """One counter: of an account, of what is asked of an account besides, or of an address.

    Attributes
    ----------
    key : str
        Keyed hash of what is counted: a name that somebody typed may be their password.
    waits_until : datetime or None
        Till then nothing is tried for it.
    """

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()
    waits_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["last_at"], name="failed_sign_ins_by_age")]

    def __str__(self) -> str:
        return f"{self.count} of {self.key[:8]}"
