"""Mixed load at a stated rate: errors, times by kind, and whether any process's memory grows."""

import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import LifoQueue
from random import Random

import requests

from tests.soak.memory import Memory
from tests.soak.mixed import PEOPLE, SHARES, Reader, clinic
from tests.soak.report import Figures
from tests.soak.site import Site

# Requests per second. A busy hour of a hospital of a thousand beds: 25 people at work in it at
# once, each of whom opens a page or gives an answer every 10 s (2.5 a second), and programs that
# ask 1.5 times a second: some 5,000 scores, hooks and files an hour, as for every patient
# who is opened in the hospital's record. A day of all work is some 50,000 requests.
RATE = 4.0
# More than can ever wait at once, so that a request is sent when it is due.
CLIENTS = 40
TELL_EVERY_S = 60.0
# A report is laid out and drawn anew each time; who asks for it waits as for a printer.
GOAL_MS = dict.fromkeys(SHARES, 1_000) | {"scores": 300, "report": 5_000}


@dataclass
class Times:
    """Seconds by kind, and what was answered otherwise than it should be."""

    by_kind: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in SHARES})
    wrong: list[str] = field(default_factory=list)


def arrivals(chance: Random, rate: float, seconds: float) -> Iterator[tuple[float, str]]:
    """When which kind is asked: as people come, who know nothing of each other (Poisson)."""
    at = 0.0
    while (at := at + chance.expovariate(rate)) < seconds:
        yield at, chance.choices(list(SHARES), list(SHARES.values()))[0]


def soak(site: Site, minutes: float, rate: float = RATE) -> Iterator[Figures]:
    """Load a site, and look at its trail and its log at the end."""
    with site.started():
        yield from loaded(site, minutes, rate)
        site.manage("verify_trail")  # raises where the trail is not sound


def loaded(site: Site, minutes: float, rate: float, people: int = PEOPLE) -> Iterator[Figures]:
    """Load a site that runs for so long; the figures so far are given from time to time.

    Each request is sent when it is due, however long others wait, and its time counts from then:
    a client that waits for one answer before it asks again would ask least when it is slowest
    ("coordinated omission"), and what it saw would look better than it was.
    """
    ids, made = clinic(site, people)
    readers: LifoQueue[Reader] = LifoQueue()
    for number in range(CLIENTS):
        readers.put(Reader(site, ids, made, f"reader {number}"))
    times, begun, tell_at = Times(), time.monotonic(), TELL_EVERY_S
    with Memory(site) as memory, ThreadPoolExecutor(CLIENTS) as pool:
        for at, kind in arrivals(Random("load"), rate, 60 * minutes):
            time.sleep(max(0.0, begun + at - time.monotonic()))
            pool.submit(_ask, readers, kind, begun + at, times)
            if at >= tell_at:
                tell_at += TELL_EVERY_S
                yield _figures(times, memory, at / 60, rate)
    times.wrong += site.said_wrong()
    yield _figures(times, memory, minutes, rate)


def _ask(readers: LifoQueue[Reader], kind: str, due: float, times: Times) -> None:
    reader = readers.get()
    try:
        reply = reader.kinds[kind]()
    except requests.RequestException as broken:
        times.wrong.append(f"{kind}: {type(broken).__name__}")
    else:
        times.by_kind[kind].append(time.monotonic() - due)
        if not reply.ok:
            times.wrong.append(f"{kind}: {reply.status_code} {reply.url} {reply.text[:200]}")
    finally:
        readers.put(reader)


def _figures(times: Times, memory: Memory, minutes: float, rate: float) -> Figures:
    asked = sum(map(len, times.by_kind.values()))
    counted: dict[str, object] = {
        "minutes": f"{minutes:.1f}",
        "requests": f"{asked}, {rate:g} a second, sent when they were due",
        "errors": len(times.wrong),
        "processors in use, of all processes of the site": f"{memory.processors():.2f}",
    }
    problems = sorted(set(times.wrong))[:10] + memory.problems()
    for kind, seconds in times.by_kind.items():
        if len(seconds) < 2:  # of so few nothing can be said
            continue
        cuts = statistics.quantiles([1000 * one for one in seconds], n=100, method="inclusive")
        told = " / ".join(f"{cuts[at]:.0f}" for at in (49, 94, 98))
        counted[f"{kind}: p50 / p95 / p99, ms"] = f"{told} ({len(seconds)} requests)"
        if cuts[98] > GOAL_MS[kind]:
            problems.append(f"p99 of {kind} is {cuts[98]:.0f} ms; the goal is {GOAL_MS[kind]}.")
    return Figures("mixed load", counted | memory.counted(), problems)
