"""Passkeys: set up, named, removed; asked for beside a password, or in the place of one."""

from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from riskapp.actions import auditing, second_factor, sessions
from riskapp.actions.counting_attempts import Counted, begin_attempt, take_back
from riskapp.actions.errors import Refused
from riskapp.actions.finding import one_of
from riskapp.actions.passwords import MustWait, NotRight
from riskapp.exchange.passkeys import (
    Asked,
    CounterWentBack,
    NotBelieved,
    ask_for,
    ask_to_make,
    credential_of,
    made,
    new_handle,
    signed,
)
from riskapp.models import Passkey

MOST = 10
LONGEST_NAME = 60
NONE_HERE = "This site has no passkeys: it is reached by an address, not by a name."
NOT_MADE = "The passkey could not be set up; try again, or use an authenticator app."
NOT_RIGHT = "This passkey did not let you in; try again, or come in another way."
ENOUGH = f"You have {MOST} passkeys, as many as there can be; remove one first."
THERE_IS_NONE = "There is no such passkey."


def works_at(origin: str) -> bool:
    """Whether passkeys can be used where this page is open."""
    return origin in settings.PASSKEY_ORIGINS


def passkeys_of(user: User) -> QuerySet[Passkey]:
    return user.passkeys.all()


def begin_setting_up(*, by: User) -> Asked:
    """What a browser is asked so that it makes a passkey.

    Raises
    ------
    Refused
        If there are enough, the site has none, or a service vouches for them.
    """
    held = list(passkeys_of(by))
    second_factor.check_has_password(by)
    if not settings.PASSKEY_ORIGINS:
        raise Refused({"": NONE_HERE})
    if len(held) >= MOST:
        raise Refused({"": ENOUGH})
    return ask_to_make(
        settings.PASSKEY_ORIGINS,
        handle=held[0].user_handle if held else new_handle(),
        name=by.get_username(),
        shown_as=by.get_full_name() or by.get_username(),
        known=[one.credential_id for one in held],
    )


@transaction.atomic
def set_up(
    *, by: User, answer: str, asked: Asked, name: str, stays: UUID | str | None = None
) -> list[str]:
    """Take a passkey in use; give recovery codes where there are none.

    Sessions of this person end, but the one that ``stays``: they may have begun by less.

    Raises
    ------
    Refused
        If it was not made for this question, is there already, or there are enough.
    """
    try:
        passkey = made(settings.PASSKEY_ORIGINS, answer, asked.challenge)
    except NotBelieved as why:
        raise Refused({"": NOT_MADE}) from why
    User.objects.select_for_update().get(pk=by.pk)  # of two at the same moment, one waits
    if passkeys_of(by).count() >= MOST:
        raise Refused({"": ENOUGH})
    try:
        with transaction.atomic():
            row = Passkey.objects.create(
                user=by,
                name=_name(name),
                credential_id=passkey.credential_id,
                public_key=passkey.public_key,
                user_handle=asked.handle,
                sign_count=passkey.sign_count,
                made_at=timezone.now(),
            )
    except IntegrityError as taken:
        raise Refused({"": NOT_MADE}) from taken
    auditing.record(by=by, action="second_factor.passkey", target=row.pk)
    sessions.end_all(by=by, user=by, but=stays)
    return [] if second_factor.codes_left(by) else second_factor.new_recovery_codes(by=by)


@transaction.atomic
def rename(*, by: User, id: UUID, name: str) -> None:
    """Call a passkey otherwise.

    Raises
    ------
    NotFound
    """
    row = _one(by, id)
    row.name = _name(name)
    row.save(update_fields=["name"])
    auditing.record(by=by, action="second_factor.name_passkey", target=row.pk)


@transaction.atomic
def remove(*, by: User, id: UUID, stays: UUID | str | None = None) -> None:
    """Do without a passkey; recovery codes go with the last factor, and sessions but one end.

    Raises
    ------
    NotFound
    """
    row = _one(by, id)
    auditing.record(by=by, action="second_factor.no_passkey", target=row.pk)
    row.delete()
    second_factor.drop_codes_without_factor(by)
    sessions.end_all(by=by, user=by, but=stays)


def begin_asking(*, user: User | None, alone: bool) -> Asked:
    """What a browser is asked so that it shows a passkey: of ``user``, or anybody's.

    ``alone`` asks the device to make sure who holds it, as no password does.

    Raises
    ------
    Refused
        If the site has none.
    """
    if not settings.PASSKEY_ORIGINS:
        raise Refused({"": NONE_HERE})
    known = [one.credential_id for one in passkeys_of(user)] if user else []
    return ask_for(settings.PASSKEY_ORIGINS, known=known, verified=alone)


def check(
    *, user: User | None, answer: str, asked: Asked, alone: bool, address: str, device: str = ""
) -> User:
    """Whose passkey signed this question: that of ``user``, if one is told.

    Raises
    ------
    NotRight, MustWait
    """
    kind = Counted.SECOND_FACTOR if user else Counted.ADDRESS
    who = user.get_username() if user else ""
    attempt = begin_attempt(kind=kind, who=who, address=address, device=device)
    if attempt.waits_until:
        raise MustWait(attempt.waits_until)
    with transaction.atomic():
        found, why = _signer(user, answer, asked, alone)
        if found is None:
            _note_failure(user, why)
    if found is None:
        raise NotRight
    take_back(attempt)
    return found


def _signer(user: User | None, answer: str, asked: Asked, alone: bool) -> tuple[User | None, str]:
    """Whose it is, or nobody's and why; the count is locked until it is written."""
    try:
        id, handle = credential_of(answer)
        row = (
            Passkey.objects.select_for_update(of=("self",))
            .select_related("user")
            .filter(credential_id=id)
            .first()
        )
        if row is None or not row.user.is_active or (user and row.user_id != user.pk):
            raise NotBelieved("not theirs")
        # Section 7.2, step 6: who was not known before says who they are, and it is they.
        if (handle or not user) and handle != row.user_handle:
            raise NotBelieved("another handle")
        row.sign_count = signed(
            settings.PASSKEY_ORIGINS,
            answer,
            asked.challenge,
            public_key=row.public_key,
            sign_count=row.sign_count,
            verified=alone,
        )
    except CounterWentBack:
        return None, "counter went back"
    except NotBelieved as why:
        return None, str(why)
    row.used_at = timezone.now()
    row.save(update_fields=["sign_count", "used_at"])
    return row.user, ""


def _note_failure(user: User | None, why: str) -> None:
    membership = getattr(user, "membership", None)
    auditing.record(
        by=None,
        action="second_factor.failed" if user else "sign_in.failed",
        target=user.pk if user else "a passkey",
        organisation=membership.organisation if membership else None,
        detail={"passkey": why},
    )


def _one(by: User, id: UUID) -> Passkey:
    return one_of(passkeys_of(by), id, THERE_IS_NONE)


def _name(text: str) -> str:
    plain = " ".join("".join(one for one in text if one.isprintable()).split())
    return plain[:LONGEST_NAME] or "Passkey"
