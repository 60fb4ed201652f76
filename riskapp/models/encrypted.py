"""Fields whose columns hold ciphertext: read and written as ever, looked up never.

A value is encrypted under the site's key for fields (``riskapp.keys``) when its row is saved, and
opened when somebody reads the attribute, so that a list pays only for what it shows. Table,
column and row are authenticated with it: a ciphertext that was moved elsewhere is not opened.

What has to be found again is found by a keyed hash beside it (``models.search_word``). Rows are
written by ``save``, ``create`` or ``bulk_create``; ``update`` knows no row and is refused.
"""

import json
from datetime import date
from typing import Any

from django.core.exceptions import FieldError
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from riskapp import keys


class Sealed:
    """A value as it lies in the database; whoever wants to read it asks the row for it."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data

    def __repr__(self) -> str:
        return "(encrypted)"

    def __str__(self) -> str:
        raise TypeError("It is encrypted: read it as an attribute of its row, or by opened().")


class SealedAttribute(DeferredAttribute):
    """Opens the value when it is first read."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)
        if isinstance(value, Sealed):
            value = self.field.opened(value, self.field.row_of(instance))
            instance.__dict__[self.field.attname] = value
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedField(models.Field):  # type: ignore[type-arg]
    """What the kinds of encrypted fields share.

    Parameters
    ----------
    row : str
        Attribute that names the row and never changes: its primary key where that is made up
        before it is saved, else a key of another row, else blank.
    """

    descriptor_class = SealedAttribute

    def __init__(self, *args: Any, row: str = "pk", **kwargs: Any) -> None:
        self.row = row
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("default", None)  # the database knows none: it could not encrypt it
        return name, path, args, {**kwargs, "row": self.row}

    def get_internal_type(self) -> str:
        return "BinaryField"

    def encoded(self, value: Any) -> bytes:
        raise NotImplementedError

    def decoded(self, plain: bytes) -> Any:
        raise NotImplementedError

    def row_of(self, instance: models.Model) -> str:
        """What names the row, as it is authenticated."""
        if not self.row:
            return ""
        named = getattr(instance, self.row)
        if named is None:
            raise ValueError(f"{self} is bound to {self.row}, which is not known yet.")
        if self.row == "pk":
            named = instance._meta.pk.to_python(named)
        return str(named)

    def sealed(self, value: Any, row: str) -> Sealed:
        """Encrypt for one row."""
        return Sealed(keys.encrypt("fields", self.encoded(value), self._place(row)))

    def opened(self, sealed: Sealed, row: str) -> Any:
        """Read what was encrypted for this row.

        Raises
        ------
        CannotDecrypt
            If its key is not here, or it is another row's.
        """
        return self.decoded(keys.decrypt("fields", sealed.data, self._place(row)))

    def _place(self, row: str) -> bytes:
        return f"{self.model._meta.db_table}.{self.column}:{row}".encode()

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = model_instance.__dict__.get(self.attname)
        if value is None or isinstance(value, Sealed):
            return value
        return self.sealed(value, self.row_of(model_instance))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is None:
            return None
        if isinstance(value, Sealed):
            value = value.data
        if not isinstance(value, bytes):
            raise TypeError(f"{self} is encrypted: it is written by save() and not by update().")
        return connection.Database.Binary(value)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Sealed | None:
        return None if value is None else Sealed(bytes(value))

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(
                f"{self} is encrypted and cannot be looked up; look up a keyed hash beside it."
            )
        return super().get_lookup(lookup_name)

    def get_transform(self, lookup_name: str) -> Any:
        raise FieldError(f"{self} is encrypted; nothing can be looked up in it.")


class EncryptedText(EncryptedField):
    """Text."""

    def encoded(self, value: str) -> bytes:
        return str(value).encode()

    def decoded(self, plain: bytes) -> str:
        return plain.decode()


class EncryptedJSON(EncryptedField):
    """What JSON can say."""

    empty_strings_allowed = False

    def encoded(self, value: Any) -> bytes:
        return json.dumps(value, separators=(",", ":")).encode()

    def decoded(self, plain: bytes) -> Any:
        return json.loads(plain.decode())  # of bytes it would be guessed how they are encoded


class EncryptedDate(EncryptedField):
    """A day."""

    empty_strings_allowed = False

    def encoded(self, value: date | str) -> bytes:
        day = date.fromisoformat(value) if isinstance(value, str) else value
        return day.isoformat()[:10].encode()

    def decoded(self, plain: bytes) -> date:
        return date.fromisoformat(plain.decode())
