"""A row added to the end of the chain, by three statements.

Every request that shows a patient's data waits for this, holding what all other writers wait for;
so the statements are written out here, as to compose them anew took five times as long as to run
them.
"""

from functools import partial
from typing import Any

from django.db import connection, transaction

from riskapp.actions.trail import chain, witness
from riskapp.models import AuditEvent, TrailHead

HEAD, ROWS = TrailHead._meta.db_table, AuditEvent._meta.db_table
COLUMNS = [one for one in AuditEvent._meta.concrete_fields if not one.primary_key]
NAMES = ", ".join(f'"{one.column}"' for one in COLUMNS)
PLACES = ", ".join(["%s"] * len(COLUMNS))
INSERT = f"INSERT INTO {ROWS} ({NAMES}) VALUES ({PLACES})"  # noqa: S608  # names of our own
MOVE = f"UPDATE {HEAD} SET number = %s, digest = %s WHERE id = 1"  # noqa: S608
LOOK = f"SELECT number, digest FROM {HEAD} WHERE id = 1"  # noqa: S608


def append(row: AuditEvent) -> None:
    """Chain a row to the last one, in the transaction that is under way or one of its own."""
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        number, before = _held_head(cursor)
        row.number = number + 1
        chain.extend(row, before)
        told = [one.get_db_prep_save(getattr(row, one.attname), connection) for one in COLUMNS]
        cursor.execute(INSERT, told)
        cursor.execute(MOVE, [row.number, row.digest])
        transaction.on_commit(partial(witness.tell, row.number, row.digest, row.at))


def _held_head(cursor: Any) -> tuple[int, str]:
    """Where the chain ends; nobody else adds to it until this transaction ends."""
    # On SQLite a transaction of ours holds the database from its first statement on.
    hold = " FOR UPDATE" if connection.features.has_select_for_update else ""
    cursor.execute(LOOK + hold)
    found: tuple[int, str] | None = cursor.fetchone()
    return found or _first_head()


def _first_head() -> tuple[int, str]:
    """The first head there is; where somebody removed it, the chain goes on at its last row."""
    last = AuditEvent.objects.order_by("number").last()
    beginning = {"number": 0, "digest": chain.BEGINNING}
    found = {"number": last.number, "digest": last.digest} if last else beginning
    TrailHead.objects.get_or_create(pk=1, defaults=found)
    head = TrailHead.objects.select_for_update().get(pk=1)
    return head.number, head.digest
