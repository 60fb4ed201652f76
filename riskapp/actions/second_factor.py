"""A second factor: an app set up, its codes judged, recovery codes, and who needs one.

Codes as RFC 6238 has them: SHA-1, six digits, half a minute, one step of drift to either side
(section 5.2), each taken once.
"""

import hmac
import secrets
import time
from base64 import b32encode
from collections.abc import Iterator
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from riskapp.actions import auditing, sessions
from riskapp.actions.counting_attempts import Counted, begin_attempt, take_back
from riskapp.actions.errors import Refused
from riskapp.actions.passwords import MustWait, NotRight
from riskapp.keys import keyed_hashes
from riskapp.models import AuthenticatorApp, RecoveryCode

ISSUER = "Trabecula"
SECRET_BYTES, DIGITS, STEP_SECONDS, DRIFT = 20, 6, 30, 1
CODES, CODE_BYTES = 10, 8
BY_SERVICE = "This account signs in with the organisation’s own service, which asks for factors."
WRONG_CODE = "This code is not right; the app shows another one every half minute."


def new_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def in_letters(secret: bytes) -> str:
    """A secret as it is typed into an app that cannot read the picture."""
    return b32encode(secret).decode()


def address_for_app(user: User, secret: bytes) -> str:
    """What the picture holds: ``otpauth://totp/...`` with names and secret."""
    return _totp(secret).get_provisioning_uri(user.get_username(), ISSUER)


@transaction.atomic
def set_up_app(*, by: User, secret: bytes, code: str, stays: UUID | str | None = None) -> list[str]:
    """Take an app in use, in the place of the one before; give recovery codes where there are none.

    Sessions of this person end, but the one that ``stays``: they may have begun by less.

    Raises
    ------
    Refused
        If the app does not show this code, or a service vouches for them.
    """
    check_has_password(by)
    step = _step_of(secret, _plain(code), after=0)
    if step is None:
        raise Refused({"code": WRONG_CODE})
    AuthenticatorApp.objects.filter(user=by).delete()
    AuthenticatorApp.objects.create(
        user=by, secret=secret.hex(), last_step=step, made_at=timezone.now()
    )
    auditing.record(by=by, action="second_factor.app", target=by.pk)
    sessions.end_all(by=by, user=by, but=stays)
    return [] if codes_left(by) else new_recovery_codes(by=by)


@transaction.atomic
def new_recovery_codes(*, by: User) -> list[str]:
    """Ten codes, told this once; those before no longer work."""
    by.recovery_codes.all().delete()
    codes = ["-".join(_in_fours(secrets.token_hex(CODE_BYTES))) for _ in range(CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=by, digest=_digests(by, _plain(code))[0]) for code in codes
    )
    auditing.record(by=by, action="second_factor.codes", target=by.pk)
    return codes


@transaction.atomic
def remove_app(*, by: User, stays: UUID | str | None = None) -> None:
    """Do without the app; recovery codes go with the last factor, and sessions but one end."""
    if not AuthenticatorApp.objects.filter(user=by).delete()[0]:
        return
    auditing.record(by=by, action="second_factor.no_app", target=by.pk)
    drop_codes_without_factor(by)
    sessions.end_all(by=by, user=by, but=stays)


@transaction.atomic
def take_away(*, by: User, user: User) -> None:
    """Let somebody who lost everything in by password alone, to set a factor up anew.

    Their sessions end. Whoever calls has checked that ``by`` may look after accounts.
    """
    AuthenticatorApp.objects.filter(user=user).delete()
    user.passkeys.all().delete()
    drop_codes_without_factor(user)
    auditing.record(by=by, action="second_factor.take_away", target=user.pk)
    sessions.end_all(by=by, user=user)


def check_has_password(user: User) -> None:
    """Refuse factors of our own to whom a service or a record vouches for.

    Raises
    ------
    Refused
    """
    if not user.has_usable_password():
        raise Refused({"": BY_SERVICE})


def drop_codes_without_factor(user: User) -> None:
    if not has_factor(user):
        user.recovery_codes.all().delete()


def has_app(user: User) -> bool:
    return AuthenticatorApp.objects.filter(user=user).exists()


def has_factor(user: User) -> bool:
    """Whether a second factor is asked for after the password."""
    return has_app(user) or user.passkeys.exists()


def codes_left(user: User) -> int:
    return user.recovery_codes.filter(used_at=None).count()


def is_required(user: User) -> bool:
    """Whether the site or the organisation asks this person for one, by their roles."""
    membership = getattr(user, "membership", None)
    if membership is None:
        return False
    asked = settings.SECOND_FACTOR_OF | set(membership.organisation.second_factor_of)
    return bool(asked & set(membership.roles))


def check_code(*, user: User, code: str, address: str, device: str = "") -> None:
    """That somebody has what they set up: a code of the app, or a recovery code, each once.

    Raises
    ------
    NotRight, MustWait
    """
    attempt = begin_attempt(
        kind=Counted.SECOND_FACTOR, who=user.get_username(), address=address, device=device
    )
    if attempt.waits_until:
        raise MustWait(attempt.waits_until)
    with transaction.atomic():
        plain = _plain(code)
        is_right = _taken_by_app(user, plain) or _taken_as_recovery(user, plain)
        if not is_right:
            organisation = getattr(user, "membership", None) and user.membership.organisation
            auditing.record(
                by=None, action="second_factor.failed", target=user.pk, organisation=organisation
            )
    if not is_right:
        raise NotRight
    take_back(attempt)


def _taken_by_app(user: User, code: str) -> bool:
    app = AuthenticatorApp.objects.select_for_update().filter(user=user).first()
    if app is None:
        return False
    step = _step_of(bytes.fromhex(app.secret), code, after=app.last_step)
    if step is None:
        return False
    app.last_step = step
    app.save(update_fields=["last_step"])
    return True


def _taken_as_recovery(user: User, code: str) -> bool:
    left = user.recovery_codes.filter(used_at=None, digest__in=_digests(user, code))
    if left.update(used_at=timezone.now()) != 1:
        return False
    auditing.record(by=user, action="second_factor.recovery", target=user.pk)
    return True


def _step_of(secret: bytes, code: str, after: int) -> int | None:
    """The half-minute that a code belongs to; each is compared, however soon one is right."""
    now = int(time.time()) // STEP_SECONDS
    found = None
    for step in range(now - DRIFT, now + DRIFT + 1):
        shown = _totp(secret).generate(step * STEP_SECONDS)
        if hmac.compare_digest(shown, code.encode()) and step > after:
            found = step
    return found


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303 (as apps read it)


def _digests(user: User, code: str) -> list[str]:
    return keyed_hashes("search", f"recovery code\n{user.pk}\n{code}")


def _plain(code: str) -> str:
    """As it is compared: without the spaces and dashes that people type."""
    return "".join(code.split()).replace("-", "").lower()[:64]


def _in_fours(text: str) -> Iterator[str]:
    return (text[start : start + 4] for start in range(0, len(text), 4))
