"""Rows written again as the product stores them: ids and days of their own, sealed for each row."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import count, islice
from random import Random
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models

from riskapp import keys
from riskapp.models.encrypted import EncryptedField
from riskapp.models.keyed_hash import KeyedHash

# As fast as a load may be that is begun anew where it is cut off.
QUICKLY = (
    "PRAGMA journal_mode=MEMORY",
    "PRAGMA synchronous=OFF",
    "PRAGMA foreign_keys=OFF",
    "PRAGMA cache_size=-1000000",
)
Key = tuple[type[models.Model], Any]
Column = Callable[["Copy"], Any]


@dataclass(slots=True)
class Copy:
    """One person's rows in the making.

    Attributes
    ----------
    ids : dict
        New ids by table and old id.
    later : timedelta
        By how much every day is moved.
    person : mapping
        What replaces who it is, by the names of the columns of a patient.
    """

    later: timedelta
    person: Mapping[str, Any]
    ids: dict[Key, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one stored row is written again for somebody else."""

    key: Key
    columns: tuple[Column, ...]

    def written(self, copy: Copy) -> list[Any]:
        return [column(copy) for column in self.columns]


class Ids:
    """New ids, from a seed: UUIDs, and numbers behind those that a table has."""

    def __init__(self, chance: Random) -> None:
        self._chance, self._numbers = chance, dict[type[models.Model], Iterator[int]]()

    def new(self, model: type[models.Model]) -> Any:
        if isinstance(model._meta.pk, models.UUIDField):
            return UUID(int=self._chance.getrandbits(128), version=4)
        if model not in self._numbers:
            last = model._base_manager.aggregate(last=models.Max("pk"))["last"] or 0
            self._numbers[model] = count(last + 1)
        return next(self._numbers[model])


def recipe(row: models.Model) -> Recipe:
    """References to rows that are copied too are followed to their copies."""
    return Recipe(
        (type(row), row.pk), tuple(_column(one, row) for one in row._meta.concrete_fields)
    )


def written(model: type[models.Model], rows: Sequence[Sequence[Any]]) -> None:
    """Write rows whose columns are as the database has them, in the order of the model."""
    names = [one.column for one in model._meta.concrete_fields]
    columns, places = ", ".join(f'"{one}"' for one in names), ", ".join(["%s"] * len(names))
    statement = f"INSERT INTO {model._meta.db_table} ({columns}) VALUES ({places})"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)


@contextmanager
def quickly() -> Iterator[None]:
    """Days are written as they are given; nothing waits for the disk."""
    stamped: list[Any] = [
        one
        for model in apps.get_models()
        for one in model._meta.concrete_fields
        if getattr(one, "auto_now_add", False)
    ]
    with connection.cursor() as cursor:
        is_free = connection.vendor == "sqlite" and not connection.in_atomic_block
        for statement in QUICKLY if is_free else ():
            cursor.execute(statement)
    for one in stamped:
        one.auto_now_add = False
    try:
        yield
    finally:
        for one in stamped:
            one.auto_now_add = True


def ended() -> None:
    """Let the database know what it holds now, as a site's own does by and by."""
    with connection.cursor() as cursor:
        made = apps.get_app_config("riskapp").get_models(include_auto_created=True)
        for statement in connection.ops.sequence_reset_sql(no_style(), list(made)):
            cursor.execute(statement)
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")
        else:
            cursor.execute("PRAGMA journal_mode=WAL")


def _column(one: Any, row: models.Model) -> Column:
    value, model = getattr(row, one.attname), type(row)
    prepared = partial(one.get_db_prep_save, connection=connection)
    if isinstance(one, EncryptedField):
        return _sealed(one, row, value)
    if isinstance(one, KeyedHash):
        return lambda copy: one.hashes(copy.person.get(one.of, getattr(row, one.of)))[0]
    if value is None:
        return lambda copy: None
    if one.is_relation or one.primary_key:
        key: Key = (one.related_model if one.is_relation else model, value)
        return lambda copy: prepared(copy.ids.get(key, value))
    if isinstance(one, models.DateField):  # and of times
        return lambda copy: prepared(value + copy.later)
    constant = prepared(value)
    return lambda copy: constant


def _sealed(one: EncryptedField, row: models.Model, value: Any) -> Column:
    """Ids of other rows that it names are exchanged as well."""
    if value is None:
        return lambda copy: None
    place = f"{one.model._meta.db_table}.{one.column}:"
    of = row._meta.pk if one.row == "pk" else row._meta.get_field(one.row.removesuffix("_id"))
    named: Any = of
    key: Key = (
        named.related_model if named.is_relation else type(row),
        getattr(row, named.attname),
    )
    plain = one.encoded(value)

    binary = connection.Database.Binary  # type: ignore[attr-defined]

    def sealed(copy: Copy) -> Any:
        told = copy.person.get(one.name) if type(row).__name__ == "Patient" else None
        text = plain if told is None else one.encoded(told)
        if b"scan" in text:
            text = _renamed(text, copy)
        bound = f"{place}{copy.ids[key]}".encode()
        return binary(keys.encrypt("fields", text, bound))

    return sealed


def _renamed(text: bytes, copy: Copy) -> bytes:
    for (_, old), new in copy.ids.items():
        if isinstance(old, UUID):
            text = text.replace(str(old).encode(), str(new).encode())
    return text


def batches(found: Iterable[Any], many: int) -> Iterator[list[Any]]:
    """So many at a time."""
    rest = iter(found)
    while some := list(islice(rest, many)):
        yield some


def prepared(row: models.Model) -> list[Any]:
    """An unsaved row as the database has it."""
    return [
        one.get_db_prep_save(one.pre_save(row, add=True), connection)
        for one in row._meta.concrete_fields
    ]
