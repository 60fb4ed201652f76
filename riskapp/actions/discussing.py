"""A result was talked over with the patient: what was decided, and when to look again."""

from datetime import date
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from riskapp.actions import auditing, finding
from riskapp.actions.errors import Refused
from riskapp.actions.looking import look_again
from riskapp.actions.permitting import Ability, needs
from riskapp.actions.sent_twice import written_once
from riskapp.models import Assessment, Discussion

# Nobody plans a visit that far ahead: a later year is a slip of typing.
FARTHEST_YEARS = 10


@needs(Ability.DISCUSS)
def record_discussion(
    *,
    by: User,
    assessment: Assessment,
    decided: str,
    review_on: date | None = None,
    id: UUID | None = None,
) -> Discussion:
    """Write down that a result was discussed.

    Asked twice with the same ``id`` for the same discussion, it writes one.

    Raises
    ------
    NotFound
        If the assessment is another organisation's.
    Refused
        With a sentence for each argument that cannot be used, all at once.
    """
    assessment = finding.assessment(by=by, id=assessment.id)
    problems: dict[str, str] = {}
    if decided not in Discussion.Decided.values:
        problems["decided"] = "Say what was decided."
    if review_on and (problem := _review_problem(review_on)):
        problems["review_on"] = problem
    if problems:
        raise Refused(problems)
    told = {"assessment": assessment, "by": by, "decided": decided, "review_on": review_on}
    with transaction.atomic():
        discussion = written_once(Discussion, id, told)
        if discussion is None:
            return assessment.discussions.get(id=id)
        auditing.record(
            by=by, action="assessment.discuss", target=assessment.id, patient=assessment.patient_id
        )
        look_again(assessment.patient_id)
    return discussion


def _review_problem(day: date) -> str:
    today = timezone.localdate()
    if day < today:
        return "The day to look again lies in the past."
    farthest = today.year + FARTHEST_YEARS
    if (day.year, day.month, day.day) > (farthest, today.month, today.day):
        return f"The day to look again lies more than {FARTHEST_YEARS} years ahead."
    return ""
