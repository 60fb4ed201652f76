"""Many people's RiskAssessments at once, from what is known of them here; nothing is stored.

The request is kept as work that one worker at a time holds; its files lie in the data folder until
they are taken away or a day has passed.
"""

import json
import logging
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from riskapp.actions import auditing, leasing
from riskapp.actions.confining import check_unconfined
from riskapp.actions.errors import NotFound, Refused
from riskapp.actions.fhir.known_answer import resource_for
from riskapp.actions.finding import one_of, organisation_of, patients, within_bounds
from riskapp.actions.permitting import Ability, needs
from riskapp.actions.scoring import check_guideline
from riskapp.exchange.fhir.writing.codes import Json
from riskapp.models import BulkAnswer, Patient
from riskapp.retention import USUAL
from riskapp.risk import evidence_sets
from riskapp.risk.estimate import EstimateOptions

log = logging.getLogger(__name__)
KEPT_FOR = USUAL["bulk_files"]
# What one organisation may have under way at once, and how many people one request may name.
MOST_OPEN, MOST_NAMED = 3, 10_000
# People between two times that progress is written down.
PEOPLE_AT_ONCE = 20
RISK, PROBLEMS = "RiskAssessment", "OperationOutcome"
FILES = (RISK, PROBLEMS)
TOO_MANY = f"{MOST_OPEN} of these are under way; wait for one or take it away."
CUT_OFF = "Answering was cut off too often."
UNFORESEEN = "Answering failed here; the log says where."
NONE = "There is nothing under this address, or no longer."


class Busy(Refused):
    """So many are under way that another one has to wait."""


@needs(Ability.ASSESS)
def ask_for_all(
    *,
    by: User,
    request: str,
    people: Sequence[UUID] = (),
    population: str | None = None,
    clamp_age: bool = False,
    options: EstimateOptions | None = None,
) -> BulkAnswer:
    """Promise the answers for all of the organisation's people, or for those who are named.

    Raises
    ------
    Busy, Refused, NotAllowed, NotFound
        If too many are under way; if population, evidence set or guideline is not known; to a
        token for one patient; if somebody who is named is not the organisation's.
    """
    check_unconfined(by)
    options = options or EstimateOptions()
    check_guideline(options.guideline)
    if population:
        evidence_sets.check_population(population)
    named = patients(by=by)
    if people:
        if len(set(people)) > MOST_NAMED:
            raise Refused({"patient": f"At most {MOST_NAMED:,} people can be named at once."})
        named = named.filter(id__in=set(people))
        if named.count() < len(set(people)):
            raise NotFound("One of these people is not known here.")
    wanted = {
        "population": population,
        "clamp_age": clamp_age,
        "evidence_set": options.evidence_set,
        "guideline": options.guideline,
    }
    with transaction.atomic():
        open_ones = answers(by=by).filter(status__in=("queued", "running"))
        if open_ones.count() >= MOST_OPEN:
            raise Busy({"request": TOO_MANY})
        made = BulkAnswer.objects.create(
            organisation=organisation_of(by),
            asked_by=by,
            run_after=timezone.now(),
            wanted=wanted,
            people=[str(one) for one in dict.fromkeys(people)],
            total=named.count(),
            written={name: {"bytes": 0, "lines": 0} for name in FILES},
            request=request,
        )
        auditing.record(by=by, action="bulk_answer.ask", target=made.id)
    return made


@needs(Ability.READ_ASSESSMENTS)
def answers(*, by: User) -> QuerySet[BulkAnswer]:
    """Those of the user's organisation, each about many people: no token for one sees any."""
    check_unconfined(by)
    return BulkAnswer.objects.filter(organisation=organisation_of(by))


def answer_of(*, by: User, id: UUID | str) -> BulkAnswer:
    """One that has not been taken away and is not too old.

    Raises
    ------
    NotFound
    """
    check_unconfined(by)
    found = one_of(answers(by=by), id, NONE)
    if expires_at(found) is not None and timezone.now() > expires_at(found):
        raise NotFound(NONE)
    return found


def expires_at(answer: BulkAnswer) -> object:
    return answer.finished_at + KEPT_FOR if answer.finished_at else None


def file_of(*, by: User, id: UUID | str, name: str) -> Path:
    """A file of answers that are complete; taking it is audited.

    Raises
    ------
    NotFound
    """
    found = answer_of(by=by, id=id)
    path = folder_of(found) / f"{name}.ndjson"
    if found.status != BulkAnswer.Status.DONE or name not in FILES or not path.exists():
        raise NotFound(NONE)
    auditing.record(by=by, action="bulk_answer.take", target=found.id)
    return path


def take_away(*, by: User, id: UUID | str) -> None:
    """Stop it if it is under way, and forget its files.

    Raises
    ------
    NotFound
    """
    found = answer_of(by=by, id=id)
    with transaction.atomic():
        auditing.record(by=by, action="bulk_answer.cancel", target=found.id)
        found_folder = folder_of(found)
        found.delete()
    shutil.rmtree(found_folder, ignore_errors=True)


def sweep() -> None:
    """Forget what was kept long enough."""
    for old in BulkAnswer.objects.filter(finished_at__lt=timezone.now() - KEPT_FOR):
        shutil.rmtree(folder_of(old), ignore_errors=True)
        old.delete()


def folder_of(answer: BulkAnswer) -> Path:
    return Path(settings.DATA_DIR) / "bulk-answers" / str(answer.id)


def answer_next(worker: str) -> bool:
    """Work on the next request that is due; False if there was none."""
    work = leasing.claim(BulkAnswer, worker, _taken)
    if work is None:
        sweep()
        return False
    try:
        with leasing.Heartbeat(work):
            _answer_all(work)
    except leasing.TakenOver:
        # Taken away by who asked, or another worker's now.
        if not BulkAnswer.objects.filter(id=work.id).exists():
            shutil.rmtree(folder_of(work), ignore_errors=True)
    # The outermost edge: one request's fault must not keep the others waiting.
    except Exception:
        log.exception("Bulk answer %s failed", work.id)
        with transaction.atomic():
            if leasing.try_again(work, UNFORESEEN) is False:
                _bury(work, UNFORESEEN)
    except BaseException:
        leasing.give_back(work)
        raise
    return True


def _taken(work: BulkAnswer) -> bool:
    if work.claims - work.failures > leasing.MOST_CLAIMS:
        _bury(work, CUT_OFF)
        return False
    return True


def _bury(work: BulkAnswer, problem: str) -> None:
    leasing.bury(work, problem, problem=problem, finished_at=timezone.now())


def _answer_all(work: BulkAnswer) -> None:
    folder = folder_of(work)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    people = within_bounds(
        work.asked_by, Patient.objects.filter(organisation=work.organisation), "pk"
    ).order_by("id")
    if work.people:
        people = people.filter(id__in=work.people)
    files = {name: _opened(folder / f"{name}.ndjson", work, name) for name in FILES}
    try:
        while True:
            left = people.filter(id__gt=work.reached) if work.reached else people
            some = list(left.select_related("organisation")[:PEOPLE_AT_ONCE])
            if not some:
                break
            for patient in some:
                _write(work, files, resource_for(work, patient))
            _keep(work, files, some[-1].id, len(some))
    finally:
        for file in files.values():
            file.close()
    with transaction.atomic():
        if leasing.finish(work, finished_at=timezone.now(), problem=""):
            auditing.record(
                by=work.asked_by,
                action="bulk_answer.done",
                target=work.id,
                organisation=work.organisation,
            )


def _opened(path: Path, work: BulkAnswer, name: str) -> BinaryIO:
    """The file up to what counts."""
    file = path.open("r+b" if path.exists() else "w+b")
    file.truncate(work.written[name]["bytes"])
    file.seek(0, 2)
    return file


def _write(work: BulkAnswer, files: dict[str, BinaryIO], resource: Json) -> None:
    name = str(resource["resourceType"])
    files[name].write(json.dumps(resource, ensure_ascii=False).encode() + b"\n")
    work.written[name]["lines"] += 1


def _keep(work: BulkAnswer, files: dict[str, BinaryIO], reached: UUID, more: int) -> None:
    """Write down how far it is, once the files hold it."""
    for name, file in files.items():
        file.flush()
        work.written[name]["bytes"] = file.tell()
    work.reached, work.done = reached, work.done + more
    kept = {"reached": reached, "done": work.done, "written": work.written}
    if not leasing.held(work).update(**kept):
        raise leasing.TakenOver
