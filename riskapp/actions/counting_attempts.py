"""Guessing takes longer and longer: attempts are counted before they are judged.

The counters lie in the database, so that all web processes share them, and are locked while they
are counted, so that a thousand guesses at the same moment are a thousand (docs/adr/0068).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from riskapp.actions import auditing
from riskapp.keys import keyed_hash
from riskapp.models import FailedSignIn

# From the failure that is one too many, for each further one; NIST SP 800-63B-4, section 3.2.2,
# allows at most 100 in a row, which here take four days.
WAITS = tuple(timedelta(seconds=one) for one in (30, 60, 120, 240, 480, 900, 1_800, 3_600))


class Counted(Enum):
    """What is counted: how many failures are free, and after what rest they are forgotten.

    An address may be a whole hospital's, so that it has more.
    """

    ACCOUNT = ("account", 5, timedelta(days=1))
    SECOND_FACTOR = ("second factor", 5, timedelta(days=1))
    ADDRESS = ("address", 50, timedelta(hours=1))

    def __init__(self, label: str, free: int, forgotten_after: timedelta) -> None:
        self.label, self.free, self.forgotten_after = label, free, forgotten_after


@dataclass(frozen=True, slots=True)
class Attempt:
    """Something that was tried and is counted until it is taken back.

    Attributes
    ----------
    waits_until : datetime or None
        Set where it must not be judged yet; then it was not counted either.
    """

    keys: tuple[str, ...]
    waits_until: datetime | None = None


@transaction.atomic
def begin_attempt(*, kind: Counted, who: str, address: str) -> Attempt:
    """Count one attempt for an account and for where it comes from, unless one of them waits."""
    now = timezone.now()
    counted = [(kind, _key(kind, who))]
    if address:
        counted.append((Counted.ADDRESS, _key(Counted.ADDRESS, address)))
    rows = [(one, _locked(key, one, now)) for one, key in sorted(counted, key=lambda two: two[1])]
    waits = [row.waits_until for _, row in rows if row.waits_until and row.waits_until > now]
    if waits:
        return Attempt((), max(waits))
    for one, row in rows:
        row.count += 1
        row.last_at = now
        beyond = row.count - one.free
        row.waits_until = now + WAITS[min(beyond, len(WAITS) - 1)] if beyond >= 0 else None
        row.save()
    return Attempt(tuple(row.key for _, row in rows))


@transaction.atomic
def take_back(attempt: Attempt, *, kind: Counted, who: str) -> None:
    """It was right: forget all failures of the account, and this one of the address."""
    own = _key(kind, who)
    for row in FailedSignIn.objects.select_for_update().filter(key__in=sorted(attempt.keys)):
        if row.key == own:
            row.delete()
        else:
            row.count, row.waits_until = max(0, row.count - 1), None
            row.save()


def is_waiting(user: User) -> bool:
    """Whether sign-in of an account waits after failures, for who looks after accounts."""
    found = FailedSignIn.objects.filter(key__in=_keys_of(user), waits_until__gt=timezone.now())
    return found.exists()


@transaction.atomic
def unlock(*, by: User, user: User) -> None:
    """Forget what failed for an account; whoever calls has checked who may."""
    FailedSignIn.objects.filter(key__in=_keys_of(user)).delete()
    auditing.record(by=by, action="sign_in.unlock", target=user.pk)


def _keys_of(user: User) -> Iterable[str]:
    names = (Counted.ACCOUNT, user.get_username().casefold()), (Counted.SECOND_FACTOR, str(user.pk))
    return [_key(kind, who) for kind, who in names]


def _key(kind: Counted, who: str) -> str:
    return keyed_hash("search", f"failed sign-in\n{kind.label}\n{who}")


def _locked(key: str, kind: Counted, now: datetime) -> FailedSignIn:
    """The counter, from now on ours alone till the transaction ends; empty after a rest."""
    FailedSignIn.objects.get_or_create(key=key, defaults={"last_at": now})
    row = FailedSignIn.objects.select_for_update().get(key=key)
    if row.last_at + kind.forgotten_after < now:
        row.count, row.waits_until = 0, None
    return row
