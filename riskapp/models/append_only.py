"""Triggers by which the database itself refuses to change the trail, on both databases."""

from typing import Any

TABLE = "riskapp_auditevent"
REFUSAL = "The trail is append-only: its rows are never changed or deleted."
FUNCTION, DEEDS = f"{TABLE}_refuse", ("update", "delete", "truncate")
BODY = f" BEGIN RAISE EXCEPTION '{REFUSAL}'; END "


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
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"CREATE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $${BODY}$$"
            )
        for name in names(connection.vendor):
            cursor.execute(_statement(name, connection.vendor))


def _statement(name: str, vendor: str) -> str:
    deed = name.rpartition("_")[2].upper()
    each = "STATEMENT" if deed == "TRUNCATE" else "ROW"
    does = (
        f"EXECUTE FUNCTION {FUNCTION}()"
        if vendor == "postgresql"
        else f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    )
    return f"CREATE TRIGGER {name} BEFORE {deed} ON {TABLE} FOR EACH {each} {does}"


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
    """The triggers that should be there and are not, are switched off, or do something else."""
    told = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s",
        # As the server would write it; 'R' works for a replica only, 'D' not at all.
        "postgresql": "SELECT tgname, pg_get_triggerdef(pg_trigger.oid, true) "
        "FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid "
        "WHERE tgrelid = %s::regclass AND tgenabled IN ('O', 'A') AND prosrc = %s",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(told, [TABLE, BODY] if connection.vendor == "postgresql" else [TABLE])
        there = {name: sql.replace('"', "") for name, sql in cursor.fetchall()}
    wanted = {name: _statement(name, connection.vendor) for name in names(connection.vendor)}
    return [name for name, sql in wanted.items() if there.get(name) != sql]
