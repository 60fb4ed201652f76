"""Rows as they lie in the tables, as JSON that either database takes up again.

Values go past the models: what is encrypted in a column stays as it is, and nothing is computed.
"""

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.management.color import no_style
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Model

Row = list[Any]
AT_ONCE = 500


def tables() -> list[type[Model]]:
    """Every model that has rows of its own, those between two others included."""
    models = apps.get_models(include_auto_created=True)
    own = {model._meta.db_table: model for model in models if model._meta.managed}
    return [own[name] for name in sorted(own)]


def read_rows(model: type[Model], connection: BaseDatabaseWrapper) -> Iterator[Row]:
    """Every row of a table in the order of its key, one value for each of ``columns``."""
    fields = _fields(model)
    quoted = connection.ops.quote_name
    names = ", ".join(quoted(field.column) for field in fields)
    key, table = quoted(model._meta.pk.column), quoted(model._meta.db_table)
    told = [(field.get_col(model._meta.db_table), field) for field in fields]
    converters = [(col, connection.ops.get_db_converters(col)) for col, _ in told]
    with connection.chunked_cursor() as cursor:
        # Names of our own models, quoted (S608).
        cursor.execute(f"SELECT {names} FROM {table} ORDER BY {key}")  # noqa: S608
        while rows := cursor.fetchmany(AT_ONCE):
            for row in rows:
                yield [
                    _plain(_converted(value, col, through, connection))
                    for value, (col, through) in zip(row, converters, strict=True)
                ]


def write_rows(model: type[Model], rows: Iterable[Row], connection: BaseDatabaseWrapper) -> int:
    """Write rows that ``read_rows`` gave; how many there were."""
    fields = _fields(model)
    quoted = connection.ops.quote_name
    names = ", ".join(quoted(field.column) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    # Names of our own models, quoted (S608).
    into = f"INSERT INTO {quoted(model._meta.db_table)} ({names}) VALUES ({places})"  # noqa: S608
    count, waiting = 0, []
    with connection.cursor() as cursor:
        for row in rows:
            values = zip(row, fields, strict=True)
            waiting.append([_stored(value, field, connection) for value, field in values])
            count += 1
            if len(waiting) == AT_ONCE:
                cursor.executemany(into, waiting)
                waiting = []
        if waiting:
            cursor.executemany(into, waiting)
    return count


def columns(model: type[Model]) -> list[str]:
    return [field.column for field in _fields(model)]


def count_on(models: Iterable[type[Model]], connection: BaseDatabaseWrapper) -> None:
    """Let numbers that the database gives go on behind the highest that was written."""
    for statement in connection.ops.sequence_reset_sql(no_style(), list(models)):
        with connection.cursor() as cursor:
            cursor.execute(statement)


class Sum:
    """How many rows a table has and a digest of them, whatever their order and the database."""

    def __init__(self, model: type[Model]) -> None:
        kinds = [_kind(field) for field in _fields(model)]
        self._json = [place for place, kind in enumerate(kinds) if kind == "JSONField"]
        self.rows, self._sum = 0, 0

    def add(self, row: Row) -> None:
        told = list(row)
        for place in self._json:
            # PostgreSQL writes JSON in an order of its own.
            told[place] = json.loads(told[place]) if told[place] is not None else None
        text = json.dumps(told, sort_keys=True, separators=(",", ":"))
        self._sum += int.from_bytes(hashlib.sha256(text.encode()).digest())
        self.rows += 1

    @property
    def digest(self) -> str:
        """Sum of the rows' SHA-256, modulo 2^256."""
        return f"{self._sum % 2**256:064x}"


def _fields(model: type[Model]) -> list[Field]:
    return list(model._meta.local_concrete_fields)


def _converted(value: Any, col: Any, through: Iterable[Any], connection: Any) -> Any:
    for convert in through:
        value = convert(value, col, connection)
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, bytes | memoryview):
        return {"bytes": b64encode(bytes(value)).decode()}
    return value


def _stored(value: Any, field: Field, connection: BaseDatabaseWrapper) -> Any:
    if value is None:
        return None
    if isinstance(value, dict):
        return b64decode(value["bytes"])
    kind = _kind(field)
    if kind == "DateTimeField":
        return connection.ops.adapt_datetimefield_value(datetime.fromisoformat(value))
    if kind == "DateField":
        return connection.ops.adapt_datefield_value(date.fromisoformat(value))
    if kind == "UUIDField":
        return UUID(value) if connection.features.has_native_uuid_field else value
    return value


def _kind(field: Field) -> str:
    """What a column holds; that of a reference holds what it refers to."""
    while field.remote_field is not None:
        field = field.target_field
    return field.get_internal_type()
