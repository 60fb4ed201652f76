"""Where the rows are kept: a file of SQLite, or PostgreSQL where a site names one."""

from pathlib import Path
from typing import Any

# How long a statement waits for another one that writes, and a new connection for its server.
BUSY_S = 20
CONNECT_S = 10
# A connection is kept for the next request; one that has died in between is opened anew.
KEEP_S = 600
VARIABLE = "TRABECULA_DATABASE"
EXAMPLE = "postgresql://user@host/name?sslmode=verify-full"


def database(address: str | None, folder: Path) -> dict[str, Any]:
    """Django's entry for the database that a site names, or for the file in its data folder.

    The sentences of what is refused never repeat the address, which may hold a password.

    Raises
    ------
    SystemExit
        If the address cannot be used: nothing can start.
    """
    return _postgresql(address) if address else _sqlite(folder / "trabecula.sqlite3")


def _sqlite(file: Path) -> dict[str, Any]:
    return {
        "ENGINE": "riskapp.sqlite",
        "NAME": file,
        "CONN_MAX_AGE": KEEP_S,
        "OPTIONS": {
            # A transaction that means to write says so at its start, and waits there for others.
            "transaction_mode": "IMMEDIATE",
            "timeout": BUSY_S,
            # FULL: what was acknowledged survives a power cut. Django turns foreign keys on.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        },
    }


def _postgresql(address: str) -> dict[str, Any]:
    try:
        from psycopg import ProgrammingError
        from psycopg.conninfo import conninfo_to_dict
    except ImportError:
        raise SystemExit(
            "PostgreSQL needs the package psycopg, which could not be loaded; run make again."
        ) from None
    if not address.startswith(("postgresql://", "postgres://")):
        raise SystemExit(f"{VARIABLE} must look like {EXAMPLE}; leave it out for SQLite.")
    try:
        told = conninfo_to_dict(address)
    except ProgrammingError:
        # No cause: its words quote the address.
        raise SystemExit(f"{VARIABLE} cannot be read; it must look like {EXAMPLE}.") from None
    name = told.pop("dbname", None)
    if not name:
        raise SystemExit(f"{VARIABLE} names no database; it must look like {EXAMPLE}.")
    parts = {
        key.upper(): str(told.pop(key))
        for key in ("user", "password", "host", "port")
        if told.get(key)
    }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        **parts,
        "CONN_MAX_AGE": KEEP_S,
        "CONN_HEALTH_CHECKS": True,
        # What is left are libpq's own parameters, such as sslmode and passfile.
        "OPTIONS": {"connect_timeout": CONNECT_S, **told},
    }
