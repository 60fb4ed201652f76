"""How time and memory of each batch job grow with the number of people, to ten million.

Each size runs in a process of its own, so that its memory can be read; what it works on is made
there too, before the clock starts, and counts as memory.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks import boosted_rows, cox_fit, judging
from benchmarks.parquet_table import COMPLETE, WITH_BLANKS, write_people

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
SEED = 1
COLUMNS, TREES, DEPTH = 20, 100, 3
Job = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Seen:
    """One job at one size; processor time."""

    people: int
    seconds: float
    peak_mib: float


def _score(blank: Mapping[str, float]) -> Callable[[int, Path], Job]:
    def made(people: int, folder: Path) -> Job:
        source = folder / "people.parquet"
        write_people(source, people, blank)
        return _command("score", source, folder / "scores.parquet", "--no-interval")

    return made


def _simulate(people: int, folder: Path) -> Job:
    return _command("simulate", folder / "cohort.parquet", "--people", people, "--seed", SEED)


def _command(*words: object) -> Job:
    import django
    from django.core.management import call_command

    django.setup()
    return lambda: call_command(*(str(word) for word in words))


def _cox(people: int, folder: Path) -> Job:
    from riskapp.training.newton_cox import newton_cox

    x, years, event = cox_fit.drawn(people)
    return lambda: newton_cox(x, years, event)


def _boosted(people: int, folder: Path) -> Job:
    hazard = boosted_rows.learned(COLUMNS, TREES, DEPTH)
    rows = np.random.default_rng(SEED).normal(size=(people, COLUMNS))
    return lambda: hazard.log_hazard_ratio(rows)


def _judged(module: str, function: str) -> Callable[[int, Path], Job]:
    def made(people: int, folder: Path) -> Job:
        from importlib import import_module

        judge = getattr(import_module(f"riskapp.evaluation.{module}"), function)
        seen, shares = judging.drawn(people)
        if function == "harrell":
            return lambda: judge(shares[:, -1], seen)
        return lambda: judge(shares, seen, judging.HORIZONS.tolist())

    return made


# Job -> what it is, how it is made ready, and its largest size: the others take minutes there.
JOBS: dict[str, tuple[str, Callable[[int, Path], Job], int]] = {
    "score": ("score, complete people, Parquet to Parquet", _score(COMPLETE), SIZES[-1]),
    "blanks": ("score, people with blanks, Parquet to Parquet", _score(WITH_BLANKS), SIZES[-2]),
    "simulate": ("simulate a cohort", _simulate, SIZES[-2]),
    "cox": (f"Cox regression, {COLUMNS} columns", _cox, SIZES[-1]),
    "boosted": (f"boosted hazards, {TREES} trees of depth {DEPTH}", _boosted, SIZES[-1]),
    "concordance": ("concordance", _judged("concordance", "harrell"), SIZES[-1]),
    "auc": ("AUC at 10 horizons", _judged("roc", "auc_over_time"), SIZES[-1]),
    "brier": ("Brier score at 10 horizons", _judged("brier", "brier_over_time"), SIZES[-1]),
}


def measured() -> dict[str, list[Seen]]:
    """Each job at each of its sizes, by what it is."""
    found: dict[str, list[Seen]] = {}
    for name, (what, _, largest) in JOBS.items():
        found[what] = [_run(name, people) for people in SIZES if people <= largest]
        sys.stdout.write(f"{what}: {' '.join(f'{one.seconds:.3g} s' for one in found[what])}\n")
    return found


def power(seen: Sequence[Seen]) -> float:
    """The power of the number of people by which time grew over the largest two sizes."""
    before, last = seen[-2:]
    grown = np.log(last.seconds / before.seconds) / np.log(last.people / before.people)
    return float(grown)


def draw(found: Mapping[str, Sequence[Seen]], path: Path) -> None:
    """Time and memory against the number of people, both on logarithmic axes."""
    import matplotlib as mpl

    mpl.use("Agg")
    # The same figures make the same file.
    mpl.rcParams["svg.hashsalt"] = "growth"
    from matplotlib import pyplot as plt

    figure, sides = plt.subplots(1, 2, figsize=(11, 5), layout="constrained")
    for what, seen in found.items():
        people = [one.people for one in seen]
        sides[0].loglog(people, [one.seconds for one in seen], marker="o", label=what)
        sides[1].loglog(people, [one.peak_mib for one in seen], marker="o")
    straight = np.array(SIZES, dtype=np.float64)
    sides[0].loglog(straight, straight / 1e6, color="grey", linestyle=":", label="1 µs each")
    for side, title in zip(sides, ("processor time, s", "memory at most, MiB"), strict=True):
        side.set(title=title, xlabel="people")
        side.grid(visible=True, alpha=0.3)
    figure.legend(loc="outside lower center", ncols=3, fontsize="small")
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def _run(name: str, people: int) -> Seen:
    with tempfile.TemporaryDirectory() as folder:
        site = {"DJANGO_SETTINGS_MODULE": "riskapp.settings", "TRABECULA_DATA_DIR": folder}
        command = [sys.executable, "-m", "benchmarks.growth", name, str(people), folder]
        told = subprocess.run(  # noqa: S603
            command,
            env=os.environ | site,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=True,
            text=True,
        )
    return Seen(**json.loads(told.stdout.splitlines()[-1]))


def main() -> None:
    """What runs in the process of its own."""
    name, people, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    job = JOBS[name][1](people, folder)
    begun = time.process_time()
    job()
    seconds = time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps(asdict(Seen(people, seconds, peak))) + "\n")


if __name__ == "__main__":
    main()
