"""Rows of several threads wait for the disk together, and each is answered for itself."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.own_database import OwnDatabase

pytestmark = pytest.mark.enable_socket
OTHERS = 5
# The first row is held in its transaction until the others stand in the queue behind it.
THREADS = f"""
import sys, threading, time
import django
django.setup()
from django.db import DataError, OperationalError, connection
from riskapp.actions.auditing import Actor, record
from riskapp.actions.trail import appending
write, written, told = appending._write, [], {{}}
is_held = threading.Event()

def held(rows):
    is_held.set()
    while not written and len(appending._queue) < {OTHERS}:
        time.sleep(0.001)
    written.append([row.target for row in rows])
    spoil([row.target for row in rows])
    write(rows)

def spoil(targets):
    pass

def leave(target):
    try:
        told[target] = record(by=Actor.SITE, action="test", target=target).number
    except Exception as problem:
        told[target] = type(problem).__name__
    connection.close()

def all_leave():
    first = threading.Thread(target=leave, args=("first",))
    first.start()
    is_held.wait()
    others = [threading.Thread(target=leave, args=(f"other {{i}}",)) for i in range({OTHERS})]
    for each in others:
        each.start()
    for each in (first, *others):
        each.join()

appending._write = held
"""
TELL = """
import json
print(json.dumps([written, told]))
"""


class Site:
    """A site of the test's own, at which programs run."""

    def __init__(self, folder: Path) -> None:
        self.own = OwnDatabase(folder)
        self.env = (
            os.environ | self.own.environment | {"DJANGO_SETTINGS_MODULE": "riskapp.settings"}
        )

    def run(self, *command: str) -> str:
        return subprocess.run(
            [sys.executable, *command], env=self.env, stdout=subprocess.PIPE, text=True, check=True
        ).stdout

    def tried(self, more: str) -> tuple[list[list[str]], dict[str, object]]:
        """Which rows were written together, and what each thread was told."""
        written, told = json.loads(self.run("-c", THREADS + more + TELL))
        return written, told

    def rows(self) -> list[tuple[int, str]]:
        found = self.own.ask(
            "SELECT number, target FROM riskapp_auditevent WHERE action = 'test' ORDER BY number"
        )
        return [(int(number), str(target)) for number, target in found]

    def is_sound(self) -> bool:
        count = len(self.rows())
        said = self.run("manage.py", "verify_trail")
        return said == f"All rows from 1 to {count} are as they were written.\n"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.own.end()


def test_rows_that_come_while_one_is_written_share_a_transaction_in_their_order(site: Site) -> None:
    written, told = site.tried("all_leave()")
    assert [len(few) for few in written] == [1, OTHERS]
    expected = [target for few in written for target in few]
    assert site.rows() == list(enumerate(expected, 1))
    assert told == {target: number for number, target in site.rows()}
    assert site.is_sound()


def test_none_goes_on_before_its_row_is_there_for_others_to_see(site: Site) -> None:
    looks = """
def leave(target):
    number = record(by=Actor.SITE, action="test", target=target).number
    connection.close()  # what another connection sees is committed
    with connection.cursor() as cursor:
        cursor.execute("SELECT target FROM riskapp_auditevent WHERE number = %s", [number])
        told[target] = cursor.fetchone()[0]
    connection.close()
all_leave()
"""
    _, told = site.tried(looks)
    assert told == {target: target for _, target in site.rows()}
    assert len(told) == 1 + OTHERS


def test_where_the_disk_fails_all_who_waited_are_refused_and_the_chain_goes_on(site: Site) -> None:
    fails = """
def spoil(targets):
    if len(written) == 2:
        raise OperationalError("disk I/O error")
all_leave()
leave("later")
"""
    _, told = site.tried(fails)
    refused = [name for name, said in told.items() if said == "OperationalError"]
    assert len(refused) == OTHERS
    assert site.rows() == [(1, "first"), (2, "later")]
    assert site.is_sound()


def test_a_row_that_cannot_be_written_is_refused_alone(site: Site) -> None:
    fails = """
def spoil(targets):
    if "other 2" in targets:
        raise DataError("too long")
all_leave()
"""
    _, told = site.tried(fails)
    assert told.pop("other 2") == "DataError"
    assert told == {target: number for number, target in site.rows()}
    assert len(site.rows()) == OTHERS
    assert site.is_sound()


def test_what_was_answered_before_a_process_dies_stays(site: Site) -> None:
    endless = """
appending._write = write

def leave(name):
    for count in range(10**6):
        target = f"{name} {count}"
        record(by=Actor.SITE, action="test", target=target)
        sys.stdout.write(f"{target}\\n")
        sys.stdout.flush()

for name in "abcd":
    threading.Thread(target=leave, args=(name,)).start()
"""
    command = [sys.executable, "-c", THREADS + endless]
    with subprocess.Popen(command, env=site.env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        answered = [process.stdout.readline() for _ in range(60)]
        process.send_signal(signal.SIGKILL)
        # A line that the end cut off was not answered.
        answered += [line for line in process.stdout if line.endswith("\n")]
    assert {line.strip() for line in answered} <= {target for _, target in site.rows()}
    assert site.is_sound()
