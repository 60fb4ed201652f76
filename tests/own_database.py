"""A migrated database for a site of a test's own, of the kind that the tests run on."""

import os
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.migrated import NAME, lay_database_in

ADDRESS = os.environ.get("TRABECULA_TEST_DATABASE", "")


class OwnDatabase:
    """What the processes of a site share; ``environment`` leads them to it.

    Attributes
    ----------
    folder : Path
        The site's data folder, where SQLite keeps its file.
    """

    def __init__(self, folder: Path, like: "OwnDatabase | None" = None) -> None:
        self.folder, self._name = folder, f"site_{uuid4().hex}"
        if ADDRESS:
            template = like._name if like else _empty()
            _on_server(f"CREATE DATABASE {self._name} TEMPLATE {template}")
        elif like:
            shutil.copyfile(like.folder / NAME, folder / NAME)
        else:
            lay_database_in(folder)

    @property
    def environment(self) -> Mapping[str, str]:
        told = {"TRABECULA_DATA_DIR": str(self.folder)}
        return told | ({"TRABECULA_DATABASE": _address_of(self._name)} if ADDRESS else {})

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """What one statement answers, as who looks on sees it."""
        if not ADDRESS:
            with closing(sqlite3.connect(self.folder / NAME, timeout=20)) as database:
                return database.execute(query).fetchall()
        import psycopg

        with psycopg.connect(_address_of(self._name), autocommit=True) as server:
            return server.execute(query).fetchall()

    def end(self) -> None:
        if ADDRESS:
            _on_server(f"DROP DATABASE {self._name} WITH (FORCE)")


def _on_server(statement: str) -> None:
    import psycopg

    with psycopg.connect(_address_of("postgres"), autocommit=True) as server:
        server.execute(statement)


def _empty() -> str:
    from psycopg.conninfo import conninfo_to_dict

    return str(conninfo_to_dict(ADDRESS)["dbname"])


def _address_of(name: str) -> str:
    return ADDRESS.replace(f"/{_empty()}?", f"/{name}?")
