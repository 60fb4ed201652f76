"""What is put off while the site is full: first what programs can send again, then pages; never
the answers of whoever watches.

A full site that takes everything answers nobody in time. So bulk work leaves one thread of each
process to people, and whatever would wait behind a long line is told so at once (503 with
Retry-After) instead of being kept waiting.
"""

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from riskapp import metrics, serving_worker
from riskapp.actions.readiness import problem_with_room
from riskapp.rates import UNCOUNTED, rate_of

# Requests that wait in one process before programs, and before people, are put off. A page takes
# some 50 ms: behind 40 of them on four threads somebody waits half a second.
MOST_WAITING_BULK, MOST_WAITING = 16, 40
# How long bulk work waits for one of its threads; in that time it holds the last one.
WAIT_FOR_THREAD_S = 0.25
RETRY_S = 5
RETRY_WHEN_NO_ROOM_S = 300
# What a record system asks while a clinician looks at the chart is no bulk work.
FOR_PEOPLE = ("cds_", "oauth_", "smart", "api_schema", "api_docs")
FULL = "The site is busy at the moment; send the same again in {wait} seconds."


class InTurn:
    """So many places, given to whoever has waited longest.

    A semaphore gives a place that becomes free to whoever asks first: a thread that goes on to
    its next request would take it again and again, and another would wait in vain.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._waiting: deque[threading.Lock] = deque()
        self._lock = threading.Lock()

    def acquire(self, timeout: float) -> bool:
        """Wait for a place at most so many seconds; False if there was none."""
        turn = threading.Lock()
        turn.acquire()
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            self._waiting.append(turn)
        if turn.acquire(timeout=timeout):
            return True
        with self._lock:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return False
        return True  # given at the last moment

    def release(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1


class Shedding:
    """Judges before anything of a request's body is read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response
        self._bulk = InTurn(settings.BULK_THREADS)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self._get_response(request)
        finally:
            if getattr(request, "holds_bulk_thread", False):
                self._bulk.release()

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        match = request.resolver_match
        name = (match.view_name if match else "") or ""
        if name in UNCOUNTED:
            return None
        bulk, waiting = is_bulk(name), serving_worker.waiting()
        if waiting >= (MOST_WAITING_BULK if bulk else MOST_WAITING):
            return _put_off(request, "waiting", RETRY_S, FULL)
        if rate_of(name, request.method or "") == "uploads":
            length = int(request.META.get("CONTENT_LENGTH") or 0)
            if problem := problem_with_room(length):
                said = f"{problem} Send the same again in some minutes."
                return _put_off(request, "no_room", RETRY_WHEN_NO_ROOM_S, said)
        if bulk:
            if not self._bulk.acquire(timeout=WAIT_FOR_THREAD_S):
                return _put_off(request, "bulk", RETRY_S, FULL)
            request.holds_bulk_thread = True  # type: ignore[attr-defined]
        return None


def is_bulk(view: str) -> bool:
    """Whether a program asks, that can ask again, or a file is made that a person waits for."""
    if view.startswith(FOR_PEOPLE):
        return False
    return view.startswith(("api_", "fhir_", "stow")) or rate_of(view, "POST") == "exports"


def _put_off(request: HttpRequest, why: str, wait: int, sentence: str) -> HttpResponse:
    metrics.SHED.labels(why).inc()
    told = {"sentence": sentence.format(wait=wait)}
    response = render(request, "busy.html", told, status=503)
    response.headers["Retry-After"] = str(wait)
    return response
