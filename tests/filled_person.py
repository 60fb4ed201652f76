"""A person of whom every table that can hold something of a person holds a row, a new one too."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User
from django.db import models
from django.utils import timezone

from riskapp.actions.belongings import owned_tables
from riskapp.actions.stored_bytes import keep, keep_received
from riskapp.models import MeasurementVersion, Patient, ScanFile, ScanPicture
from riskapp.models.encrypted import EncryptedDate, EncryptedJSON, EncryptedText
from riskapp.models.keyed_hash import KeyedHash
from tests.people import textured

# In every text that is filled in, and in every file.
MARK = "Zufriedegunde"
TEXTS = (models.TextField, models.CharField)


def fill_every_table(
    patient: Patient, by: User, *given: models.Model
) -> dict[type[models.Model], models.Model]:
    """One row of the person in each table that belongs to people, with ``MARK`` in its texts.

    Rows that are ``given`` stand for those of their tables.
    """
    made: dict[type[models.Model], models.Model] = {
        Patient: patient,
        User: by,
        type(patient.organisation): patient.organisation,
        **{type(one): one for one in given},
    }
    owned = owned_tables()

    def make(model: type[models.Model]) -> models.Model:
        if model not in made:
            told = {
                field.attname: _value(field, make, owned)
                for field in model._meta.concrete_fields
                if not (field.primary_key and isinstance(field, models.AutoField))
            }
            found = model._base_manager.filter(pk=told.get(model._meta.pk.attname)).first()
            made[model] = found or model._base_manager.create(**told)
        return made[model]

    for model in sorted(owned, key=lambda one: one._meta.label):
        make(model)
    return {model: made[model] for model in owned}


def _value(field: Any, make: Callable[[type[models.Model]], models.Model], owned: set[Any]) -> Any:
    if isinstance(field, models.ForeignKey):
        # Nobody confirmed or lifted anything yet; and two tables of tokens point at each other.
        at_each_other = field.name in ("source_refresh_token", "id_token")
        is_left = field.null and (field.related_model not in owned or at_each_other)
        return None if is_left else make(field.related_model).pk
    return _content(field, MARK if field.model in owned else "other")


def _content(field: Any, mark: str) -> Any:
    """What a column that points nowhere holds."""
    if type(field).__module__.startswith("oauth2_provider"):  # which takes its own shapes only
        return field.get_default()
    if field.choices:
        return field.choices[0][0]
    if field.name == "sha256" and field.model in (ScanFile, ScanPicture):
        return keep([f"{MARK} {field.model.__name__}".encode()])[0]
    if field.name == "name" and field.model.__name__ in ("ReceivedFile", "ArrivedFile"):
        return keep_received([MARK.encode()])[0]
    if field.name == "result" and field.model is MeasurementVersion:
        return textured(0.6).to_store() | {"told": MARK}
    sealed = {EncryptedText: mark, EncryptedJSON: {"told": mark}, EncryptedDate: date(1950, 1, 1)}
    if type(field) in sealed:
        return sealed[type(field)]
    if isinstance(field, KeyedHash):
        return ""
    kinds: dict[type[models.Field], Callable[[], Any]] = {
        models.UUIDField: uuid4,
        models.JSONField: lambda: {"told": mark},
        models.DateTimeField: timezone.now,
        models.DateField: lambda: date(1950, 1, 1),
        models.BooleanField: lambda: False,
        models.IntegerField: lambda: 1,
        models.FloatField: lambda: 1.5,
        models.BinaryField: lambda: MARK.encode(),
    }
    for kind, value in kinds.items():
        if isinstance(field, kind):
            return value()
    assert isinstance(field, TEXTS), f"how is {field} filled?"
    told = f"{uuid4().hex} {mark}" if field.unique or field.primary_key else mark
    return told[: field.max_length]


def kept_files(folder: Path) -> set[Path]:
    """Files of scans and of what was received, below a data folder."""
    inside = [path for name in ("scans", "received") for path in (folder / name).rglob("*")]
    return {path for path in inside if path.is_file()}
