"""What a program was answered, kept for when it asks the same again."""

from django.conf import settings
from django.db import models

from riskapp.models.encrypted import EncryptedJSON


class KeptAnswer(models.Model):
    """The answer to one request that its sender named by a key; see ``actions.sent_twice``.

    Attributes
    ----------
    asked_sha256 : str
        Of the request, so that the key is not taken for another one.
    answer : dict
        ``status`` and ``body``; of secrets, null.
    """

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    asked_sha256 = models.CharField(max_length=64)
    answer = EncryptedJSON(row="key")
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["by", "key"], name="one_answer_per_key")]

    def __str__(self) -> str:
        return f"kept answer {self.pk}"
