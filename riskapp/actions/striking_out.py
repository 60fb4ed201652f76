"""An entry that was made in error: struck out, and never deleted."""

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from riskapp.actions import auditing, finding
from riskapp.actions.looking import look_again
from riskapp.actions.permitting import Ability, check
from riskapp.models import Discussion, Fracture, Treatment

Entry = Fracture | Treatment | Discussion


@transaction.atomic
def strike_out(*, by: User, entry: Entry) -> Entry:
    """Strike an entry out; the first time stays.

    Raises
    ------
    NotFound
        If it is another organisation's.
    NotAllowed
    """
    check(by, Ability.DISCUSS if isinstance(entry, Discussion) else Ability.RECORD_EVENTS)
    about = entry.assessment.patient_id if isinstance(entry, Discussion) else entry.patient_id
    finding.patient(by=by, id=about)
    done = type(entry).objects.filter(id=entry.id, struck_out_at=None)
    if done.update(struck_out_at=timezone.now(), struck_out_by=by):
        noun = type(entry).__name__.lower()
        auditing.record(by=by, action=f"{noun}.strike_out", target=entry.id, patient=about)
        look_again(about)
    entry.refresh_from_db()
    return entry
