"""Threads that answer requests: whoever worked last works next, and keeps the room for its calls.

The standard library's threads take turns. So one caller's requests would each be answered by
another thread, whose connection to SQLite has to read every page anew that the one before has
written. They also return to the bottom of their stack between two jobs, where the room of a request
(``roomy_stack``) is given back, to be made and cleared anew for the next one.
"""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, ParamSpec, TypeVar

from riskapp.roomy_stack import WORDS_OF_A_THREAD, roomy

P, T = ParamSpec("P"), TypeVar("T")
Job = tuple[Future[Any], Callable[[], Any]]
Jobs = SimpleQueue[Job | None]
# How often an idle thread looks whether its process has come to its end without telling it.
LOOK_UP_S = 1.0


class RoomyThreads(Executor):
    """As ``ThreadPoolExecutor``: at most so many threads, each begun when no other is idle."""

    def __init__(self, threads: int) -> None:
        self._most = threads
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._waiting: deque[Job] = deque()
        self._idle: list[Jobs] = []  # who worked last is the last one
        self._is_shut = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have a thread call it.

        Raises
        ------
        RuntimeError
            After ``shutdown``.
        """
        future: Future[T] = Future()
        job = (future, partial(fn, *args, **kwargs))
        with self._lock:
            if self._is_shut:
                raise RuntimeError("These threads were told to end; they take no more jobs.")
            if self._idle:
                self._idle.pop().put(job)
            elif len(self._threads) < self._most:
                self._begin(job)
            else:
                self._waiting.append(job)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more jobs; those that wait are done, or cancelled where that is asked."""
        with self._lock:
            self._is_shut = True
            while cancel_futures and self._waiting:
                self._waiting.popleft()[0].cancel()
            while self._idle:
                self._idle.pop().put(None)
        for thread in self._threads:
            if wait:
                thread.join()

    def _begin(self, job: Job) -> None:
        own: Jobs = SimpleQueue()
        own.put(job)
        name = f"answers-{len(self._threads)}"
        self._threads.append(threading.Thread(target=self._work, args=(own,), name=name))
        self._threads[-1].start()

    @partial(roomy, words=WORDS_OF_A_THREAD)
    def _work(self, own: Jobs) -> None:
        while True:
            try:
                job = own.get(timeout=LOOK_UP_S)
            except Empty:
                if threading.main_thread().is_alive():
                    continue
                return
            if job is None:
                return
            self._do(own, *job)
            del job  # what it holds goes before the next one comes

    def _do(self, own: Jobs, future: Future[Any], call: Callable[[], Any]) -> None:
        if not future.set_running_or_notify_cancel():
            self._stand_by(own)
            return
        try:
            result = call()
        except BaseException as problem:
            self._stand_by(own)
            future.set_exception(problem)
            del future, call  # the problem holds this call, and would hold them
        else:
            # Before its end is told: whoever hears of it may come with the next one at once.
            self._stand_by(own)
            future.set_result(result)

    def _stand_by(self, own: Jobs) -> None:
        with self._lock:
            if self._waiting:
                own.put(self._waiting.popleft())
            elif self._is_shut:
                own.put(None)
            else:
                self._idle.append(own)
