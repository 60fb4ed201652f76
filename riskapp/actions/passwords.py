"""Signing in by password, changing it, and setting it through a link that an administrator made."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from riskapp.actions import auditing, sessions
from riskapp.actions.counting_attempts import Counted, begin_attempt, take_back
from riskapp.actions.errors import ActionError, NotFound, Refused
from riskapp.actions.finding import organisation_of
from riskapp.models import OneTimeLink

LINK_LASTS = timedelta(hours=24)
SECRET_BYTES = 32
LONGEST_TOKEN = 100
NO_LINK = "This link was used already, was taken back, or has ended; ask your administrator."
NOT_YOURS = "This is not your present password."


class NotRight(ActionError):
    """The name and the password, or the code, do not belong together."""


@dataclass
class MustWait(ActionError):
    """Too many attempts failed; ``until`` when nothing is judged."""

    until: datetime

    def __str__(self) -> str:
        minutes = max(1, round((self.until - timezone.now()).total_seconds() / 60))
        return (
            f"Too many attempts failed. Wait {minutes} minute{'s' if minutes > 1 else ''}, then "
            "try again, or ask your administrator."
        )


@dataclass(frozen=True, slots=True)
class MadeLink:
    """A link that was made; ``token`` is told this once."""

    link: OneTimeLink
    token: str


def check_password(*, username: str, password: str, address: str, device: str = "") -> User:
    """Whose name and password these are.

    One answer and the same work whether there is such an account or not, whether it is closed,
    and whether it waits: a password is hashed each time.

    Raises
    ------
    NotRight, MustWait
    """
    attempt = begin_attempt(kind=Counted.ACCOUNT, who=username, address=address, device=device)
    if attempt.waits_until:
        User().set_password(password)
        raise MustWait(attempt.waits_until)
    user = authenticate(None, username=username, password=password)
    if user is None:
        _note_failure(username)
        raise NotRight
    take_back(attempt)
    return user


def check_own_password(*, by: User, password: str, address: str, device: str = "") -> None:
    """That somebody who is signed in knows their password; failures count as at sign-in.

    Raises
    ------
    NotRight, MustWait
    """
    who = by.get_username()
    attempt = begin_attempt(kind=Counted.ACCOUNT, who=who, address=address, device=device)
    if attempt.waits_until:
        raise MustWait(attempt.waits_until)
    if not by.check_password(password):
        _note_failure(by.get_username())
        raise NotRight
    take_back(attempt)


def change_password(
    *, by: User, present: str, fresh: str, again: str, address: str, device: str = ""
) -> None:
    """Take another password; whoever is signed in elsewhere as this person no longer is.

    Raises
    ------
    Refused
        With a sentence for each answer that must be mended.
    MustWait
    """
    try:
        check_own_password(by=by, password=present, address=address, device=device)
    except NotRight as wrong:
        raise Refused({"present": NOT_YOURS}) from wrong
    _set(by, fresh, again, "account.change_password")


@transaction.atomic
def make_link(*, by: User, user: User) -> MadeLink:
    """A link by which a person sets their password, once and within 24 hours; older ones end.

    Whoever calls has checked that ``by`` may look after accounts.

    Raises
    ------
    NotFound
        If the account is another organisation's.
    """
    if organisation_of(user) != organisation_of(by):
        raise NotFound("There is no such account.")
    now, token = timezone.now(), secrets.token_urlsafe(SECRET_BYTES)
    user.one_time_links.filter(used_at=None, revoked_at=None).update(revoked_at=now)
    link = OneTimeLink.objects.create(
        user=user, token_sha256=_digest(token), made_at=now, expires_at=now + LINK_LASTS
    )
    auditing.record(by=by, action="account.make_link", target=user.pk)
    return MadeLink(link, token)


def link_of(token: str) -> OneTimeLink:
    """The link of this secret, while it works.

    Raises
    ------
    NotFound
    """
    known = len(token) <= LONGEST_TOKEN and (
        OneTimeLink.objects.select_related("user").filter(token_sha256=_digest(token)).first()
    )
    if not known or not known.works_at(timezone.now()) or not known.user.is_active:
        raise NotFound(NO_LINK)
    return known


@transaction.atomic
def set_by_link(*, token: str, fresh: str, again: str) -> User:
    """Set a password by a link, which is then used up; every session of the account ends.

    A second factor stays: who has the link still needs it.

    Raises
    ------
    NotFound
    Refused
    """
    link = OneTimeLink.objects.select_for_update().get(pk=link_of(token).pk)
    if not link.works_at(timezone.now()):  # of two at the same moment, the second
        raise NotFound(NO_LINK)
    _set(link.user, fresh, again, "account.set_password")
    link.used_at = timezone.now()
    link.save(update_fields=["used_at"])
    return link.user


@transaction.atomic
def _set(user: User, fresh: str, again: str, action: str) -> None:
    problems = {}
    try:
        validate_password(fresh, user)
    except ValidationError as refusal:
        problems["fresh"] = " ".join(refusal.messages)
    if fresh != again:
        problems["again"] = "The two new passwords differ."
    if problems:
        raise Refused(problems)
    user.set_password(fresh)
    user.save(update_fields=["password"])
    user.one_time_links.filter(used_at=None, revoked_at=None).update(revoked_at=timezone.now())
    auditing.record(by=user, action=action, target=user.pk)
    sessions.end_all(by=user, user=user)


@transaction.atomic
def _note_failure(username: str) -> None:
    """One row, whether there is such an account or not; what was typed is not kept."""
    user = User.objects.filter(username__iexact=username).first()
    membership = getattr(user, "membership", None)
    auditing.record(
        by=None,
        action="sign_in.failed",
        target=user.pk if user else "no such account",
        organisation=membership.organisation if membership else None,
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
