"""A command that is told to stop does so at once, but for what the database is just told."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from riskapp.management.stopping import LOOK_AGAIN_S, stop_when_told

PATIENCE_S = 20
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def told() -> Iterator[Callable[[], None]]:
    """What tells this very process to stop; afterwards signals mean what they meant."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGALRM)}
    stop_when_told()
    yield lambda: os.kill(os.getpid(), signal.SIGTERM)
    signal.setitimer(signal.ITIMER_REAL, 0)
    for number, handler in before.items():
        signal.signal(number, handler)


def go_on() -> None:
    time.sleep(PATIENCE_S)
    pytest.fail("it went on")


def test_it_stops_at_once_where_nothing_is_asked_of_the_database(told: Callable[[], None]) -> None:
    def work() -> None:
        told()
        go_on()

    with pytest.raises(SystemExit) as stopped:
        work()
    assert stopped.value.code == 0


def test_a_statement_is_answered_first(told: Callable[[], None]) -> None:
    answered = []

    def told_in_the_middle(execute: Callable[..., Any], *asked: Any) -> Any:
        told()
        time.sleep(5 * LOOK_AGAIN_S)
        answer = execute(*asked)
        answered.append(asked)
        return answer

    def work() -> None:
        with connection.execute_wrapper(told_in_the_middle):
            User.objects.count()
            go_on()

    with pytest.raises(SystemExit):
        work()
    assert len(answered) == 1
    assert User.objects.count() == 0  # the connection is as good as before


def test_a_transaction_is_undone_between_two_statements(told: Callable[[], None]) -> None:
    def work() -> None:
        with transaction.atomic():
            User.objects.create(username="half")
            told()
            go_on()

    with pytest.raises(SystemExit):
        work()
    assert not User.objects.exists()
