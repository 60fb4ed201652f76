"""Everything at once for a while: errors, times by kind, and whether memory grows."""

import json
import statistics
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any

import requests

from tests.kept import ROOT
from tests.soak.report import Figures
from tests.soak.site import Site

CLIENTS, PEOPLE, LOOK_EVERY_S = 6, 30, 5.0
# Between two requests of one client, as somebody reads or types: seconds, at most.
LONGEST_PAUSE_S = 1.0
# Memory counts from here: before, everything is loaded that is loaded once.
WARM_AFTER = 0.2
GOAL_MS = {"pages": 1_000, "scores": 300}
# A slope that a day would notice.
MOST_MIB_PER_HOUR = 50.0
WHO = {"population": "gb", "sex": "female"}
ANSWERS = WHO | {"weight_kg": "61.5", "height_cm": "160", "parent_hip_fracture": "true"}
PREFETCH = (ROOT / "fixtures" / "fhir" / "hand-written.json").read_text(encoding="utf-8")
# How often of a hundred times each kind is asked.
SHARES = {
    "pages": 40, "form": 20, "scores": 15, "explanation": 8, "upload": 5, "FHIR": 6, "CDS": 6,
}  # fmt: skip


@dataclass
class Times:
    """Seconds by kind, and what was answered otherwise than it should be."""

    by_kind: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in SHARES})
    wrong: list[str] = field(default_factory=list)


class Reader:
    """One person and one program at work, on connections that stay open."""

    def __init__(self, site: Site, people: list[str], made: list[str], seed: str) -> None:
        self._site, self._people, self._made = site, people, made
        self._chance, self._numbers = Random(seed), count(1)
        self._page, self._program = requests.Session(), requests.Session()
        self._page.cookies.set("sessionid", site.session)
        self._page.cookies.set("csrftoken", "a" * 32)
        self._page.headers["X-CSRFToken"] = "a" * 32
        self._program.headers["Authorization"] = f"Token {site.token}"
        self.kinds: dict[str, Callable[[], requests.Response]] = {
            "pages": self._read, "form": self._type, "scores": self._score,
            "explanation": self._explain, "upload": self._upload, "FHIR": self._assess,
            "CDS": self._call,
        }  # fmt: skip

    def _read(self) -> requests.Response:
        person, made = self._chance.choice(self._people), self._chance.choice(self._made)
        pages = ("/", f"/patients/{person}/", f"/assessments/{made}/", "/models/", "/recall/",
                 f"/patients/{person}/assessments/new/", "/connections/")  # fmt: skip
        return self._page.get(self._site.address + self._chance.choice(pages), timeout=60)

    def _type(self) -> requests.Response:
        person = self._chance.choice(self._people)
        age = f"{60 + self._chance.random() * 25:.2f}"
        where = f"{self._site.address}/patients/{person}/assessments/answer/"
        return self._page.post(where, data=ANSWERS | {"age_years": age}, timeout=60)

    def _score(self) -> requests.Response:
        profile = ANSWERS | {"age_years": 60 + self._chance.random() * 25}
        asked = {"profile": profile | {"parent_hip_fracture": True}, "explain": False}
        return self._post("/api/v1/scores/", asked)

    def _explain(self) -> requests.Response:
        made = self._chance.choice(self._made)
        where = f"{self._site.address}/api/v1/assessments/{made}/explanation/"
        return self._program.get(where, timeout=60)

    def _upload(self) -> requests.Response:
        return self._program.post(
            f"{self._site.address}/api/v1/scans/",
            data={"patient": self._chance.choice(self._people)},
            files={"files": ("scan", uuid.uuid4().bytes * 4096)},
            timeout=60,
        )

    def _assess(self) -> requests.Response:
        where = f"{self._site.address}/fhir/RiskAssessment/$assess?population=gb"
        kind = {"Content-Type": "application/fhir+json"}
        return self._program.post(where, data=PREFETCH, headers=kind, timeout=60)

    def _call(self) -> requests.Response:
        entries = json.loads(PREFETCH)["entry"]
        person = next(
            one["resource"] for one in entries if one["resource"]["resourceType"] == "Patient"
        )
        asked = {
            "hook": "patient-view", "hookInstance": str(uuid.uuid4()),
            "context": {"userId": "Practitioner/1", "patientId": person["id"]},
            "prefetch": {"patient": person},
        }  # fmt: skip
        where = f"{self._site.address}/cds-services/fracture-risk-patient-view"
        return requests.post(where, json=asked, timeout=60)

    def _post(self, path: str, body: dict[str, Any]) -> requests.Response:
        return self._program.post(self._site.address + path, json=body, timeout=60)

    def work(self, times: Times, stop: threading.Event) -> None:
        while not stop.wait(self._chance.random() * LONGEST_PAUSE_S):
            kind = self._chance.choices(list(SHARES), list(SHARES.values()))[0]
            begun = time.perf_counter()
            try:
                reply = self.kinds[kind]()
            except requests.RequestException as broken:
                times.wrong.append(f"{kind}: {type(broken).__name__}")
                continue
            times.by_kind[kind].append(time.perf_counter() - begun)
            if not reply.ok:
                times.wrong.append(f"{kind}: {reply.status_code} {reply.url} {reply.text[:200]}")


def soak(site: Site, minutes: float) -> list[Figures]:
    """Load a site for so long; memory is looked at all the while."""
    site.start()
    try:
        people, made = _clinic(site)
        times, stop = Times(), threading.Event()
        readers = [Reader(site, people, made, f"reader {n}") for n in range(CLIENTS)]
        threads = [threading.Thread(target=one.work, args=(times, stop)) for one in readers]
        for thread in threads:
            thread.start()
        memory = list(_watched(site, minutes * 60))
        stop.set()
        for thread in threads:
            thread.join()
    finally:
        site.stop()
    return [_figures(times, memory, minutes)]


def _clinic(site: Site) -> tuple[list[str], list[str]]:
    """Ids of some people, and of an assessment of each."""
    people, made = [], []
    with requests.Session() as session:
        session.headers["Authorization"] = f"Token {site.token}"
        for number in range(PEOPLE):
            told = {"name": f"Soak {number}", "record_number": f"S-{number}", "sex": "female",
                    "date_of_birth": f"{1940 + number % 30}-03-0{1 + number % 9}"}  # fmt: skip
            person = session.post(f"{site.address}/api/v1/patients/", json=told, timeout=60)
            people.append(person.json()["id"])
            asked = {"patient": people[-1], "profile": {"population": "gb"}}
            one = session.post(f"{site.address}/api/v1/assessments/", json=asked, timeout=60)
            made.append(one.json()["id"])
    return people, made


def _watched(site: Site, seconds: float) -> Iterator[tuple[float, float]]:
    """Seconds since the start, and MiB."""
    begun = time.monotonic()
    while (passed := time.monotonic() - begun) < seconds:
        yield passed, site.memory_mib()
        time.sleep(LOOK_EVERY_S)


def _figures(times: Times, memory: list[tuple[float, float]], minutes: float) -> Figures:
    counted: dict[str, object] = {"minutes": minutes, "clients": CLIENTS}
    problems = sorted(set(times.wrong))[:10]
    for kind, seconds in times.by_kind.items():
        if len(seconds) < 2:
            continue
        cuts = statistics.quantiles([1000 * one for one in seconds], n=100)
        told = " / ".join(f"{cuts[at]:.0f}" for at in (49, 94, 98))
        counted[f"{kind}: p50 / p95 / p99, ms"] = f"{told} ({len(seconds)} requests)"
        if cuts[98] > GOAL_MS.get(kind, float("inf")):
            problems.append(f"p99 of {kind} is {cuts[98]:.0f} ms; the goal is {GOAL_MS[kind]}.")
    warm = [one for one in memory if one[0] >= WARM_AFTER * memory[-1][0]]
    slope = statistics.linear_regression(*zip(*warm, strict=True)).slope * 3600
    counted["memory of all processes, MiB: start, warm, end"] = " / ".join(
        f"{one[1]:.0f}" for one in (memory[0], warm[0], warm[-1])
    )
    counted["memory, MiB per hour once warm"] = f"{slope:+.0f}"
    counted["errors"] = len(times.wrong)
    if slope > MOST_MIB_PER_HOUR:
        problems.append(f"Memory grows by {slope:.0f} MiB per hour.")
    return Figures(f"mixed load for {minutes:g} minutes", counted, problems)
