"""Bytes that once broke a reader, and a look for new ones that is short and the same each time.

`make fuzz` looks for longer. What it finds goes to ``corpus/TARGET`` under a name that says what it
is, and is answered from then on.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS
from tests.kept import ROOT

CORPUS = Path(__file__).parent / "corpus"
# Inputs tried beyond the kept ones: a few seconds each. The same seed, the same inputs.
RUNS = {
    "intake": 300, "head": 600, "hl7": 2_000, "fhir": 2_000, "form": 2_000, "token": 10_000,
    "multipart": 5_000, "dimse": 5, "day": 20_000,
}  # fmt: skip
# A stop for a machine that is busy; what was tried by then was right.
AT_MOST_S, SEED = 60, 20_260_301
SAME_ORDER = {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "1"}


def test_every_target_has_inputs_to_begin_with() -> None:
    assert {folder.name for folder in CORPUS.iterdir()} == set(TARGETS) == set(RUNS)


@pytest.mark.parametrize("target", TARGETS)
def test_every_kept_input_is_answered(target: str) -> None:
    kept = sorted((CORPUS / target).iterdir())
    assert kept
    for one in kept:
        assert one.stat().st_size <= 16_384
        TARGETS[target](one.read_bytes())


@pytest.mark.parametrize("target", TARGETS)
def test_no_input_is_found_that_breaks_a_reader(target: str, tmp_path: Path) -> None:
    asked = ["--seconds", AT_MOST_S, "--runs", RUNS[target], "--seed", SEED, "--found", tmp_path]
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", target, *map(str, asked)],
        cwd=ROOT, env=os.environ | SAME_ORDER, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    found = [f"{one.name}: {one.read_bytes().hex()}" for one in tmp_path.iterdir()]
    assert (done.returncode, found) == (0, []), done.stderr[-3_000:]
