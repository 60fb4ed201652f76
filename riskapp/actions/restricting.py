"""Restricted records: marked, given a care team, opened by others for a reason, and reviewed."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from riskapp.actions import auditing, finding
from riskapp.actions.errors import NotFound, Refused
from riskapp.actions.finding import one_of, organisation_of
from riskapp.actions.paging import Paged
from riskapp.actions.permitting import Ability, check
from riskapp.actions.turns import wait_for_turn
from riskapp.models import EmergencyAccess, Patient, Restriction

OPEN_FOR = timedelta(hours=4)
WORDS_LEAST, WORDS_MOST = 10, 1_000
Reason, Verdict = EmergencyAccess.Reason, EmergencyAccess.Verdict
WHICH = f"Choose a reason: one of {', '.join(Reason)}."
SAY_MORE = f"Say in a few words why, in {WORDS_LEAST} to {WORDS_MOST:,} characters."
log = logging.getLogger(__name__)


def colleagues(*, by: User) -> QuerySet[User]:
    """People of the same organisation who may be on a care team."""
    return User.objects.filter(
        membership__organisation=organisation_of(by), membership__program="", is_active=True
    ).order_by("username")


@transaction.atomic
def restrict(*, by: User, patient: Patient, team: Iterable[int | str]) -> Restriction:
    """Open a record to these people only; who asks stays among them.

    Raises
    ------
    NotAllowed
        If the user may not, or is not on the team of a record that is restricted already.
    Refused
        If somebody of the team does not work here.
    """
    wait_for_turn("restriction", patient.id)
    _check_may(by, patient)
    wanted = {str(one) for one in team} | {str(by.pk)}
    people = [one for one in colleagues(by=by) if str(one.pk) in wanted]
    if len(people) != len(wanted):
        raise Refused({"team": "Somebody of the care team does not work here any more."})
    made, is_new = Restriction.objects.get_or_create(
        patient=patient, defaults={"made_at": timezone.now()}
    )
    before = set(made.team.values_list("pk", flat=True))
    made.team.set(people)
    if is_new:
        auditing.record(by=by, action="restriction.make", target=patient.id, patient=patient.id)
    for one in people:
        if one.pk not in before:
            _record_one("restriction.add", by, patient, one.pk)
    for gone in before - {one.pk for one in people}:
        _record_one("restriction.remove", by, patient, gone)
    return made


@transaction.atomic
def lift(*, by: User, patient: Patient) -> None:
    """Open a record to the whole organisation again; for its care team.

    Raises
    ------
    NotAllowed
    """
    wait_for_turn("restriction", patient.id)
    _check_may(by, patient)
    told, _ = Restriction.objects.filter(patient=patient).delete()
    if told:
        auditing.record(by=by, action="restriction.lift", target=patient.id, patient=patient.id)


def restriction_of(*, by: User, patient: Patient) -> Restriction | None:
    finding.patient(by=by, id=patient.id)
    return Restriction.objects.filter(patient=patient).first()


def restricted_patient(*, by: User, id: UUID | str) -> Patient:
    """A patient whose record is closed to this user, with no more than who it is.

    Raises
    ------
    NotFound
    """
    return one_of(finding.patients(by=by, closed=True), id, "There is no such restricted record.")


@transaction.atomic
def open_for_reason(*, by: User, id: UUID | str, reason: str, words: str) -> EmergencyAccess:
    """Open a restricted record to this user alone for four hours; it is told to who reviews.

    Raises
    ------
    NotFound
        If there is no such patient, or the record is open to the user anyway.
    Refused
        If no reason of the list is given, or the words say nothing.
    """
    check(by, Ability.OPEN_RESTRICTED)
    patient = restricted_patient(by=by, id=id)
    words = words.strip()
    problems = {}
    if reason not in set(Reason):
        problems["reason"] = WHICH
    if not WORDS_LEAST <= len(words) <= WORDS_MOST:
        problems["words"] = SAY_MORE
    if problems:
        raise Refused(problems)
    now = timezone.now()
    made = EmergencyAccess.objects.create(
        patient=patient,
        user=by,
        reason=reason,
        words=words,
        opened_at=now,
        ends_at=now + OPEN_FOR,
    )
    auditing.record(by=by, action="emergency.open", target=patient.id, patient=patient.id)
    log.warning("Emergency access %s to a restricted record was opened", made.pk)
    return made


def accesses(*, by: User) -> Paged[EmergencyAccess]:
    """What was opened in the user's organisation: what is not reviewed yet first, then the newest.

    Raises
    ------
    NotAllowed
    """
    found = _accesses(by)
    in_order = found.order_by(F("reviewed_at").desc(nulls_first=True), "-opened_at", "pk")
    read = EmergencyAccess.objects.select_related("patient", "user", "reviewed_by")
    return Paged((in_order, found.order_by().count()), read=read)


def _accesses(by: User) -> QuerySet[EmergencyAccess]:
    check(by, Ability.REVIEW_RESTRICTED)
    home = organisation_of(by).pk
    return finding.belonging(EmergencyAccess.objects.all(), home, "patient__organisation")


@transaction.atomic
def review(*, by: User, id: UUID | str, verdict: str) -> None:
    """Note that somebody other than who opened it looked at the reason.

    Raises
    ------
    NotAllowed, NotFound, Refused
    """
    found = _accesses(by).filter(reviewed_at=None).exclude(user_id=by.pk)
    access = one_of(found, id, "There is no such access that waits for your review.")
    if verdict not in set(Verdict):
        raise Refused({"verdict": f"verdict is one of {', '.join(Verdict)}."})
    access.reviewed_by, access.reviewed_at, access.verdict = by, timezone.now(), verdict
    access.save(update_fields=["reviewed_by", "reviewed_at", "verdict"])
    auditing.record(
        by=by, action=f"emergency.{verdict}", target=access.id, patient=access.patient_id
    )


def _record_one(action: str, by: User, patient: Patient, one: int) -> None:
    auditing.record(by=by, action=action, target=f"{patient.id} {one}", patient=patient.id)


def _check_may(by: User, patient: Patient) -> None:
    check(by, Ability.RESTRICT_PATIENTS)
    finding.patient(by=by, id=patient.id)
    restriction = Restriction.objects.filter(patient=patient).first()
    if restriction is not None and not restriction.team.filter(pk=by.pk).exists():
        raise NotFound("Only the care team of a restricted record changes who is on it.")
