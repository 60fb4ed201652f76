"""How long it takes until something new can answer: `python -m benchmarks.cold_start`.

Imports in a fresh process, and a site in the product's web server from its start to its first
answer, each beside a Django project that has nothing but an empty view of the REST framework.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.served import environment, new_site, served
from benchmarks.timing import Comparison, machine

ROUNDS = 5
BARE = "import benchmarks.bare_site"
IMPORTS = {
    "import riskapp.risk.predicting": "the numbers, for a program of one's own",
    "import imaging.measure": "what measures scans",
    "import django; django.setup()": "the product, as each command begins",
}
STARTS = 3


def compare() -> list[Comparison]:
    with tempfile.TemporaryDirectory() as folder:
        key = new_site(Path(folder))
        env = environment(Path(folder))
        return [*_imports(env), _start(env, key)]


def _imports(env: dict[str, str]) -> list[Comparison]:
    texts = (BARE, *IMPORTS)
    times: dict[str, list[float]] = {text: [] for text in texts}
    for _ in range(ROUNDS):
        for text in texts:
            times[text].append(_cpu_seconds(text, env))
    bare = statistics.median(times[BARE])
    return [
        Comparison(
            f"a new process: {text}",
            statistics.median(times[text]),
            "a bare Django project",
            bare,
            f"{what}; {statistics.median(times[text]) - bare:+.2f} s",
        )
        for text, what in IMPORTS.items()
    ]


def _start(env: dict[str, str], key: str) -> Comparison:
    apart = env | {"TRABECULA_DATA_DIR": f"{env['TRABECULA_DATA_DIR']}/bare"}
    ours, bare = [], []
    for _ in range(STARTS):
        with served("riskapp.wsgi:application", env, "/api/v1/scores/", key) as site:
            ours.append(site.ready_s)
        with served("benchmarks.bare_site", apart, "/empty/") as site:
            bare.append(site.ready_s)
    more = statistics.median(ours) - statistics.median(bare)
    return Comparison(
        "the web server, from its start to the first score",
        statistics.median(ours),
        "a bare Django project in the same web server",
        statistics.median(bare),
        f"{more:+.1f} s; on the wall, to a score with interval and reasons; every page is loaded",
    )


def _cpu_seconds(text: str, env: dict[str, str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", text], env=os.environ | env, check=True)  # noqa: S603
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    sys.stdout.write(f"{machine()}\n")
    for one in compare():
        peer = one.peer or 0.0
        sys.stdout.write(
            f"{one.what}: {one.ours:.2f} s, {one.peer_name} {peer:.2f} s; {one.note}\n"
        )


if __name__ == "__main__":
    main()
