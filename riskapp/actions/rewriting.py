"""Have the database give up what deleted rows left behind in its file and in its log."""

from collections.abc import Iterable

from django.db import DatabaseError, connection
from django.db.models import Model


def rewrite_tables(tables: Iterable[type[Model]]) -> bool:
    """Write tables anew; False where that could not be done now, and is to be done again.

    It cannot within a transaction, and waits for others a while only, such as for a backup that
    reads: the certificate holds anyway, as the rows themselves are out of reach.
    """
    if connection.in_atomic_block:
        return False
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("VACUUM")
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                # It does not fail where somebody still reads what was before: it says so.
                return bool(cursor.fetchone()[0] == 0)
            cursor.execute("SET lock_timeout = '20s'")
            try:
                for model in tables:
                    table = connection.ops.quote_name(model._meta.db_table)
                    cursor.execute(f"VACUUM FULL {table}")
            finally:
                cursor.execute("RESET lock_timeout")
    except DatabaseError:
        return False
    return True
