"""Rows added to the end of the chain, by three statements.

Every request that shows a patient's data waits for this, holding what all other writers wait for;
so the statements are written out here, as to compose them anew took five times as long as to run
them.

A row of a deed is written in the deed's transaction. Rows that stand for themselves wait for the
disk together: while one thread of a process waits, others come, and the first of them writes all of
theirs in one transaction. Each goes on once its own row is durable, or is told why it is not.
"""

import logging
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import OperationalError, connection, models, transaction

from riskapp.actions.trail import chain, witness
from riskapp.models import AuditEvent, TrailHead

log = logging.getLogger(__name__)
HEAD, ROWS = TrailHead._meta.db_table, AuditEvent._meta.db_table
FIELDS = [one for one in AuditEvent._meta.concrete_fields if not one.primary_key]
# Text and whole numbers go into the database as they are.
PLAIN = (models.BigIntegerField, models.CharField)
COLUMNS = [(one.attname, one, isinstance(one, PLAIN)) for one in FIELDS]
NAMES = ", ".join(f'"{one.column}"' for one in FIELDS)
PLACES = ", ".join(["%s"] * len(FIELDS))
INSERT = f"INSERT INTO {ROWS} ({NAMES}) VALUES ({PLACES})"  # noqa: S608  # names of our own
MOVE = f"UPDATE {HEAD} SET number = %s, digest = %s WHERE id = 1"  # noqa: S608
LOOK = f"SELECT number, digest FROM {HEAD} WHERE id = 1"  # noqa: S608


@dataclass(slots=True, eq=False)
class _Waiting:
    """A row in the queue, and later how it went."""

    row: AuditEvent
    is_written: bool = False
    problem: OperationalError | None = None


_queue: deque[_Waiting] = deque()
_turn = threading.Lock()


def append(row: AuditEvent) -> None:
    """Chain a row to the last one, in the transaction that is under way or one of its own."""
    if connection.in_atomic_block:
        _write([row])
        return
    own = _Waiting(row)
    _queue.append(own)
    with _turn:
        if own in _queue:  # nobody took it along
            _write_all([_queue.popleft() for _ in range(len(_queue))])
    if own.problem:
        raise own.problem
    if not own.is_written:
        # Perhaps because of one row: whose it is finds out, and nobody else is refused.
        _write([row])


def _write_all(few: Sequence[_Waiting]) -> None:
    """Write what waits in one transaction, and say of each how it went."""
    try:
        _write([one.row for one in few])
    except OperationalError as problem:  # of the disk or the server, and so of all
        for one in few:
            one.problem = problem
    except Exception:
        log.warning("%d rows of the trail could not be written together", len(few))
    else:
        for one in few:
            one.is_written = True


def _write(rows: Sequence[AuditEvent]) -> None:
    """Chain rows to the last one; durable at the end of the outermost transaction."""
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        number, before = _held_head(cursor)
        for row in rows:
            number += 1
            row.number = number
            chain.extend(row, before)
            before = row.digest
            told = [
                getattr(row, name)
                if is_plain
                else field.get_db_prep_save(getattr(row, name), connection)
                for name, field, is_plain in COLUMNS
            ]
            cursor.execute(INSERT, told)
            # Robust: what fails after the commit must not look as if nothing was written.
            tell = partial(witness.tell, row.number, row.digest, row.at)
            transaction.on_commit(tell, robust=True)
        cursor.execute(MOVE, [number, before])


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
