"""The child process gives the same answer, and its death is an answer too."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from imaging.errors import MeasuringBroke
from imaging.isolated import child, process, protocol
from imaging.isolated.answers import HEADER, STAGES, decode, decode_stage, encode
from imaging.isolated.asking import BROKE_THE_READER, ChildLimits, measure_isolated
from imaging.isolated.process import KEPT, PROCESSES
from imaging.measure import measure
from imaging.result import Measured, Region, Status
from imaging.stages import Stage
from tests.drawn import spine_file


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("isolated") / "scan"
    file.write_bytes(spine_file(1))
    return file


@pytest.fixture(scope="module")
def ours(scan: Path) -> Measured:
    """What this process measures: once for all that compare with it."""
    return measure([scan])


def test_child_and_parent_agree(scan: Path, ours: Measured) -> None:
    heard: list[Stage] = []
    theirs = measure_isolated([scan], tell=heard.append)
    assert theirs.pictures == ours.pictures
    assert theirs.measurement.regions == ours.measurement.regions
    # The child sums with one thread, so the last bit may differ.
    assert [m.value for m in theirs.measurement.measurements] == pytest.approx(
        [m.value for m in ours.measurement.measurements], rel=1e-12
    )
    assert heard == [
        Stage.READING,
        Stage.FINDING_BONE,
        Stage.MEASURING,
        Stage.TEXTURE,
        Stage.CHECKING,
        Stage.DRAWING,
    ]


@pytest.mark.parametrize("cut", [b"", b"\x00", HEADER.pack(len(STAGES)), HEADER.pack(2**63)])
def test_what_is_no_stage_is_none(cut: bytes) -> None:
    assert decode_stage(cut) is None


def test_a_process_that_was_ready_gives_the_same_answer_once(scan: Path, ours: Measured) -> None:
    with PROCESSES.some_ready():
        first = list(PROCESSES._ready)
        for _ in range(2):
            assert measure_isolated([scan]).pictures == ours.pictures
        then = list(PROCESSES._ready)
        assert len(then) == len(first) == KEPT
        assert not set(then) & set(first)  # none serves twice
    assert None not in [process.poll() for process in (*first, *then)]


def test_limits_hold_in_a_process_that_was_ready(scan: Path) -> None:
    with PROCESSES.some_ready():
        answer = measure_isolated([scan], limits=ChildLimits(cpu_seconds=0))
    assert answer.measurement.status is Status.UNREADABLE


def test_a_ready_process_that_was_killed_is_replaced(scan: Path) -> None:
    with PROCESSES.some_ready():
        for process in PROCESSES._ready:
            process.kill()
            process.wait()
        assert measure_isolated([scan]).measurement.status is Status.MEASURED


def test_a_ready_process_ends_with_whoever_kept_it() -> None:
    with PROCESSES.some_ready():
        process = PROCESSES.take()
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(60) == 0
    assert process.stdout is not None
    process.stdout.close()


def test_measuring_loads_nothing_that_takes_longer_than_it() -> None:
    slow = {"torch", "captum", "numba", "scipy.signal", "scipy.stats", "scipy.optimize", "django"}
    program = f"import imaging.isolated.measuring, sys; print({slow!r} & sys.modules.keys())"
    told = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    assert told.stdout.decode().strip() == "set()"


def test_what_opens_other_files_is_loaded_with_the_first_of_them() -> None:
    others = {"pypdf", "pypdfium2", "nibabel", "cryptography"}
    program = f"import imaging.isolated.measuring, sys; print({others!r} & sys.modules.keys())"
    told = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    assert told.stdout.decode().strip() == "set()"


def test_one_that_was_started_ahead_measures_and_none_is_left(scan: Path, ours: Measured) -> None:
    with PROCESSES.one_ahead():
        (ahead,) = PROCESSES._ready
        assert measure_isolated([scan]).pictures == ours.pictures
        assert PROCESSES._ready == []
        assert ahead.poll() == 0
    with PROCESSES.one_ahead():
        (ahead,) = PROCESSES._ready  # for whom nobody asks
    assert ahead.poll() is not None


def test_regions_of_a_person_reach_the_child(scan: Path, ours: Measured) -> None:
    regions = ours.measurement.regions
    again = measure_isolated([scan], regions).measurement
    assert {region.method for region in again.regions} == {"corrected by hand"}
    assert [region.polygon for region in again.regions] == [r.polygon for r in regions]


def test_too_little_time_is_an_answer(scan: Path) -> None:
    answer = measure_isolated([scan], limits=ChildLimits(wall_seconds=0.01))
    assert answer.measurement.status is Status.UNREADABLE
    assert "longer than" in (answer.measurement.reason or "")


def test_a_fault_of_ours_is_not_blamed_on_the_file(
    scan: Path, caplog: pytest.LogCaptureFixture
) -> None:
    slip: Any = (("a", "b"),)  # as only code can make
    region = Region(id="L1", label="L1", method="-", confidence=None, polygon=slip)
    with pytest.raises(MeasuringBroke, match="fault is ours"):
        measure_isolated([scan], [region])
    (line,) = caplog.messages
    assert line.startswith("Measuring broke: ValueError at result.py:")
    assert "'a'" not in line


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("import no_such_module", "ModuleNotFoundError at measuring.py:1"),
        ("def (", "SyntaxError at child.py:"),
        ("raise MemoryError", "MemoryError at measuring.py:1"),
        # As numerical libraries end a process for which there is no memory.
        ("import os; os._exit(1)", "exit status 1 before it had loaded"),
    ],
)
@pytest.mark.parametrize("kept", [nullcontext, PROCESSES.some_ready], ids=["new", "ready"])
def test_code_that_does_not_load_is_not_blamed_on_the_file(
    kept: Callable[[], AbstractContextManager[None]],
    code: str,
    told: str,
    scan: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken = tmp_path / "broken" / "imaging" / "isolated"
    broken.mkdir(parents=True)
    for folder in (broken.parent, broken):
        (folder / "__init__.py").touch()
    for module in (child, protocol):
        shutil.copy(str(module.__file__), broken)
    (broken / "measuring.py").write_text(code, encoding="utf-8")
    # The child looks for code where it is started, and beside process.py.
    monkeypatch.chdir(broken.parents[1])
    monkeypatch.setattr(process, "__file__", str(broken / "process.py"))
    with kept(), pytest.raises(MeasuringBroke, match="fault is ours"):
        measure_isolated([scan])
    (line,) = caplog.messages
    assert line.startswith(f"Measuring broke: {told}")


def test_nobody_waits_for_a_process_that_has_answered_to_be_taken_apart(
    scan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "slow" / "imaging"
    shutil.copytree(Path(str(process.__file__)).parents[1] / "isolated", package / "isolated")
    (package / "__init__.py").touch()
    (package / "isolated" / "measuring.py").write_text(
        "import atexit, time\n"
        "atexit.register(time.sleep, 60)\n"
        "def write_measurement(request, sink):\n"
        "    sink.write(b'no answer of ours')\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(package.parent)
    monkeypatch.setattr(process, "__file__", str(package / "isolated" / "process.py"))
    reason = measure_isolated([scan], limits=ChildLimits(wall_seconds=20)).measurement.reason
    assert reason == BROKE_THE_READER  # and not that it took too long


def test_a_killed_child_leaves_its_exit_status_in_the_log(
    scan: Path, caplog: pytest.LogCaptureFixture
) -> None:
    answer = measure_isolated([scan], limits=ChildLimits(cpu_seconds=0))
    assert answer.measurement.status is Status.UNREADABLE
    assert "exit status" in caplog.text


def test_a_cut_answer_is_noticed(ours: Measured) -> None:
    whole = encode(ours)
    with pytest.raises(ValueError, match="cut short"):
        decode(whole[:-1])
