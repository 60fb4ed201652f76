"""Triggers by which the database itself refuses to change the trail, on both databases."""

from typing import Any

TABLE = "riskapp_auditevent"
REFUSAL = "The trail is append-only: its rows are never changed or deleted."
FUNCTION, DEEDS = f"{TABLE}_refuse", ("update", "delete", "truncate")


def names(vendor: str) -> list[str]:
    """The triggers that must be there."""
    deeds = DEEDS if vendor == "postgresql" else DEEDS[:2]  # SQLite knows no TRUNCATE
    return [f"{TABLE}_no_{deed}" for deed in deeds]


def protect(connection: Any) -> None:
    """Make the triggers; those that are there are made anew.

    A later migration that alters the table on SQLite makes the table anew, without them, and has
    to call this again. ``verify_trail`` says where they are missing.
    """
    unprotect(connection)
    postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if postgresql:
            cursor.execute(
                f"CREATE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
            )
        for name in names(connection.vendor):
            deed = name.rpartition("_")[2].upper()
            each = "STATEMENT" if deed == "TRUNCATE" else "ROW"
            does = (
                f"EXECUTE FUNCTION {FUNCTION}()"
                if postgresql
                else f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
            cursor.execute(f"CREATE TRIGGER {name} BEFORE {deed} ON {TABLE} FOR EACH {each} {does}")


def unprotect(connection: Any) -> None:
    """Drop the triggers, where they are there."""
    postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        for name in names(connection.vendor):
            where = f" ON {TABLE}" if postgresql else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{where}")
        if postgresql:
            cursor.execute(f"DROP FUNCTION IF EXISTS {FUNCTION}()")


def missing(connection: Any) -> list[str]:
    """The triggers that should be there and are not, or are switched off."""
    told = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass "
        "AND tgenabled <> 'D'",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(told, [TABLE])
        there = {name for (name,) in cursor.fetchall()}
    return [name for name in names(connection.vendor) if name not in there]
