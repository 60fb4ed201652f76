"""How often signing in failed lately, so that guessing takes longer and longer; known browsers."""

from django.db import models


class FailedSignIn(models.Model):
    """One counter: of an account, of what is asked of it besides, of a browser, of an address.

    Attributes
    ----------
    key : str
        Keyed hash of what is counted: a name that somebody typed may be their password.
    account : str
        Keyed hash of the account's name, by which all of its counters are found; blank for an
        address.
    waits_until : datetime or None
        Till then nothing is tried for it.
    """

    key = models.CharField(max_length=64, primary_key=True)
    account = models.CharField(max_length=64, blank=True, db_index=True)
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()
    waits_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["last_at"], name="failed_sign_ins_by_age")]

    def __str__(self) -> str:
        return f"{self.count} of {self.key[:8]}"


class KnownDevice(models.Model):
    """A browser in which somebody signed in before: it counts by itself what fails in it.

    Attributes
    ----------
    key : str
        Keyed hash of the account's name and of what the browser keeps in a cookie.
    """

    key = models.CharField(max_length=64, primary_key=True)
    seen_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key[:8]
