"""`make fuzz`: look for bytes that break a reader, by coverage (atheris), for as long as is asked.

    python -m tests.fuzz TARGET|all [--seconds 60] [--runs N] [--seed 1] [--corpus FOLDER]

What is found is printed, kept under ``--found`` and ends the run with 77. New ways through a
reader are kept in ``--corpus``, which begins as a copy of tests/fuzz/corpus. With ``all`` each
target has these seconds, and folders of its own below the two.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

KEPT = Path(__file__).parent / "corpus"
NAMES = sorted(folder.name for folder in KEPT.iterdir())
LONGEST_INPUT, LONGEST_S, MOST_MIB = 16_384, 60, 4_096


def main() -> None:
    reader = argparse.ArgumentParser(prog="python -m tests.fuzz")
    reader.add_argument("target", choices=["all", *NAMES])
    reader.add_argument("--seconds", type=int, default=60)
    reader.add_argument("--runs", type=int, default=-1)
    reader.add_argument("--seed", type=int, default=0, help="0 is another one each time")
    reader.add_argument("--corpus", type=Path)
    reader.add_argument("--found", type=Path, default=Path())
    asked = reader.parse_args()
    if asked.target == "all":
        raise SystemExit(_all(asked))
    corpus = asked.corpus or Path(tempfile.mkdtemp(prefix="corpus-"))
    corpus.mkdir(parents=True, exist_ok=True)
    for one in (KEPT / asked.target).glob("*"):
        shutil.copy(one, corpus)
    asked.found.mkdir(parents=True, exist_ok=True)

    import atheris

    # Django is set up first: what is watched is loaded anew, and nothing else.
    with atheris.instrument_imports(
        include=list(_watched(asked.target)), enable_loader_override=False
    ):
        from tests.fuzz.targets import TARGETS

    options = [
        f"-max_total_time={asked.seconds}",
        f"-runs={asked.runs}",
        f"-seed={asked.seed}",
        f"-max_len={LONGEST_INPUT}",
        f"-timeout={LONGEST_S}",
        f"-rss_limit_mb={MOST_MIB}",
        f"-artifact_prefix={asked.found}/",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], TARGETS[asked.target])
    atheris.Fuzz()


def _all(asked: argparse.Namespace) -> int:
    """One process for each target; gives 77 if one of them found something."""
    results = []
    for name in NAMES:
        sys.stdout.write(f"{name}: {asked.seconds} s\n")
        sys.stdout.flush()
        options = ["--seconds", asked.seconds, "--seed", asked.seed, "--found", asked.found / name]
        if asked.corpus:
            options += ["--corpus", asked.corpus / name]
        command = [sys.executable, "-m", "tests.fuzz", name, *map(str, options)]
        results.append(subprocess.run(command, check=False).returncode)
    return max(results, key=abs)


def _watched(target: str) -> tuple[str, ...]:
    return {
        "intake": ("imaging.intake", "imaging.identity", "pydicom.filereader"),
        "head": ("imaging.intake", "imaging.identity", "pydicom.filereader"),
        "dimse": ("riskapp.exchange.dimse", "pynetdicom"),
        "token": ("riskapp.exchange", "jwt"),
    }.get(target, ("riskapp.exchange",))


if __name__ == "__main__":
    main()
