"""Queries that every request asks, composed once.

To compose a query anew takes Django some five times as long as to ask it of the database.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What composing gave, for the connection of one thread."""

    connection: Any
    compiler: Any
    sql: str
    others: tuple[Any, ...]  # every parameter before those that are asked
    converters: Any
    names: list[str]
    columns: slice
    related: list[Any]


class Composed(Generic[Row]):
    """Rows of a model by the values of fields, each the same as if it were filtered by them.

    Parameters
    ----------
    rows : callable
        Gives all of them: joined, narrowed and in order, without a limit or annotations.
    fields : str
        Names of fields, or of comparisons with one such as ``made_at__gt``.
    """

    def __init__(self, rows: Callable[[], QuerySet[Row]], *fields: str) -> None:
        self._rows, self._fields = rows, fields
        self._of_thread = threading.local()

    def by(self, *values: Any) -> list[Row]:
        """All rows that have these values, in the order of the fields, asked now."""
        kept = self._kept(values)
        model = kept.compiler.query.model
        asked = [model._meta.get_field(one.partition("__")[0]) for one in self._fields]
        told = [
            field.get_db_prep_value(value, kept.connection)
            for field, value in zip(asked, values, strict=True)
        ]
        with kept.connection.cursor() as cursor:
            cursor.execute(kept.sql, (*kept.others, *told))
            found = cursor.fetchall()
        converted = kept.compiler.apply_converters(found, kept.converters)
        return [self._made(model, kept, row) for row in converted]

    def _kept(self, values: tuple[Any, ...]) -> _Kept:
        kept: _Kept | None = getattr(self._of_thread, "kept", None)
        here = connections[DEFAULT_DB_ALIAS]
        if kept is None or kept.connection is not here:
            kept = self._of_thread.kept = self._composed(values, here)
        return kept

    def _composed(self, values: tuple[Any, ...], here: Any) -> _Kept:
        rows = self._rows()
        for name, value in zip(self._fields, values, strict=True):
            rows = rows.filter(**{name: value})
        compiler = rows.query.get_compiler(connection=here)
        sql, parameters = compiler.as_sql()
        fields = compiler.klass_info["select_fields"]
        columns = slice(fields[0], fields[-1] + 1)
        return _Kept(
            connection=here,
            compiler=compiler,
            sql=sql,
            others=tuple(parameters[: -len(values)]),
            converters=compiler.get_converters([one[0] for one in compiler.select]),
            names=[one[0].target.attname for one in compiler.select[columns]],
            columns=columns,
            related=get_related_populators(compiler.klass_info, compiler.select, here.alias),
        )

    @staticmethod
    def _made(model: type[Row], kept: _Kept, row: Any) -> Row:
        made = model.from_db(kept.connection.alias, kept.names, row[kept.columns])
        for one in kept.related:
            one.populate(row, made)
        return made
