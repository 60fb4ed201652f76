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
OTHER_LETTERS = (
    f"The PostgreSQL database keeps text as {{encoding}} and not as UTF8; make it anew. {SEE}"
)


def problem_with_the_database(*, thorough: bool = False) -> str:
    """One sentence about what is wrong with the database, or nothing.

    Parameters
    ----------
    thorough : bool
        Compare every index with its table and follow every foreign key too, which takes minutes
        where much is stored; otherwise every page is read once.
    """
    is_file = connection.vendor == "sqlite"
    try:
        return _in_file(thorough) if is_file else _in_server()
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
    """PostgreSQL finds damage by its own checksums; what it can be told wrong is looked at."""
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
