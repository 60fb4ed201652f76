"""A management command as a process: started with limits, followed, stopped, its end in words."""

import ctypes
import json
import os
import re
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from imaging.limits import LIMITS
from riskapp.actions import leasing, run_queue
from riskapp.models import LaboratoryRun

LOOK_EVERY_S = 0.5
STOP_WITHIN_S = 10
PR_SET_PDEATHSIG = 1  # prctl(2)
# Answers to patients come first.
NICENESS = 10
MANAGE = (sys.executable, "manage.py")
REFUSAL = "CommandError: "
# How a command tells how far it is: `[3/12] Fitting cox`.
STEP = re.compile(r"\[(\d{1,6})/(\d{1,6})\] (.{1,200})")
TAIL_BYTES = 8 * 2**10
WORDLESS = "The command ended without a sentence that says why; the log has its last lines."


# Set when the worker is told to stop. An exception out of a signal's handler can be lost in code
# that swallows what it does not expect; a flag cannot.
TOLD_TO_STOP = threading.Event()


class Interrupted(Exception):
    """The worker was told to stop; the run is to be given back."""


class Stopped(Exception):
    """The run has ended and will not be tried again; the message says why."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that ended well."""

    output: str


def follow(run: LaboratoryRun, command: Sequence[str], *, output: Path, log: Path) -> Ended:
    """Run one management command to its end, telling how far it is.

    Raises
    ------
    Stopped
        If it refused, took too long or was cancelled.
    TakenOver
        If another worker has the run now.
    Interrupted
        If the worker was told to stop.
    ChildProcessError
        If it was killed: another try may go well.
    """
    with output.open("wb") as out, log.open("ab") as errors:
        process = _started(run, command, out, errors)
        try:
            _wait(run, process, output)
        except BaseException:
            _stop(process)
            raise
    if process.returncode == 0:
        return Ended(output.read_text(encoding="utf-8", errors="replace"))
    if process.returncode < 0:
        raise ChildProcessError(f"killed by signal {-process.returncode}")
    raise Stopped(_reason(output) or _sentence(log))


def _started(
    run: LaboratoryRun, command: Sequence[str], out: object, errors: object
) -> subprocess.Popen[bytes]:
    # Names and paths are ours or were checked, and no shell reads them (S603).
    return subprocess.Popen(  # noqa: S603
        [*MANAGE, *command],
        cwd=settings.BASE_DIR,
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=errors,
        env={
            "OMP_NUM_THREADS": "1",
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            "TRABECULA_DATA_DIR": str(settings.DATA_DIR),
        },
        start_new_session=True,
        preexec_fn=_limit_check if run.kind == LaboratoryRun.Kind.CHECK else _limit,
    )


def _limit() -> None:
    os.nice(NICENESS)
    if sys.platform == "linux":
        # Should the worker be killed without a word, this goes too, and the run starts anew.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _limit_check() -> None:
    _limit()
    bytes_ = LIMITS.cohort_check_bytes
    resource.setrlimit(resource.RLIMIT_AS, (bytes_, bytes_))


def _wait(run: LaboratoryRun, process: subprocess.Popen[bytes], output: Path) -> None:
    is_check = run.kind == LaboratoryRun.Kind.CHECK
    most_s = LIMITS.cohort_check_s if is_check else LIMITS.training_s
    give_up_at = time.monotonic() + most_s
    told: tuple[float, str] | None = None
    while process.poll() is None:
        if TOLD_TO_STOP.is_set():
            raise Interrupted
        if time.monotonic() > give_up_at:
            raise Stopped(f"It was stopped after {most_s // 60} minutes.")
        held = leasing.held(run).values_list("cancelled_by", flat=True).first()
        if held is None:
            raise leasing.TakenOver
        if held:
            raise Stopped(run_queue.CANCELLED.format(name=held))
        now = _progress(output)
        if now and now != told:
            leasing.held(run).update(done_share=now[0], doing=now[1])
            told = now
        try:
            process.wait(LOOK_EVERY_S)
        except subprocess.TimeoutExpired:
            continue


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the process and whatever it started to end, and insist after a while."""
    if process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _progress(output: Path) -> tuple[float, str] | None:
    steps = STEP.findall(tail(output, TAIL_BYTES))
    if not steps:
        return None
    done, of, words = steps[-1]
    share = min(1.0, int(done) / int(of)) if int(of) else 0.0
    return share, "".join(letter for letter in words if letter.isprintable())


def tail(path: Path, most: int) -> str:
    """The last bytes of a file, as text; empty if there is none."""
    try:
        with path.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - most))
            return file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""


def _reason(output: Path) -> str:
    """The reason in an answer that is a JSON object, as the check of a cohort gives it."""
    try:
        told = json.loads(output.read_bytes())
    except (ValueError, RecursionError):
        return ""
    return str(told.get("reason") or "") if isinstance(told, dict) else ""


def _sentence(log: Path) -> str:
    """What a command said when it refused; whatever else it wrote stays in the log."""
    refusals = [
        line.partition(REFUSAL)[2] for line in tail(log, TAIL_BYTES).splitlines() if REFUSAL in line
    ]
    return refusals[-1].strip() if refusals else WORDLESS
