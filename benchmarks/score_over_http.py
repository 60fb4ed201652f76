"""Scores over HTTP as another program asks for them: `python -m benchmarks.score_over_http`.

The product in its own web server, with a key, the trail and the disk, beside views of the framework
that parse the same body and do nothing: one of the same site, one with a key that is checked and
counted, one with a key and a row of the trail, and one of a Django project that has nothing else.
In turns, over connections that stay open; each request is about another T-score, so that no
explanation is one that was made before.
"""

import http.client
import itertools
import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.served import environment, new_site, post, served
from benchmarks.timing import Comparison, machine

CONNECTIONS = (1, 4)
ROUNDS, SECONDS = 3, 2.0
SCORES = "/api/v1/scores/"
# What FRAX asks, and what else the evidence counts: 25 fields with the caller's own id.
PERSON: Mapping[str, Any] = {
    "id": "row 1",
    "population": "gb",
    "age_years": 72,
    "sex": "female",
    "weight_kg": 61.5,
    "height_cm": 160,
    "prior_fragility_fracture": True,
    "number_of_prior_fractures": 1,
    "prior_fracture_site": "forearm",
    "prior_fracture_months_ago": 60,
    "parent_hip_fracture": False,
    "current_smoker": False,
    "glucocorticoids": True,
    "glucocorticoid_dose_mg_daily": 5,
    "glucocorticoid_duration_months": 12,
    "rheumatoid_arthritis": False,
    "secondary_osteoporosis": False,
    "alcohol_3_or_more_units_daily": False,
    "total_hip_t_score": -2.1,
    "lumbar_spine_t_score": -2.9,
    "trabecular_bone_score": 1.25,
    "falls_last_year": 1,
    "postmenopausal": True,
    "osteoporosis_treatment": "none",
}
ASKED: Mapping[str, Mapping[str, bool]] = {
    "probabilities alone": {"explain": False, "interval": False, "verdicts": False},
    "without explanation and interval": {"explain": False, "interval": False},
    "without explanation": {"explain": False},
    "with explanation, without interval": {"interval": False},
    "with explanation and interval": {},
}
BODIES = 400


def bodies(options: Mapping[str, bool]) -> list[bytes]:
    scores = [round(-4 + 0.01 * number, 2) for number in range(BODIES)]
    people = [{**PERSON, "femoral_neck_t_score": score} for score in scores]
    return [json.dumps({"profile": person, **options}).encode() for person in people]


def measured() -> dict[int, dict[str, float]]:
    """Answers a second, by connections and what was asked."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        key = new_site(Path(folder))
        env = environment(Path(folder))
        ours = running.enter_context(served("riskapp.wsgi:application", env, "/empty/")).port
        apart = env | {"TRABECULA_DATA_DIR": f"{folder}/bare"}
        bare = running.enter_context(served("benchmarks.bare_site", apart, "/empty/")).port
        plain = bodies({})
        asked = {name: (ours, SCORES, bodies(options)) for name, options in ASKED.items()}
        asked |= {
            "the same site": (ours, "/empty/", plain),
            "with a key": (ours, "/empty-with-key/", plain),
            "with a key and a row of the trail": (ours, "/empty-with-row/", plain),
            "a bare project": (bare, "/empty/", plain),
        }
        return {
            connections: {
                name: statistics.median(rates)
                for name, rates in _in_turns(asked, connections, key).items()
            }
            for connections in CONNECTIONS
        }


def compare() -> list[Comparison]:
    found = []
    for connections, rates in measured().items():
        for name in ASKED:
            others = {peer: rates[name] / rates[peer] for peer in rates if peer not in ASKED}
            shares = ", ".join(f"{100 * share:.0f} % of {peer}" for peer, share in others.items())
            found.append(
                Comparison(
                    f"score over HTTP, 25 fields, {name}, {connections} at a time",
                    1 / rates[name],
                    "an empty view of the same site that parses the body",
                    1 / rates["the same site"],
                    f"{rates[name]:.0f} answers a second; {shares}",
                )
            )
    return found


def _in_turns(
    asked: Mapping[str, tuple[int, str, list[bytes]]], connections: int, key: str
) -> dict[str, list[float]]:
    rates: dict[str, list[float]] = {name: [] for name in asked}
    for port, path, sent in asked.values():
        _rate(port, path, sent, connections, key)  # fills caches
    for _ in range(ROUNDS):
        for name, (port, path, sent) in asked.items():
            rates[name].append(_rate(port, path, sent, connections, key))
    return rates


def _rate(port: int, path: str, sent: list[bytes], connections: int, key: str) -> float:
    counts: list[int] = []
    began = time.perf_counter()

    def ask(first: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        count = 0
        for body in itertools.islice(itertools.cycle(sent), first, None):
            post(connection, path, key, body)
            count += 1
            if time.perf_counter() - began > SECONDS:
                break
        connection.close()
        counts.append(count)

    callers = [
        threading.Thread(target=ask, args=(number * BODIES // connections,))
        for number in range(connections)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    seconds = time.perf_counter() - began
    if len(counts) < connections:
        raise RuntimeError(f"{path} did not answer all who asked.")
    return sum(counts) / seconds


if __name__ == "__main__":
    sys.stdout.write(f"{machine()}\n")
    for one in compare():
        sys.stdout.write(f"{one.what}: {one.note}\n")
