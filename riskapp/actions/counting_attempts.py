"""Guessing takes longer and longer: attempts are counted before they are judged.

The counters lie in the database, so that all web processes share them, and are locked while they
are counted, so that a thousand guesses at the same moment are a thousand (docs/adr/0068). A
browser in which somebody signed in before is counted by itself, so that whoever guesses elsewhere
keeps nobody out of theirs (OWASP Cheat Sheet "Authentication", Slow Brute Force; device cookies).
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from riskapp.actions import auditing
from riskapp.keys import keyed_hash
from riskapp.models import FailedSignIn, KnownDevice

# From the failure that is one too many, for each further one; NIST SP 800-63B-4, section 3.2.2,
# allows at most 100 in a row: from everywhere together they take more than three days here.
WAITS = tuple(timedelta(seconds=one) for one in (30, 60, 120, 240, 480, 900, 1_800, 3_600))
# A browser that nobody signed in with for so long is like any other.
DEVICE_KEPT = timedelta(days=90)
DEVICE_BYTES, LONGEST_DEVICE = 32, 64


class Counted(Enum):
    """What is counted: how many failures are free, and after what rest they are forgotten.

    A name is counted for each address by itself, and more slowly from all of them together. An
    address may be a whole hospital's, so that it has more.
    """

    ACCOUNT = ("account", 20, timedelta(days=1))
    FROM_ADDRESS = ("account from an address", 5, timedelta(days=1))
    DEVICE = ("account in a known browser", 5, timedelta(days=1))
    SECOND_FACTOR = ("second factor", 5, timedelta(days=1))
    SECOND_FACTOR_OF_DEVICE = ("second factor in a known browser", 5, timedelta(days=1))
    ADDRESS = ("address", 50, timedelta(hours=1))

    def __init__(self, label: str, free: int, forgotten_after: timedelta) -> None:
        self.label, self.free, self.forgotten_after = label, free, forgotten_after


OF_DEVICE = {
    Counted.ACCOUNT: Counted.DEVICE,
    Counted.SECOND_FACTOR: Counted.SECOND_FACTOR_OF_DEVICE,
}


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
def begin_attempt(*, kind: Counted, who: str, address: str, device: str = "") -> Attempt:
    """Count one attempt, unless something that it counts for waits.

    Parameters
    ----------
    kind : Counted
        ACCOUNT, SECOND_FACTOR, or ADDRESS where no name is told.
    who : str
        The name of the account, whether there is one or not.
    device : str
        What the browser was given at an earlier sign-in, as it sends it.
    """
    now, account = timezone.now(), _hash("account", who.casefold()) if who else ""
    counted = sorted(_counters(kind, who.casefold(), address, device), key=lambda two: two[1])
    rows = [(one, _locked(key, one, account, now)) for one, key in counted]
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
def take_back(attempt: Attempt) -> None:
    """It was right: forget the failures it was counted with, and this one of the address."""
    for row in FailedSignIn.objects.select_for_update().filter(key__in=sorted(attempt.keys)):
        if row.account:
            row.delete()
        else:
            row.count, row.waits_until = max(0, row.count - 1), None
            row.save()


def know_device(*, user: User, device: str) -> str:
    """Count this browser by itself from now on; give what it keeps to be known by."""
    kept = device if 0 < len(device) <= LONGEST_DEVICE else secrets.token_urlsafe(DEVICE_BYTES)
    key = _device_key(user.get_username().casefold(), kept)
    KnownDevice.objects.update_or_create(key=key, defaults={"seen_at": timezone.now()})
    return kept


def is_waiting(user: User) -> bool:
    """Whether sign-in of an account waits after failures, for who looks after accounts."""
    return _of(user).filter(waits_until__gt=timezone.now()).exists()


@transaction.atomic
def unlock(*, by: User, user: User) -> None:
    """Forget what failed for an account; whoever calls has checked who may."""
    _of(user).delete()
    auditing.record(by=by, action="sign_in.unlock", target=user.pk)


def _counters(kind: Counted, who: str, address: str, device: str) -> list[tuple[Counted, str]]:
    if kind in OF_DEVICE and _is_known(who, device):
        return [(OF_DEVICE[kind], _hash(OF_DEVICE[kind].label, f"{who}\n{device}"))]
    counted = [(kind, _hash(kind.label, who))] if who else []
    if address:
        counted.append((Counted.ADDRESS, _hash(Counted.ADDRESS.label, address)))
    if kind is Counted.ACCOUNT:
        pair = _hash(Counted.FROM_ADDRESS.label, f"{who}\n{address}")
        counted.append((Counted.FROM_ADDRESS, pair))
    return counted


def _is_known(who: str, device: str) -> bool:
    since = timezone.now() - DEVICE_KEPT
    is_one = 0 < len(device) <= LONGEST_DEVICE
    # Asked of each, so that a name that nobody has is answered like one that somebody has.
    found = KnownDevice.objects.filter(key=_device_key(who, device), seen_at__gt=since).exists()
    return is_one and found


def _device_key(who: str, device: str) -> str:
    return keyed_hash("search", f"known device\n{who}\n{device[:LONGEST_DEVICE]}")


def _of(user: User) -> QuerySet[FailedSignIn]:
    return FailedSignIn.objects.filter(account=_hash("account", user.get_username().casefold()))


def _hash(label: str, who: str) -> str:
    return keyed_hash("search", f"failed sign-in\n{label}\n{who}")


def _locked(key: str, kind: Counted, account: str, now: datetime) -> FailedSignIn:
    """The counter, from now on ours alone till the transaction ends; empty after a rest."""
    told = {"last_at": now, "account": "" if kind is Counted.ADDRESS else account}
    FailedSignIn.objects.get_or_create(key=key, defaults=told)
    row = FailedSignIn.objects.select_for_update().get(key=key)
    if row.last_at + kind.forgotten_after < now:
        row.count, row.waits_until = 0, None
    return row
