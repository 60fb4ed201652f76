"""As ``django.db.backends.sqlite3``, but for two things.

Django writes its placeholders (``%s``) as SQLite's (``?``) anew each time a query is asked. Of one
that names thirty columns this takes as long as SQLite's answer.

Whoever wants to write while another does is not put in a queue by SQLite, but asks again: after 1,
2, 5 and so on up to 100 ms. Of two processes that write without a break, one so comes to wait for
most of a second, and all of its callers behind it. Here it asks again after a millisecond or two.
"""

import sqlite3
import time
from functools import lru_cache
from typing import Any

from django.db import OperationalError
from django.db.backends.sqlite3 import base

ASK_AGAIN_S, ASK_AGAIN_AT_LAST_S = 0.001, 0.02
# Who waits long waits for a long piece of work, and need not ask so often.
SHARE_OF_WAIT = 20


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

    def _start_transaction_under_autocommit(self) -> None:
        """Wait until nobody else writes, and begin.

        Raises
        ------
        OperationalError
            If another still writes after the connection's ``timeout``.
        """
        patience_s = self.settings_dict["OPTIONS"]["timeout"]
        began = time.monotonic()
        self.connection.execute("PRAGMA busy_timeout = 0")
        try:
            while True:
                try:
                    return super()._start_transaction_under_autocommit()  # type: ignore[misc]
                except OperationalError as problem:
                    waited = time.monotonic() - began
                    if not _is_busy(problem) or waited > patience_s:
                        raise
                longer = waited / SHARE_OF_WAIT
                time.sleep(min(max(longer, ASK_AGAIN_S), ASK_AGAIN_AT_LAST_S))
        finally:
            self.connection.execute(f"PRAGMA busy_timeout = {round(1000 * patience_s)}")


def _is_busy(problem: OperationalError) -> bool:
    cause = problem.__cause__
    return isinstance(cause, sqlite3.Error) and cause.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
