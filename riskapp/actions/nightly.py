"""What the site does by itself once a night: one row for each task and night, whoever does it.

A worker takes the row under a lease, as it takes any work: one that is killed leaves it to the
next, and one that is done is never done twice. Each task may be begun again at any point.
"""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from django.conf import settings
from django.db import Error, transaction
from django.db.models import F
from django.utils import timezone

from riskapp.actions import leasing, retaining
from riskapp.actions.clock import problem_with_the_clock
from riskapp.actions.database_health import problem_with_the_database
from riskapp.actions.erased_again import erase_all_again, finish_what_was_cut_off, overwrite_since
from riskapp.actions.trail.checking import check
from riskapp.models import Erasure, NightlyRun
from riskapp.retention import VARIABLE

log = logging.getLogger(__name__)
Task = NightlyRun.Task
Found = tuple[bool, str]
# In the night, or by day where no night was used: the site may be off then.
NIGHT_HOURS = range(1, 5)
ASK_EVERY_S = 60.0
# Nights without a run after which somebody is told.
MISSED = timedelta(days=3)
FAILED = "It failed here; the log says where."
CUT_OFF = "It was cut off too often: whoever did it was killed."
ASKED = f"none goes by itself, as {VARIABLE} does not name patients."
NOT_OVERWRITTEN = (
    "What deleted rows left behind in the database’s file could not be overwritten, as somebody "
    "reads it for long; it is done again the next night."
)
NOT_SAFE = "Nothing was let go, as a check before it did not end well."
_last_asked: dict[str, float] = {}


def _database(night: date) -> Found:
    problem = problem_with_the_database(thorough=True)
    return not problem, problem or "The database is whole."


def _trail(night: date) -> Found:
    found = check()
    return found.is_sound, found.sentence


def _erasures(night: date) -> Found:
    finished = finish_what_was_cut_off()
    again, left = erase_all_again()
    known = Erasure.objects.exclude(erased_at=None).count()
    told = [f"{known} records were erased so far, and none of them is there."]
    if finished:
        told.append(f"Files of {finished} that were cut off were deleted.")
    if again:
        told.append(f"{again} had come back with a backup and were erased again.")
    if left:
        told = [f"{len(left)} erased records are there again. {left[0]}"]
    before = NightlyRun.objects.filter(task=Task.ERASURES, is_well=True).first()
    overwritten = overwrite_since(before.started_at if before else None)
    if not overwritten:
        told.append(NOT_OVERWRITTEN)
    return overwritten and not left, " ".join(told)


def _retention(night: date) -> Found:
    if NightlyRun.objects.filter(night=night, is_well=False).exists():
        return False, NOT_SAFE
    if problem := problem_with_the_clock():
        return False, f"Nothing was let go. {problem}"
    # After a gap the clock may be wrong, or is right again: records wait for the next night.
    before = NightlyRun.objects.filter(
        task=Task.RETENTION, night__gte=night - MISSED, night__lt=night
    )
    done = retaining.retain(records=settings.RECORDS_GO and before.exists())
    told = "" if settings.RECORDS_GO else _records_due()
    return not done.problems, done.sentence + told


def _records_due() -> str:
    """Said where a site has not said that records go by themselves."""
    due = retaining.records_due_within(timedelta())
    return f" {due} {'record is' if due == 1 else 'records are'} due; {ASKED}" if due else ""


# In this order: nothing is let go while the database is not whole.
TASKS: Mapping[str, Callable[[date], Found]] = {
    Task.DATABASE: _database,
    Task.TRAIL: _trail,
    Task.ERASURES: _erasures,
    Task.RETENTION: _retention,
}


def run_if_due() -> bool:
    """For a worker with nothing to do, who asks often: whether a task was done now."""
    now = time.monotonic()
    if now - _last_asked.get("at", -ASK_EVERY_S) < ASK_EVERY_S:
        return False
    _last_asked["at"] = now
    return run_tonight(leasing.this_process())


def run_tonight(worker: str) -> bool:
    """Do what of this night is not done and held by nobody; whether there was anything."""
    did, night = False, _night()
    if night is None:
        return False
    for task in TASKS:
        run = _taken(task, night, worker)
        if run is not None:
            _do(run)
            did = True
        elif NightlyRun.objects.filter(task=task, night=night, ended_at=None).exists():
            break  # another worker is at it, and the next one builds on it
    return did


def latest() -> list[NightlyRun]:
    """The last run of each task that has ended, in the order of the tasks."""
    done = NightlyRun.objects.exclude(ended_at=None)
    found = (done.filter(task=task).first() for task in TASKS)
    return [one for one in found if one is not None]


def problem_with_the_nights() -> str:
    """What the last night found that somebody must look at; of the trail another check tells."""
    last = latest()
    bad = [one.sentence for one in last if not one.is_well and one.task != Task.TRAIL]
    if bad:
        return bad[0]
    if last and max(one.night for one in last) < timezone.localdate() - MISSED:
        return f"The nightly checks were last done on {max(one.night for one in last)}."
    return ""


def _night() -> date | None:
    """The night that is to be done, named by the day on which it ends.

    By day only where it was begun, or where the one before was not used either.
    """
    now = timezone.localtime()
    today = now.date()
    used = NightlyRun.objects.filter(night__in=[today, today - timedelta(days=1)])
    nights = set(used.values_list("night", flat=True))
    if now.hour in NIGHT_HOURS or today in nights or not nights:
        return today
    return None


def _taken(task: str, night: date, worker: str) -> NightlyRun | None:
    now, running = timezone.now(), NightlyRun.Status.RUNNING
    held = {"worker": worker, "lease_until": now + leasing.LEASE, "status": running}
    with transaction.atomic():
        run, is_new = NightlyRun.objects.get_or_create(
            task=task, night=night, defaults={**held, "claims": 1, "started_at": now}
        )
        if is_new:
            return run
        if run.status != running or not leasing.is_abandoned(run):
            return None
        if not leasing.as_seen(run).update(**held, claims=F("claims") + 1):
            return None
        run.refresh_from_db()
    return run


def _do(run: NightlyRun) -> None:
    """Do a task and write down what it found; what fails is found too, and stops nobody."""
    if run.claims > leasing.MOST_CLAIMS:
        is_well, sentence = False, CUT_OFF
    else:
        with leasing.Heartbeat(run):
            try:
                is_well, sentence = TASKS[run.task](run.night)
            except Error:
                raise  # the database is away; begun again once it is back
            except Exception:
                log.exception("The nightly task %s failed", run.task)
                is_well, sentence = False, FAILED
    ended = {"ended_at": timezone.now(), "is_well": is_well, "sentence": sentence[:400]}
    leasing.finish(run, **ended)
    if not is_well:
        log.error("The nightly task %s did not end well: %s", run.task, sentence)
