"""One setting names the database; what cannot be used is refused before anything starts."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from riskapp.actions import database_health
from riskapp.actions.database_health import problem_with_the_database
from riskapp.databases import database
from tests.kept import ROOT
from tests.own_database import ADDRESS, OwnDatabase

SECRET = "not-to-be-told"  # noqa: S105 (of nobody)
on_postgresql = pytest.mark.skipif(not ADDRESS, reason="of PostgreSQL: python -m tests.postgres")
on_sqlite = pytest.mark.skipif(bool(ADDRESS), reason="of SQLite, which has a file")


@pytest.fixture
def own(tmp_path: Path) -> Iterator[OwnDatabase]:
    own = OwnDatabase(tmp_path)
    yield own
    own.end()


def _run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    told = {"TRABECULA_DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "riskapp.settings"}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **told, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_no_setting_is_a_file_that_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    told = database(None, tmp_path)
    assert told["NAME"] == tmp_path / "trabecula.sqlite3"
    assert "synchronous=FULL" in told["OPTIONS"]["init_command"]


def test_an_address_is_read_as_libpq_reads_it(tmp_path: Path) -> None:
    address = f"postgresql://clinic:{SECRET}@db.example:5433/bones?sslmode=verify-full&passfile=/p"
    told = database(address, tmp_path)
    assert (told["NAME"], told["USER"], told["PASSWORD"]) == ("bones", "clinic", SECRET)
    assert (told["HOST"], told["PORT"]) == ("db.example", "5433")
    assert told["OPTIONS"]["sslmode"] == "verify-full"
    assert told["OPTIONS"]["passfile"] == "/p"


def test_without_a_password_libpq_looks_for_one_itself(tmp_path: Path) -> None:
    assert "PASSWORD" not in database("postgresql://clinic@db.example/bones", tmp_path)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (f"mysql://u:{SECRET}@h/name", "must look like postgresql://"),
        (f"postgresql://u:{SECRET}@h", "names no database"),
        (f"postgresql://u:{SECRET}@h/name?nonsense=1", "cannot be read"),
        (f"postgresql://u:{SECRET}@[h/name", "cannot be read"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_and_its_password_not_told(
    address: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(SystemExit, match=said) as refused:
        database(address, tmp_path)
    assert SECRET not in str(refused.value)


def test_a_server_that_does_not_answer_is_one_sentence_without_the_password(
    tmp_path: Path,
) -> None:
    # Port 1 of this machine: nobody listens.
    address = f"postgresql://u:{SECRET}@127.0.0.1:1/name"
    ended = _run(tmp_path, "migrate", TRABECULA_DATABASE=address)
    assert ended.returncode == 1
    assert ended.stderr.startswith("CommandError: PostgreSQL does not let this program in")
    assert len(ended.stderr.splitlines()) == 1
    assert SECRET not in ended.stderr + ended.stdout


@on_sqlite
@pytest.mark.django_db
def test_sqlite_refuses_a_row_that_points_nowhere() -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA foreign_keys")
        assert cursor.fetchone() == (1,)


@pytest.mark.parametrize("arguments", [(), ("--full",)])
def test_a_whole_database_is_said_to_be_whole(arguments: tuple[str, ...], own: OwnDatabase) -> None:
    ended = _run(own.folder, "check_database", *arguments, **own.environment)
    assert ended.stdout == "The database is whole.\n", ended.stderr


@on_sqlite
@pytest.mark.parametrize("place", [0.0, 0.5], ids=["head", "middle"])
def test_a_damaged_file_starts_nothing_and_says_how_to_restore(
    place: float, own: OwnDatabase
) -> None:
    file = own.folder / "trabecula.sqlite3"
    whole = file.read_bytes()
    start = int(len(whole) * place)
    file.write_bytes(whole[:start] + bytes(20_000) + whole[start + 20_000 :])
    for command in (("migrate",), ("serve", "--port", "8099"), ("check_database", "--full")):
        ended = _run(own.folder, *command, **own.environment)
        assert ended.returncode == 1
        assert ended.stderr.startswith("CommandError: The database is damaged"), ended.stderr
        assert "manage.py restore" in ended.stderr
        assert len(ended.stderr.splitlines()) == 1


@on_sqlite
def test_a_row_that_points_nowhere_is_found_by_the_thorough_look(own: OwnDatabase) -> None:
    import sqlite3

    with sqlite3.connect(own.folder / "trabecula.sqlite3") as database:
        database.execute(
            "INSERT INTO riskapp_membership (user_id, organisation_id, program, roles) "
            "VALUES (7, 7, '', '[]')"
        )
    database.close()
    ended = _run(own.folder, "check_database", "--full", **own.environment)
    assert "points nowhere" in ended.stderr
    assert _run(own.folder, "check_database", **own.environment).returncode == 0


@on_postgresql
@pytest.mark.django_db
def test_a_server_that_may_lose_what_it_acknowledged_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert problem_with_the_database() == ""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    assert "synchronous_commit set to off" in problem_with_the_database()
    with connection.cursor() as cursor:
        cursor.execute("RESET synchronous_commit")
    monkeypatch.setattr(database_health, "SAFE_WRITES", {"fsync": "another"})
    assert "fsync set to on" in problem_with_the_database()


@on_postgresql
@pytest.mark.django_db
def test_a_row_that_cannot_be_read_is_found_by_the_thorough_look() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TYPE colour AS ENUM ('white')")
        cursor.execute("CREATE TABLE coloured (colour colour)")
        cursor.execute("INSERT INTO coloured VALUES ('white')")
        assert problem_with_the_database(thorough=True) == ""
        cursor.execute("DELETE FROM pg_enum WHERE enumlabel = 'white'")  # as damage would
        assert problem_with_the_database() == ""
    found = problem_with_the_database(thorough=True)
    assert found.startswith("The database is damaged: invalid internal value")


@on_postgresql
@pytest.mark.django_db
def test_an_index_that_lacks_a_row_is_found_by_the_thorough_look() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'amcheck'")
        if cursor.fetchone() is None:
            pytest.skip("amcheck is not beside this server")
        cursor.execute("CREATE EXTENSION amcheck")
        meant = (
            "CREATE OR REPLACE FUNCTION meant(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS "
            "'BEGIN RETURN $1 + {}; END'"
        )
        cursor.execute(meant.format(0))
        cursor.execute("CREATE TABLE numbered (number int)")
        cursor.execute("CREATE INDEX by_number ON numbered (meant(number))")
        cursor.execute("INSERT INTO numbered VALUES (1)")
        assert problem_with_the_database(thorough=True) == ""
        cursor.execute(meant.format(1))
    found = problem_with_the_database(thorough=True)
    assert found.startswith("The database is damaged: ")
    assert "by_number" in found
