"""What the laboratory's worker does with one run: start its command, follow it, keep the result.

Doors never load what fits models: a run is a process of the management command, which writes its
models into the run's own folder. They move among the site's models, and into the registry, only
when the run still holds its lease. A run that was cut off starts anew in an empty folder.
"""

import json
import logging
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from riskapp.actions import auditing, leasing, registry, run_queue
from riskapp.actions.cohort_files import path_of
from riskapp.actions.following import Ended, Interrupted, Stopped, follow
from riskapp.models import CohortFile, LaboratoryRun
from riskapp.modelstore.folders import MANIFEST

log = logging.getLogger(__name__)
Kind = LaboratoryRun.Kind
OUTPUT, LOG, REPORT, FIGURES = "output.txt", "log.txt", "report.html", "report.json"
MODELS, PLACED = "models", "placed.json"
UNREADABLE_CHECK = "The check of the cohort did not answer as expected; ask your administrator."


def folder_of(run: LaboratoryRun) -> Path:
    return Path(settings.RUN_DIR) / str(run.id)


def run_next(worker: str) -> bool:
    """Take one run and finish it; False if there was none to take."""
    run = run_queue.claim(worker)
    if run is None:
        return False
    try:
        with leasing.Heartbeat(run):
            CARRIED_OUT[run.kind](run)
    except leasing.TakenOver:
        log.warning("Run %s was taken by another worker", run.id)
    except Interrupted:
        leasing.give_back(run)
    except Stopped as stopped:
        # That a cohort cannot be used is what checking it is for.
        run_queue.end(run, str(stopped), is_answer=run.kind == Kind.CHECK)
    # The outermost edge of the queue, as for scans: the others must still run, and the failure is
    # counted and shown. KeyboardInterrupt passes.
    except Exception as problem:
        log.exception("Run %s failed", run.id)
        run_queue.fail(run, type(problem).__name__)
    except BaseException:
        leasing.give_back(run)
        raise
    return True


def _check(run: LaboratoryRun) -> None:
    cohort = _cohort(run)
    ended = _process(run, ["cohort", str(path_of(cohort)), "--json"])
    try:
        report = json.loads(ended.output)
    except ValueError:
        raise Stopped(UNREADABLE_CHECK) from None
    with transaction.atomic():
        _finish(run)
        CohortFile.objects.filter(id=cohort.id, status=CohortFile.Status.CHECKING).update(
            status=CohortFile.Status.USABLE, report=report, reason=""
        )
        _audit(run, "cohort.check", cohort.id)


def _train(run: LaboratoryRun) -> None:
    cohort = str(path_of(_cohort(run)))
    command = ["train", cohort, "--model-id", run.model_id, "--engine", *run.engines]
    _make_models(run, command, f"Trained on {_cohort(run).name}.")


def _evaluate(run: LaboratoryRun) -> None:
    folder, cohort = folder_of(run), str(path_of(_cohort(run)))
    written = ["--report", str(folder / REPORT), "--json", str(folder / FIGURES)]
    judged = (
        ["--engine", *run.engines, "--model-id", run.model_id, "--models", settings.MODEL_DIR]
        if run.model_id
        else ["--develop", *run.engines]
    )
    _process(run, ["evaluate", cohort, "--outcome", run.outcome, *map(str, judged), *written])
    with transaction.atomic():
        _finish(run)
        _audit(run, "run.evaluate.done", run.id)


def _recalibrate(run: LaboratoryRun) -> None:
    cohort = str(path_of(_cohort(run)))
    command = ["recalibrate", run.parent_id, cohort, "--model-id", run.model_id]
    _make_models(run, command, f"{run.parent_id} recalibrated on {_cohort(run).name}.")


def _monitor(run: LaboratoryRun) -> None:
    _process(run, ["monitor", run.model_id])
    with transaction.atomic():
        _finish(run)
        _audit(run, "model.monitor", run.model_id)


CARRIED_OUT: dict[str, Callable[[LaboratoryRun], None]] = {
    Kind.CHECK: _check,
    Kind.TRAIN: _train,
    Kind.EVALUATE: _evaluate,
    Kind.RECALIBRATE: _recalibrate,
    Kind.MONITOR: _monitor,
}


def _make_models(run: LaboratoryRun, command: Sequence[str], why: str) -> None:
    folder = folder_of(run)
    names = _placed_before(folder)
    if not names:
        shutil.rmtree(folder, ignore_errors=True)
        # Its own for each try: a process whose worker was killed may still be writing.
        made = folder / f"{MODELS}-{run.claims}"
        made.mkdir(mode=0o700, parents=True)
        _process(run, [*command, "--out", str(made)])
        names = _place(folder, made)
    with transaction.atomic():
        _finish(run)
        for name in names:
            registry.add(
                by=run.asked_by, model_id=name, organisation=run.organisation, run=run, why=why
            )
        _audit(run, f"run.{run.kind}.done", run.id)


def _place(folder: Path, made: Path) -> list[str]:
    """Move finished models among the site's; what is moved is written down first."""
    names = sorted(manifest.parent.name for manifest in made.glob(f"*/{MANIFEST}"))
    if not names:
        raise Stopped("The training ended without a model; see the log.")
    placed = json.dumps({"from": made.name, "names": names})
    (folder / PLACED).write_text(placed, encoding="utf-8")
    place = Path(settings.MODEL_DIR)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in names:
        (made / name).rename(place / name)
    return names


def _placed_before(folder: Path) -> list[str]:
    """Models that an earlier try had moved when it was cut off, to be registered now."""
    try:
        placed = json.loads((folder / PLACED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    place, names = Path(settings.MODEL_DIR), list(placed["names"])
    for name in names:
        left = folder / placed["from"] / name
        if left.is_dir() and not (place / name).exists():
            left.rename(place / name)
    return names if all((place / name / MANIFEST).is_file() for name in names) else []


def _process(run: LaboratoryRun, command: Sequence[str]) -> Ended:
    folder = folder_of(run)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return follow(run, command, output=folder / OUTPUT, log=folder / LOG)


def _cohort(run: LaboratoryRun) -> CohortFile:
    if run.cohort is None or run.cohort.status == CohortFile.Status.DELETED:
        raise Stopped("The cohort was deleted before the run began.")
    return run.cohort


def _finish(run: LaboratoryRun) -> None:
    if not leasing.finish(run, ended_at=timezone.now(), done_share=1.0, doing="", reason=""):
        raise leasing.TakenOver


def _audit(run: LaboratoryRun, action: str, target: Any) -> None:
    auditing.record(by=run.asked_by, action=action, target=target, organisation=run.organisation)
