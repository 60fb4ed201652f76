"""Threads that answer requests, each with room for all of its calls from one request to the next.

The standard library's threads return to the bottom of their stack between two jobs, where the room
of a request (``roomy_stack``) is given back, to be made and cleared anew for the next one.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, ParamSpec, TypeVar

from riskapp.roomy_stack import WORDS_OF_A_THREAD, roomy

P, T = ParamSpec("P"), TypeVar("T")
# How often an idle thread looks whether its process has come to its end without telling it.
LOOK_UP_S = 1.0


class RoomyThreads(Executor):
    """As ``ThreadPoolExecutor``: so many threads, which start with the first job."""

    def __init__(self, threads: int) -> None:
        self._jobs: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._is_shut = False
        self._threads = [
            threading.Thread(target=self._work, name=f"answers-{n}") for n in range(threads)
        ]

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have a thread call it.

        Raises
        ------
        RuntimeError
            After ``shutdown``.
        """
        with self._lock:
            if self._is_shut:
                raise RuntimeError("These threads were told to end; they take no more jobs.")
            for thread in self._threads:
                if thread.ident is None:
                    thread.start()
            future: Future[T] = Future()
            self._jobs.put((future, partial(fn, *args, **kwargs)))
            return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more jobs; those that wait are done, or cancelled where that is asked."""
        with self._lock:
            self._is_shut = True
            while cancel_futures and not self._jobs.empty():
                if job := self._jobs.get():
                    job[0].cancel()
            self._jobs.put(None)
        for thread in self._threads:
            if wait and thread.ident is not None:
                thread.join()

    @partial(roomy, words=WORDS_OF_A_THREAD)
    def _work(self) -> None:
        while True:
            try:
                job = self._jobs.get(timeout=LOOK_UP_S)
            except Empty:
                if threading.main_thread().is_alive():
                    continue
                return
            if job is None:
                self._jobs.put(None)  # for the next one
                return
            _do(*job)
            del job  # what it holds goes before the next one comes


def _do(future: Future[Any], call: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = call()
    except BaseException as problem:
        future.set_exception(problem)
        del future, call  # the problem holds this call, and would hold them
    else:
        future.set_result(result)
