"""The text of a query is read as Django's own backend reads it."""

import pytest
from django.db import connection
from django.db.backends.sqlite3.base import SQLiteCursorWrapper

from riskapp.sqlite.base import Cursor, _with_question_marks

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="another database")


@pytest.mark.parametrize(
    "query",
    ["SELECT %s", "SELECT '%%s', %s, %s", "LIKE '%%' || %s", "SELECT 1", "%s%s %%%s", "ö%s", ""],
)
def test_each_text_is_that_of_the_framework(query: str) -> None:
    theirs, ours = (kind.convert_query for kind in (SQLiteCursorWrapper, Cursor))
    assert ours(None, query) == theirs(None, query)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_names_stand_as_names() -> None:
    with connection.cursor() as cursor:
        assert cursor.execute("SELECT %(b)s, %(a)s", {"a": 1, "b": "%s"}).fetchone() == ("%s", 1)


@pytest.mark.django_db
def test_a_text_is_read_once() -> None:
    _with_question_marks.cache_clear()
    with connection.cursor() as cursor:
        for number in range(5):
            assert cursor.execute("SELECT %s + 1", [number]).fetchone() == (number + 1,)
    kept = _with_question_marks.cache_info()
    assert (kept.misses, kept.hits) == (1, 4)
