"""Whether the database can be trusted with what is about to be written."""

import sqlite3

from django.db import DatabaseError, OperationalError, connection

SEE = "See “When the database is broken” in docs/databases.md."
DAMAGED = (
    "The database is damaged: {found}. Nothing was started, so that nothing more is lost: "
    f"restore the last backup with manage.py restore. {SEE}"
)
NO_FILE = (
    "The database file cannot be opened; check the rights to it and to its folder, and that no "
    "other program holds it."
)
NO_SERVER = (
    "PostgreSQL does not let this program in: check TRABECULA_DATABASE, the password (PGPASSWORD "
    "or a passfile), and that the server answers."
)
# PostgreSQL may be told to answer before a write is safe; then what was acknowledged can be lost.
SAFE_WRITES = {"fsync": "on", "full_page_writes": "on"}
NO_SAFE_WRITES = (
    "The PostgreSQL server has {setting} set to {value}: what was saved could be lost in a power "
    f"cut. Set it to on. {SEE}"
)
# Classes of its errors that say nothing of what is stored: no connection, and ended by somebody.
AWAY = ("08", "57")
HELD_AGAINST_THEIR_TABLES = """
    SELECT bt_index_check(index.indexrelid, true)
    FROM pg_index index
    JOIN pg_class class ON class.oid = index.indexrelid
    JOIN pg_am method ON method.oid = class.relam
    WHERE method.amname = 'btree' AND index.indisvalid
    AND class.relnamespace = current_schema()::regnamespace
"""
OTHER_LETTERS = (
    f"The PostgreSQL database keeps text as {{encoding}} and not as UTF8; make it anew. {SEE}"
)


def problem_with_the_database(*, thorough: bool = False) -> str:
    """One sentence about what is wrong with the database, or nothing.

    Parameters
    ----------
    thorough : bool
        Look for damage in all that is stored, which takes minutes where that is much: in a file
        every index is held against its table and every foreign key is followed; of a server every
        row is read, and every index is held against its table where amcheck is installed.
        Otherwise every page of a file is read once, and of a server its settings.
    """
    is_file = connection.vendor == "sqlite"
    try:
        if is_file:
            return _in_file(thorough)
        return _told_wrong() or (_in_server() if thorough else "")
    except OperationalError:
        return NO_FILE if is_file else NO_SERVER


def _in_file(thorough: bool) -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check(1)" if thorough else "PRAGMA quick_check(1)")
            ((found,),) = cursor.fetchall()
            if found == "ok" and thorough:
                cursor.execute("PRAGMA foreign_key_check")
                astray = cursor.fetchone()
                found = f"a row of {astray[0]} points nowhere" if astray else found
    except DatabaseError as trouble:
        # Damage is not the only reason: a folder or another program may refuse the file too.
        if isinstance(trouble.__cause__, sqlite3.OperationalError):
            raise
        found = str(trouble)
    return "" if found == "ok" else DAMAGED.format(found=found.strip().splitlines()[0])


def _in_server() -> str:
    """PostgreSQL finds damage, by checksums too, where it reads: so all of it is read."""
    try:
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                # As text, as a long value lies elsewhere and is not read for the row to be counted.
                name = connection.ops.quote_name(table)
                cursor.execute(f"SELECT sum(length(one::text)) FROM {name} one")  # noqa: S608
            cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'amcheck'")
            if cursor.fetchone():
                cursor.execute(HELD_AGAINST_THEIR_TABLES)
    except DatabaseError as trouble:
        state = getattr(trouble.__cause__, "sqlstate", None)
        if state is None or state[:2] in AWAY:
            raise
        return DAMAGED.format(found=str(trouble).strip().splitlines()[0])
    return ""


def _told_wrong() -> str:
    """What a server can be told that would lose what it acknowledged."""
    with connection.cursor() as cursor:
        for setting, wanted in SAFE_WRITES.items():
            cursor.execute("SELECT current_setting(%s)", [setting])
            (value,) = cursor.fetchone()
            if value != wanted:
                return NO_SAFE_WRITES.format(setting=setting, value=value)
        cursor.execute("SELECT current_setting('synchronous_commit')")
        (value,) = cursor.fetchone()
        if value == "off":
            return NO_SAFE_WRITES.format(setting="synchronous_commit", value=value)
        cursor.execute("SELECT current_setting('server_encoding')")
        (encoding,) = cursor.fetchone()
        return "" if encoding == "UTF8" else OTHER_LETTERS.format(encoding=encoding)
