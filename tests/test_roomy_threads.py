"""Threads of the web server: each job is done once, and the stack's memory is made once."""

import gc
import resource
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator

import pytest

from riskapp.observing import Observed
from riskapp.roomy_stack import WORDS_ASKED_FOR, WORDS_OF_A_THREAD, roomy
from riskapp.roomy_threads import RoomyThreads

JOBS = 200
WITHIN_S = 30


@pytest.fixture
def threads() -> Iterator[RoomyThreads]:
    made = RoomyThreads(4)
    yield made
    made.shutdown()


def test_results_and_problems_come_back(threads: RoomyThreads) -> None:
    futures = [threads.submit(divmod, 7, n) for n in (2, 0, 3)]
    assert futures[0].result(WITHIN_S) == (3, 1)
    assert isinstance(futures[1].exception(WITHIN_S), ZeroDivisionError)
    assert futures[2].result(WITHIN_S) == (2, 1)


def test_so_many_work_at_once(threads: RoomyThreads) -> None:
    together = threading.Barrier(4)
    futures = [threads.submit(together.wait, WITHIN_S) for _ in range(4)]
    assert sorted(one.result(WITHIN_S) for one in futures) == [0, 1, 2, 3]


def test_what_waits_is_done_before_the_end_and_nothing_is_taken_after_it() -> None:
    threads, go = RoomyThreads(1), threading.Event()
    first = threads.submit(go.wait, WITHIN_S)
    waiting = [threads.submit(str, n) for n in range(3)]
    threads.shutdown(wait=False)
    with pytest.raises(RuntimeError, match="told to end"):
        threads.submit(str)
    go.set()
    assert first.result(WITHIN_S)
    assert [one.result(WITHIN_S) for one in waiting] == ["0", "1", "2"]
    threads.shutdown()


def test_what_waits_is_cancelled_where_that_is_asked() -> None:
    threads, go, began = RoomyThreads(1), threading.Event(), threading.Event()

    def first() -> None:
        began.set()
        go.wait(WITHIN_S)

    under_way = threads.submit(first)
    began.wait(WITHIN_S)
    waiting = threads.submit(str)
    threads.shutdown(wait=False, cancel_futures=True)
    go.set()
    assert under_way.result(WITHIN_S) is None
    assert waiting.cancelled()
    threads.shutdown()


def test_nothing_of_a_job_is_held_after_it(threads: RoomyThreads) -> None:
    class Large:
        pass

    held = Large()
    gone = weakref.ref(held)
    threads.submit(lambda one: None, held).result(WITHIN_S)
    del held
    for _ in range(4):  # whichever thread it was has come back for another
        together = threading.Barrier(4)
        [one.result(WITHIN_S) for one in [threads.submit(together.wait) for _ in range(4)]]
    gc.collect()
    assert gone() is None


def test_a_process_that_ends_untold_is_not_held_up() -> None:
    told = (
        "from riskapp.roomy_threads import RoomyThreads\n"
        "RoomyThreads(2).submit(print, 'done').result()"
    )
    ended = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, timeout=60, check=True
    )
    assert ended.stdout == "done\n"


def test_who_worked_last_works_next(threads: RoomyThreads) -> None:
    together = threading.Barrier(4)
    for one in [threads.submit(together.wait, WITHIN_S) for _ in range(4)]:
        one.result(WITHIN_S)
    names = {
        threads.submit(lambda: threading.current_thread().name).result(WITHIN_S)
        for _ in range(JOBS)
    }
    assert len(names) == 1


def test_no_more_threads_begin_than_work_at_once() -> None:
    threads = RoomyThreads(4)
    for _ in range(JOBS):
        threads.submit(str).result(WITHIN_S)
    assert len(threads._threads) == 1
    threads.shutdown()


def test_a_job_that_was_cancelled_while_it_waited_is_passed_over(threads: RoomyThreads) -> None:
    go = threading.Event()
    busy = [threads.submit(go.wait, WITHIN_S) for _ in range(4)]
    given_up, wanted = threads.submit(str, 1), threads.submit(str, 2)
    assert given_up.cancel()
    go.set()
    assert wanted.result(WITHIN_S) == "2"
    assert all(one.result(WITHIN_S) for one in busy)


def pages_of(calls: Callable[[], object]) -> int:
    before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
    calls()
    return resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before


def test_the_room_of_a_request_is_made_once_for_a_thread() -> None:
    threads = RoomyThreads(1)
    answer = roomy(lambda: sum(n for n in range(3)))
    assert answer.__code__.co_stacksize == Observed.__call__.__code__.co_stacksize
    threads.submit(answer).result(WITHIN_S)
    taken = sum(threads.submit(pages_of, answer).result(WITHIN_S) for _ in range(JOBS))
    threads.shutdown()
    assert taken < JOBS / 10
    assert sum(pages_of(answer) for _ in range(JOBS)) >= JOBS  # elsewhere


def test_a_thread_has_room_for_as_many_calls_as_a_request() -> None:
    usual_words_of_a_call = 60
    left = 2**21 / 8 - WORDS_OF_A_THREAD - WORDS_ASKED_FOR - 1000
    assert left > sys.getrecursionlimit() * usual_words_of_a_call
