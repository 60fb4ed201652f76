"""docs/encryption.md names every field that may tell of a person, as it is."""

from django.apps import apps
from django.db import models

from riskapp.models.encrypted import EncryptedField
from riskapp.models.keyed_hash import KeyedHash
from tests.kept import ROOT

TOLD = (EncryptedField, models.CharField, models.TextField, models.JSONField, models.DateField)


def _table() -> dict[str, tuple[set[str], set[str], set[str], str]]:
    text = (ROOT / "docs" / "encryption.md").read_text(encoding="utf-8").partition("field by field")
    rows = [line.split("|")[1:-1] for line in text[2].splitlines() if line.startswith("|")]
    found = {}
    for model, encrypted, hashed, clear in rows[2:]:
        names = [set(cell.split("`")[1::2]) for cell in (encrypted, hashed, clear)]
        found[model.strip()] = (*names, clear.rpartition("`")[2].strip(": "))
    return found  # type: ignore[return-value]


def test_each_field_of_each_model_is_decided_on() -> None:
    table = _table()
    for model in apps.get_app_config("riskapp").get_models():
        fields = [
            one
            for one in model._meta.fields
            if isinstance(one, TOLD)
            and not isinstance(one, models.DateTimeField)
            and not one.choices
        ]
        if not fields:
            continue
        encrypted, hashed, clear, why = table.pop(model.__name__)
        assert encrypted == {one.name for one in fields if isinstance(one, EncryptedField)}, model
        assert hashed == {one.name for one in fields if isinstance(one, KeyedHash)}, model
        assert clear == {one.name for one in fields} - encrypted - hashed, model
        assert bool(why) == bool(clear), model
    assert not table
