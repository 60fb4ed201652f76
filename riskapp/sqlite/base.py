"""As ``django.db.backends.sqlite3``, but for the text of queries that were asked before.

Django writes its placeholders (``%s``) as SQLite's (``?``) anew each time a query is asked. Of one
that names thirty columns this takes as long as SQLite's answer.
"""

from functools import lru_cache
from typing import Any

from django.db.backends.sqlite3 import base


class Cursor(base.SQLiteCursorWrapper):
    def convert_query(self, query: str, *, param_names: list[str] | None = None) -> str:
        if param_names is None:
            return _with_question_marks(query)
        converted: str = super().convert_query(query, param_names=param_names)
        return converted


# Texts hold placeholders and no values; a long one, of a list of ids, has 20 kB.
@lru_cache(maxsize=200)
def _with_question_marks(query: str) -> str:
    return base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")


class DatabaseWrapper(base.DatabaseWrapper):
    def create_cursor(self, name: str | None = None) -> Any:
        return self.connection.cursor(factory=Cursor)
