"""How columns become encrypted ones, and plain again, with what they hold."""

from collections.abc import Callable

from django.db.migrations.operations.base import Operation

from riskapp import keys


class EncryptColumns(Operation):
    """Encrypt columns of one model, row by row; undone, they hold the same text again.

    Each field keeps its name: text, a day and JSON lie as text in an encrypted column too, below
    the encryption. An index on a column has to be removed before.

    Parameters
    ----------
    fields : dict
        For each name the field before and the encrypted one after.
    to, back : callable
        What the text becomes before it is encrypted, and after it is read again.
    """

    reversible = True

    def __init__(
        self,
        model_name: str,
        fields: dict,
        to: Callable[[bytes], bytes] = bytes,
        back: Callable[[bytes], bytes] = bytes,
    ) -> None:
        self.model_name, self.fields, self.to, self.back = model_name, fields, to, back

    def state_forwards(self, app_label, state):
        for name, (_, new) in self.fields.items():
            state.alter_field(app_label, self.model_name, name, new, preserve_default=True)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        before = from_state.apps.get_model(app_label, self.model_name)
        after = to_state.apps.get_model(app_label, self.model_name)
        _change_type(schema_editor, before, after, self.fields)
        self._rewrite(schema_editor, after, self._sealed)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        before = from_state.apps.get_model(app_label, self.model_name)
        after = to_state.apps.get_model(app_label, self.model_name)
        self._rewrite(schema_editor, before, self._opened)
        _change_type(schema_editor, before, after, self.fields)

    def _sealed(self, text, place):
        return keys.encrypt("fields", self.to(text), place)

    def _opened(self, sealed, place):
        return self.back(keys.decrypt("fields", sealed, place))

    def _rewrite(self, schema_editor, model, written):
        """Replace what each column of each row holds, a few hundred rows at a time."""
        connection, quote = schema_editor.connection, schema_editor.quote_name
        named = {name: model._meta.get_field(name).row for name in self.fields}
        rows = {
            row: model._meta.pk if row == "pk" else _column(model, row)
            for row in set(named.values()) - {""}
        }
        columns = [model._meta.pk, *rows.values(), *map(model._meta.get_field, self.fields)]
        table, pk = quote(model._meta.db_table), quote(model._meta.pk.column)
        told = ", ".join(quote(one.column) for one in columns)
        text = schema_editor.connection.vendor == "sqlite" and written == self._opened
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {pk} FROM {table} ORDER BY {pk}")  # noqa: S608 (our names)
            for (one,) in cursor.fetchall():
                cursor.execute(f"SELECT {told} FROM {table} WHERE {pk} = %s", [one])  # noqa: S608
                _, *values = cursor.fetchone()
                places = {
                    row: str(field.to_python(value))
                    for (row, field), value in zip(rows.items(), values, strict=False)
                }
                new = []
                for name, value in zip(self.fields, values[len(rows) :], strict=True):
                    if value is not None:
                        place = f"{model._meta.db_table}.{name}:{places.get(named[name], '')}"
                        plain = value.encode() if isinstance(value, str) else bytes(value)
                        value = written(plain, place.encode())
                        value = value.decode() if text else connection.Database.Binary(value)
                    new.append(value)
                changes = ", ".join(f"{quote(name)} = %s" for name in self.fields)
                cursor.execute(f"UPDATE {table} SET {changes} WHERE {pk} = %s", [*new, one])  # noqa: S608
        if connection.vendor == "postgresql":
            # A row that is written twice in one transaction has its references looked at in the
            # end, and until then PostgreSQL lets nobody alter its table: look now.
            connection.check_constraints()


def _column(model, attname):
    return next(one for one in model._meta.fields if one.attname == attname)


def _change_type(schema_editor, before, after, fields):
    """Give columns their other type; what they hold stays the same text, or the same bytes."""
    pairs = [(before._meta.get_field(name), after._meta.get_field(name)) for name in fields]
    if schema_editor.connection.vendor == "sqlite":  # a column holds what it is given
        schema_editor._remake_table(before, alter_fields=pairs)
        return
    table, quote = schema_editor.quote_name(after._meta.db_table), schema_editor.quote_name
    for _, new in pairs:
        column, kind = quote(new.column), new.db_type(schema_editor.connection)
        using = (
            f"convert_to({column}::text, 'UTF8')"
            if kind == "bytea"
            else f"convert_from({column}, 'UTF8')::{kind}"
        )
        schema_editor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} DROP DEFAULT")
        schema_editor.execute(
            f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {kind} USING {using}"
        )
        may_miss = "DROP" if new.null else "SET"
        schema_editor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} {may_miss} NOT NULL")
