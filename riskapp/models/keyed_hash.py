"""Columns by which what is encrypted is found again: equal for equal texts, and no text.

The hash is keyed (``riskapp.keys``), so that nobody who has only the database can try texts. It
still shows which rows hold the same text; docs/encryption.md says what that gives away.
"""

from typing import Any

from django.db import models

from riskapp import keys

HEXADECIMAL = 64


class KeyedHash(models.CharField):  # type: ignore[type-arg]
    """The keyed hash of another field of the row, written whenever the row is saved.

    Parameters
    ----------
    of : str
        The field; of blank text the hash is blank.
    fold : bool
        Texts that differ in capitals and blanks around them only have one hash.
    """

    def __init__(self, *args: Any, of: str = "", fold: bool = False, **kwargs: Any) -> None:
        self.of, self.fold = of, fold
        kwargs |= {"max_length": HEXADECIMAL, "editable": False, "blank": True}
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        for fixed in ("max_length", "editable", "blank"):
            kwargs.pop(fixed, None)
        return name, path, args, {**kwargs, "of": self.of, "fold": self.fold}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        found = self.hashes(getattr(model_instance, self.of))[:1]
        made = found[0] if found else ""
        setattr(model_instance, self.attname, made)
        return made

    def hashes(self, text: str) -> list[str]:
        """By each key of the site, that by the active one first; none of blank text."""
        told = text.strip().casefold() if self.fold else text
        return keys.keyed_hashes("search", f"{self.of}:{told}") if told else []


def hashed(model: type[models.Model], name: str, *texts: str) -> models.Q:
    """The condition that a keyed hash of a model is that of one of these texts."""
    field = model._meta.get_field(name)
    assert isinstance(field, KeyedHash)
    return models.Q(**{f"{name}__in": [one for text in texts for one in field.hashes(text)]})
