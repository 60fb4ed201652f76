"""Studies are fetched from an archive: promised at once, brought by a worker, whole or not at all.

A series is taken over when all of it has come; one that was cut off goes on with the files that
are missing. What was promised outlives a restart of this server and of the archive.
"""

import shutil
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from riskapp.actions import auditing, leasing
from riskapp.actions.archives import archive_named, archives, study_of
from riskapp.actions.confining import named
from riskapp.actions.connecting import service_account
from riskapp.actions.errors import NotFound, Refused, Unreachable
from riskapp.actions.finding import one_of, organisation_of, within_bounds
from riskapp.actions.finding import patient as find_patient
from riskapp.actions.permitting import Ability, needs
from riskapp.exchange.archive.answers import ArchiveError, is_uid
from riskapp.exchange.connection import UnusableConnection
from riskapp.models import Fetch, Patient

# An archive that is restarted is back within minutes; what takes longer a person asks for again.
WAITS = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 900, 3600))
MOST_SERIES = 40  # of one study that are fetched at once
PRIORS_AGAIN_AFTER = timedelta(hours=24)
CUT_OFF = "Fetching was cut off too often; you can ask for it again."


@needs(Ability.WORK_ON_SCANS)
def ask_for(
    *, by: User, patient: Patient, archive: str, study_uid: str, series: Sequence[str] = ()
) -> Fetch:
    """Promise to fetch a study, or some of its series; one that is on its way is not asked twice.

    Raises
    ------
    NotFound
        If patient or archive is another organisation's, or the archive has no such study of them.
    Refused
        If a series is no identifier, or there are too many.
    Unreachable
        If the archive does not answer, with the reason.
    """
    find_patient(by=by, id=patient.id)
    organisation = organisation_of(by)
    there = archive_named(organisation, archive)
    chosen = sorted(set(series))
    if len(chosen) > MOST_SERIES or not all(is_uid(one) for one in chosen):
        raise Refused({"series": f"Choose at most {MOST_SERIES} series, by their identifiers."})
    try:
        study = study_of(there, patient, study_uid)
    except (ArchiveError, UnusableConnection) as reason:
        raise Unreachable({"archive": str(reason)}) from reason
    if study is None:
        raise NotFound("The archive has no such study of this patient.")
    told = {
        "day": study.day.isoformat() if study.day else "",
        "modalities": list(study.modalities),
        "description": study.description,
    }
    return _promise(by, patient, there.name, study.study_uid, chosen, told, by_itself=False)


def ask_for_priors(*, patient: Patient) -> None:
    """Promise to look for earlier scans of a patient, where an archive is configured so.

    Call it inside the transaction of the scan that has arrived; once a day is enough.
    """
    since = timezone.now() - PRIORS_AGAIN_AFTER
    try:
        known = archives(patient.organisation)
    except Refused:
        return  # the page of connections tells; an arriving scan is not held up by it
    for archive in known:
        asked = Fetch.objects.filter(
            patient=patient, archive=archive.name, study_uid="", asked_at__gt=since
        )
        if archive.fetch_priors and not asked.exists():
            by = service_account("archive", archive.name, archive.organisation)
            _promise(by, patient, archive.name, "", (), {}, by_itself=True)


@needs(Ability.READ_SCANS)
def fetches(*, by: User, patient: Patient | None = None) -> QuerySet[Fetch]:
    """Studies that were asked for in the user's organisation, the latest first."""
    here = Fetch.objects.filter(organisation=organisation_of(by)).prefetch_related("scans")
    found = within_bounds(by, here, "patient")
    return found.filter(patient=patient).exclude(study_uid="") if patient else found


def fetch(*, by: User, id: UUID | str) -> Fetch:
    return one_of(fetches(by=by), id, "There is no such fetch.")


def promise_prior(before: Fetch, study_uid: str, told: dict[str, object]) -> None:
    """Promise one study that was found by itself."""
    by, patient = before.asked_by, before.patient
    _promise(by, patient, before.archive, study_uid, (), told, by_itself=True)


def _promise(
    by: User,
    patient: Patient,
    archive: str,
    study_uid: str,
    series: Sequence[str],
    told: dict[str, object],
    *,
    by_itself: bool,
) -> Fetch:
    with transaction.atomic():
        pending = Fetch.objects.filter(
            patient=patient,
            archive=archive,
            study_uid=study_uid,
            status__in=(Fetch.Status.QUEUED, Fetch.Status.RUNNING),
        )
        same = next((one for one in pending if one.series in ([], list(series))), None)
        if same is not None:
            return same
        before = Fetch.objects.filter(patient=patient, archive=archive, study_uid=study_uid)
        leasing.settle_superseded(before, named(by))
        promised = Fetch.objects.create(
            organisation=patient.organisation,
            patient=patient,
            archive=archive,
            study_uid=study_uid,
            series=list(series),
            told=told,
            by_itself=by_itself,
            asked_by=by,
            run_after=timezone.now(),
        )
        auditing.record(
            by=by,
            action="archive.fetch",
            target=promised.id,
            organisation=patient.organisation,
            patient=promised.patient_id,
        )
    return promised


def folder_of(work: Fetch) -> Path:
    """Where the files of a fetch lie until their series is whole."""
    return Path(settings.FETCH_DIR) / str(work.id)


def forget_ended() -> None:
    """Delete the files of fetches that are over, which a killed worker may have left."""
    pending = set(
        Fetch.objects.filter(status__in=(Fetch.Status.QUEUED, Fetch.Status.RUNNING)).values_list(
            "id", flat=True
        )
    )
    for folder in _folders():
        if folder.name not in {str(id) for id in pending}:
            shutil.rmtree(folder, ignore_errors=True)


def _folders() -> Iterator[Path]:
    root = Path(settings.FETCH_DIR)
    return (one for one in root.iterdir() if one.is_dir()) if root.is_dir() else iter(())


def taken(work: Fetch) -> bool:
    """Whether claimed work is worth doing."""
    # Each failure took a claim too; what is left are workers that ended while they fetched.
    if work.claims - work.failures > leasing.MOST_CLAIMS:
        _bury(work, CUT_OFF)
        return False
    return True


def fetch_again(work: Fetch, by: str) -> bool:
    """Begin anew with a fetch that was given up."""
    return leasing.revive(work, by, reason="", ended_at=None)


@transaction.atomic
def try_later(work: Fetch, problem: str) -> None:
    """Wait for another try, or end it after the last."""
    if leasing.try_again(work, problem, WAITS) is False:
        _bury(work, problem)


@transaction.atomic
def give_up(work: Fetch, problem: str) -> None:
    """End what no other try would mend."""
    if leasing.held(work).exists():
        _bury(work, problem)


def _bury(work: Fetch, problem: str) -> None:
    leasing.bury(work, problem, reason=problem, ended_at=timezone.now())
    auditing.record(
        by=work.asked_by,
        action="archive.give_up",
        target=work.id,
        organisation=work.organisation,
        patient=work.patient_id,
    )
    shutil.rmtree(folder_of(work), ignore_errors=True)
