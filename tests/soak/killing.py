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
TELL_EVERY = 10
CHILDREN_END_WITHIN_S = 5
# Work that was given back or waits for its next try is done by then.
DONE_WITHIN_S = 300
WAIT = f"""
import time
from riskapp.models import Job
end = time.monotonic() + {DONE_WITHIN_S}
while Job.objects.filter(status__in=("queued", "running")).exists() and time.monotonic() < end:
    time.sleep(0.5)
"""
COMPARE = "from tests.soak.comparing import main; main({!r})"


def killed(
    site: Site,
    kills: int,
    seed: int,
    database: Postgres | None,
    targets: Mapping[str, int] = TARGETS,
) -> tuple[Figures, Ledger]:
    """Kill so often under load, and count what is lost, doubled or broken then."""
    title = f"killed {kills} times under load, {'PostgreSQL' if database else 'SQLite'}"
    chance, done, begun = Random(seed), Counter[str](), time.monotonic()
    with site.started(), Clients(site, CLIENTS, seed) as clients:
        while done.total() < kills:
            site.wait_until_it_answers()
            time.sleep(chance.uniform(0.1, LONGEST_PAUSE_S))
            target = chance.choices(list(targets), list(targets.values()))[0]
            if _kill(site, target, chance, database):
                done[target] += 1
                if done.total() % TELL_EVERY == 0:
                    progress(
                        f"{done.total()} kills, {len(clients.ledger.acknowledged)} acknowledged"
                    )
        site.wait_until_it_answers("/health/ready")
        clients.stop()
        seconds = time.monotonic() - begun
        site.shell(WAIT)
    problems = compared(site, clients.ledger)
    counted = {
        "killed": ", ".join(f"{name} {count}" for name, count in sorted(done.items())),
        "minutes": round(seconds / 60, 1),
        **_told(clients.ledger),
        "lost, doubled or broken": len(problems),
    }
    return Figures(title, counted, problems), clients.ledger


def compared(site: Site, ledger: Ledger) -> list[str]:
    """What clients were told, held against what is stored."""
    path = site.folder / "ledger.json"
    path.write_text(json.dumps(ledger.as_json()), encoding="utf-8")
    found: list[str] = json.loads(site.shell(COMPARE.format(str(path))).splitlines()[-1])
    return found + sorted(set(ledger.wrong))[:10]


def _told(ledger: Ledger) -> dict[str, object]:
    kinds = Counter(one["kind"] for one in ledger.acknowledged.values())
    failed = {how: count for how, count in ledger.answers.items() if not how.startswith("2")}
    return {
        "acknowledged": ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items())),
        "never acknowledged": len(ledger.open),
        "asked again after": ", ".join(f"{how} {n}" for how, n in sorted(failed.items())),
    }


def _kill(site: Site, target: str, chance: Random, database: Postgres | None) -> bool:
    """Kill one of a kind; False if there is none at this moment."""
    if target == "database":
        if database is not None:
            database.kill()
        return database is not None
    if target in ("serve", "everything"):
        _kill_site(site, target)
        return True
    there = list(site.of(target))
    if there:
        site.kill(chance.choice(there))
    return bool(there)


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
        yield killed(make(folder / "killed-sqlite", None), kills, 1, None)[0]
    if "postgresql" not in on:
        return
    if programs() is None:
        yield Figures("killed on PostgreSQL", {"left out": "its programs are not here"})
        return
    server = Postgres(folder / "postgres")
    try:
        yield killed(make(folder / "killed-postgresql", server), kills, 2, server)[0]
    finally:
        server.stop()
