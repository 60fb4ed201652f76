"""Promises to run a command of the laboratory, on the leases of ``leasing``."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from riskapp.actions import auditing, leasing
from riskapp.actions.errors import Refused
from riskapp.actions.finding import organisation_of
from riskapp.actions.laboratory_finding import cohort as find_cohort
from riskapp.actions.laboratory_finding import model as find_model
from riskapp.actions.laboratory_finding import run as find_run
from riskapp.models import CohortFile, LaboratoryRun, RegisteredModel
from riskapp.modelstore import ENGINES, UnknownModel
from riskapp.modelstore.folders import refuse_taken

Kind = LaboratoryRun.Kind
# Those of the cohort's contract that a probability of the product can be held against.
OUTCOMES = ("hip", "major_osteoporotic", "any")
TRAINABLE = tuple(name for name in ENGINES if name != "evidence")
DEAD = "It failed three times; the log below has the last lines, and you can ask for it again."
DEADLY = "It was cut off too often, so it is given up; you can ask for it again."
CANCELLED = "Cancelled by {name}."


def promise(*, by: User, kind: str, **what: Any) -> LaboratoryRun:
    """Promise a run; call it inside the transaction of what asks for it."""
    return LaboratoryRun.objects.create(
        kind=kind,
        organisation=organisation_of(by),
        asked_by=by,
        run_after=timezone.now(),
        **what,
    )


def ask_for_training(
    *, by: User, cohort: CohortFile, engines: Sequence[str], model_id: str
) -> LaboratoryRun:
    """Queue the training of engines on a checked cohort.

    Raises
    ------
    Refused
        If the cohort cannot be used, an engine cannot be trained, or the id is taken.
    """
    chosen = list(dict.fromkeys(engines))
    problems = {}
    if not chosen:
        problems["engines"] = "Choose at least one engine."
    elif set(chosen) - set(TRAINABLE):
        problems["engines"] = f"An engine is one of {', '.join(TRAINABLE)}."
    problem = _problem_with_ids(model_id, ids_of(model_id, chosen))
    if problem:
        problems["model_id"] = problem
    return _ask(
        by, Kind.TRAIN, cohort, "run.train", problems, engines=chosen, model_id=model_id.strip()
    )


def ask_for_recalibration(
    *, by: User, model: RegisteredModel, cohort: CohortFile, model_id: str
) -> LaboratoryRun:
    """Queue the recalibration of a model on a newer cohort.

    Raises
    ------
    Refused
        If the cohort cannot be used, or the id is taken.
    """
    parent = find_model(by=by, id=model.id)
    problem = _problem_with_ids(model_id, [model_id.strip()])
    return _ask(
        by,
        Kind.RECALIBRATE,
        cohort,
        "run.recalibrate",
        {"model_id": problem} if problem else {},
        parent_id=parent.model_id,
        model_id=model_id.strip(),
    )


def ask_for_report(
    *,
    by: User,
    cohort: CohortFile,
    outcome: str,
    engines: Sequence[str] = (),
    model: RegisteredModel | None = None,
) -> LaboratoryRun:
    """Queue the laboratory's report on one outcome of a cohort.

    Either of engines that are trained anew on parts of the cohort and judged on the rest, or of
    a model that has learned elsewhere.

    Raises
    ------
    Refused
        If the cohort cannot be used, or an engine or the outcome is none that can be judged.
    """
    problems = {}
    if outcome not in OUTCOMES:
        problems["outcome"] = f"An outcome is one of {', '.join(OUTCOMES)}."
    chosen = list(dict.fromkeys(engines))
    if model is None and (not chosen or set(chosen) - set(TRAINABLE)):
        problems["engines"] = f"Choose engines, of {', '.join(TRAINABLE)}."
    what: dict[str, Any] = {"engines": chosen, "outcome": outcome}
    if model is not None:
        what |= {"engines": [model.engine], "model_id": find_model(by=by, id=model.id).model_id}
    return _ask(by, Kind.EVALUATE, cohort, "run.evaluate", problems, **what)


@transaction.atomic
def ask_for_monitoring(*, by: User, model: RegisteredModel) -> LaboratoryRun:
    """Queue a look at a model's inputs, answers and outcomes."""
    model = find_model(by=by, id=model.id)
    run = promise(by=by, kind=Kind.MONITOR, model_id=model.model_id)
    auditing.record(by=by, action="run.monitor", target=run.id)
    return run


def _ask(
    by: User, kind: str, cohort: CohortFile, action: str, problems: dict[str, str], **what: Any
) -> LaboratoryRun:
    with transaction.atomic():
        cohort = find_cohort(by=by, id=cohort.id)
        if cohort.status != CohortFile.Status.USABLE:
            problems["cohort"] = f"The cohort cannot be used: it is {cohort.get_status_display()}."
        if problems:
            raise Refused(problems)
        run = promise(by=by, kind=kind, cohort=cohort, **what)
        auditing.record(by=by, action=action, target=run.id)
    return run


def ids_of(model_id: str, engines: Sequence[str]) -> list[str]:
    """What training calls its models: by the id, or by id and engine where it makes several."""
    id = model_id.strip()
    return [id] if len(engines) == 1 else [f"{id}-{engine}" for engine in engines]


def _problem_with_ids(model_id: str, ids: Sequence[str]) -> str:
    if not model_id.strip():
        return "Give the model an id, such as clinic-2026."
    try:
        for id in ids:
            refuse_taken(settings.MODEL_DIR, id)
    except UnknownModel as taken:
        return str(taken)
    makers = (Kind.TRAIN, Kind.RECALIBRATE)
    named = LaboratoryRun.objects.filter(model_id=model_id.strip(), kind__in=makers)
    pending = (LaboratoryRun.Status.QUEUED, LaboratoryRun.Status.RUNNING)
    if named.filter(status__in=pending).exists():
        return f"A run that makes model {model_id} is under way; choose another id."
    return ""


@transaction.atomic
def cancel(*, by: User, run: LaboratoryRun) -> None:
    """Stop a run that waits at once, and one that runs within seconds.

    Raises
    ------
    Refused
        If it has ended already.
    """
    run = find_run(by=by, id=run.id)
    pending = LaboratoryRun.objects.filter(
        id=run.id, status__in=(LaboratoryRun.Status.QUEUED, LaboratoryRun.Status.RUNNING)
    )
    if not pending.update(cancelled_by=by.get_username()):
        raise Refused({"run": "The run has ended already."})
    auditing.record(by=by, action="run.cancel", target=run.id)
    if run.status == LaboratoryRun.Status.QUEUED:
        end(run, CANCELLED.format(name=by.get_username()))


def claim(worker: str) -> LaboratoryRun | None:
    """Take the next run that is due or whose worker is gone; None if there is none."""
    return leasing.claim(LaboratoryRun, worker, _taken)


def fail(run: LaboratoryRun, problem: str) -> None:
    """Try again later, or give up with a sentence."""
    with transaction.atomic():
        if leasing.try_again(run, problem) is False:
            end(run, DEAD)


@transaction.atomic
def end(run: LaboratoryRun, sentence: str, *, is_answer: bool = False) -> None:
    """End a run that will not be tried again, with a sentence that says why.

    What a person cancelled, and what is the answer that was asked for, is nothing undone.
    """
    ended = {"reason": sentence, "ended_at": timezone.now(), "doing": ""}
    cancelled = LaboratoryRun.objects.filter(id=run.id).exclude(cancelled_by="")
    if is_answer or cancelled.exists():
        leasing.end(run, **ended)
    else:
        leasing.bury(run, sentence, **ended)
    if run.kind == Kind.CHECK and run.cohort_id:
        CohortFile.objects.filter(id=run.cohort_id, status=CohortFile.Status.CHECKING).update(
            status=CohortFile.Status.REFUSED, reason=sentence
        )
    auditing.record(
        by=run.asked_by, action="run.give_up", target=run.id, organisation=run.organisation
    )


def run_again(run: LaboratoryRun, by: str) -> bool:
    """Begin anew with a run that was given up; False if what it makes is made meanwhile."""
    if run.kind in (Kind.TRAIN, Kind.RECALIBRATE) and _problem_with_ids(
        run.model_id, ids_of(run.model_id, run.engines or [""])
    ):
        return False
    if not leasing.revive(run, by, reason="", ended_at=None, done_share=0.0):
        return False
    if run.kind == Kind.CHECK and run.cohort_id:
        CohortFile.objects.filter(id=run.cohort_id, status=CohortFile.Status.REFUSED).update(
            status=CohortFile.Status.CHECKING, reason=""
        )
    return True


def _taken(run: LaboratoryRun) -> bool:
    if run.cancelled_by:
        end(run, CANCELLED.format(name=run.cancelled_by))
        return False
    if run.claims > leasing.MOST_CLAIMS:
        end(run, DEADLY)
        return False
    leasing.held(run).update(started_at=timezone.now(), done_share=0.0, doing="Starting")
    return True
