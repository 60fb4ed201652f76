"""Kill -9 at random moments, under load; then everything acknowledged is there, once."""

import json
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from random import Random

from tests.soak.clients import Clients, Ledger
from tests.soak.postgres import Postgres, programs
from tests.soak.report import Figures, progress
from tests.soak.site import Site

CLIENTS = 4
# What is killed, and how often of a hundred times.
TARGETS = {"web": 40, "worker": 25, "child": 15, "serve": 6, "everything": 6, "database": 8}
LONGEST_PAUSE_S = 2.0
TELL_EVERY, ROUND = 10, 40
CHILDREN_END_WITHIN_S = 5
# Work is looked at once nothing of it was done for so long: a busy machine takes its time.
NOTHING_DONE_FOR_S = 180
WAIT = f"""
import time
from riskapp.models import Job
left, end = None, 0.0
while found := Job.objects.filter(status__in=("queued", "running")).count():
    if found != left:
        left, end = found, time.monotonic() + {NOTHING_DONE_FOR_S}
    if time.monotonic() > end:
        break
    time.sleep(0.5)
"""
COMPARE = "from tests.soak.comparing import main; main({!r})"


def killed(
    site: Site,
    kills: int,
    seed: int,
    database: Postgres | None,
    targets: Mapping[str, int] = TARGETS,
) -> Iterator[Figures]:
    """Kill so often in a site that runs, under load; count what is lost, doubled or broken then.

    After each round all work is done, everything is compared, and the figures so far are given.
    """
    title = f"killed under load, {'PostgreSQL' if database else 'SQLite'}"
    chance, done, ledger, seconds = Random(seed), Counter[str](), Ledger(), 0.0
    while done.total() < kills:
        begun, until = time.monotonic(), min(kills, done.total() + ROUND)
        with Clients(site, CLIENTS, seed + done.total(), ledger):
            while done.total() < until:
                done[_kill_one(site, targets, chance, database)] += 1
                if done.total() % TELL_EVERY == 0:
                    told = len(ledger.acknowledged)
                    progress(f"{title}: {done.total()} kills, {told} acknowledged")
            site.wait_until_it_answers("/health/ready")
        seconds += time.monotonic() - begun
        problems = compared(site, ledger)
        counted = {
            "kills": done.total(),
            "killed": ", ".join(f"{name} {count}" for name, count in sorted(done.items())),
            "minutes under load": round(seconds / 60, 1),
            **_told(ledger),
            "lost, doubled or broken": len(problems),
        }
        yield Figures(title, counted, problems)


def compared(site: Site, ledger: Ledger) -> list[str]:
    """What clients were told, held against what is stored once no work is left."""
    path = site.folder / "ledger.json"
    path.write_text(json.dumps(ledger.as_json()), encoding="utf-8")
    found: list[str] = json.loads(site.shell(WAIT + COMPARE.format(str(path))).splitlines()[-1])
    return found + sorted(set(ledger.wrong))[:10]


def _told(ledger: Ledger) -> dict[str, object]:
    kinds = Counter(one["kind"] for one in ledger.acknowledged.values())
    failed = {how: count for how, count in ledger.answers.items() if not how.startswith("2")}
    return {
        "acknowledged": ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items())),
        "never acknowledged": len(ledger.open),
        "asked again after": ", ".join(f"{how} {n}" for how, n in sorted(failed.items())),
    }


def _kill_one(
    site: Site, targets: Mapping[str, int], chance: Random, database: Postgres | None
) -> str:
    """Wait for a moment, kill one of a kind that is there, and tell which kind."""
    while True:
        site.wait_until_it_answers()
        time.sleep(chance.uniform(0.1, LONGEST_PAUSE_S))
        target = chance.choices(list(targets), list(targets.values()))[0]
        if target == "database" and database is not None:
            database.kill()
        elif target in ("serve", "everything"):
            _kill_site(site, target)
        elif there := list(site.of(target)):
            site.kill(chance.choice(there))
        else:
            continue
        return target


def _kill_site(site: Site, target: str) -> None:
    """What a supervisor does then: it waits for what is left, and starts the site again."""
    there = site.processes()
    site.kill(*(there if target == "everything" else there[:1]))
    if site.serving is not None:
        site.serving.wait()
    site.end_what_is_left(CHILDREN_END_WITHIN_S)
    site.start()


def soak(
    folder: Path, kills: int, make: Callable[[Path, Postgres | None], Site], on: Collection[str]
) -> Iterator[Figures]:
    """The same on each of the databases that are asked for."""
    if "sqlite" in on:
        site = make(folder / "killed-sqlite", None)
        with site.started():
            yield from killed(site, kills, 1, None)
    if "postgresql" not in on:
        return
    if programs() is None:
        yield Figures("killed under load, PostgreSQL", {"left out": "its programs are not here"})
        return
    server = Postgres(folder / "postgres")
    try:
        site = make(folder / "killed-postgresql", server)
        with site.started():
            yield from killed(site, kills, 2, server)
    finally:
        server.stop()
