"""Where people are signed in: begun, seen, confirmed and ended, whoever signed them in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from riskapp.actions import auditing
from riskapp.actions.finding import one_of
from riskapp.models import Organisation, SignInSession
from riskapp.models.composed import Composed

How, Ended = SignInSession.How, SignInSession.Ended
LONGEST = timedelta(hours=12)
# A sensitive deed asks anew for who last proved who they are longer ago.
FRESH = timedelta(minutes=10)
# Not each request writes.
SEEN_EVERY = timedelta(seconds=30)
# With what every page asks of whoever is signed in.
ROWS = Composed(
    lambda: SignInSession.objects.select_related("user__membership__organisation"), "id"
)
FEWER = "There is no such session."


@dataclass(frozen=True, slots=True)
class WayIn:
    """By what somebody signed in.

    Attributes
    ----------
    service, service_session : str
        Name of the sign-in service or record, and its own name of its session, if it told one.
    has_factor : bool
        Whether a service said that it asked for more than a password.
    proved_at : datetime or None
        When they proved to a service who they are; just now where it is None.
    """

    how: SignInSession.How
    service: str = ""
    service_session: str = ""
    has_factor: bool = False
    proved_at: datetime | None = None


def begin(*, by: User, way: WayIn, device: str, address: str) -> SignInSession:
    """Note that somebody is signed in in one browser."""
    now = timezone.now()
    return SignInSession.objects.create(
        user=by,
        how=way.how,
        service=way.service,
        service_session=way.service_session,
        device=device,
        address=address,
        began_at=now,
        seen_at=now,
        confirmed_at=min(now, way.proved_at or now),
    )


def note_came_in(*, by: User, way: WayIn, id: UUID | str) -> None:
    """Write a sign-in that a person made into the trail, by its way and its session."""
    told = {"service": way.service, "has_factor": way.has_factor} if way.service else None
    auditing.record(by=by, action=f"sign_in.{way.how}", target=id, detail=told)


def look_at(id: UUID | str) -> SignInSession | None:
    """The session of this id; ended now, where it was left alone or lasted too long."""
    session = next(iter(ROWS.by(id)), None)
    if session is None or session.ended_at:
        return session
    now = timezone.now()
    if ends_at(session) <= now:
        was_left = session.seen_at + idle() <= now
        _end(
            SignInSession.objects.filter(pk=session.pk), Ended.IDLE if was_left else Ended.TOO_LONG
        )
        session.refresh_from_db()
    return session


def ends_at(session: SignInSession) -> datetime:
    """When it ends unless something is done; at that very moment it is over."""
    return min(session.seen_at + idle(), session.began_at + LONGEST)


def idle() -> timedelta:
    return timedelta(minutes=settings.IDLE_MINUTES)


def see(session: SignInSession) -> None:
    """Something was done in it; of two at the same moment the later one counts."""
    now = timezone.now()
    if now - session.seen_at > min(SEEN_EVERY, idle() / 10):
        SignInSession.objects.filter(pk=session.pk, seen_at__lt=now).update(seen_at=now)


def is_fresh(session: SignInSession) -> bool:
    return session.confirmed_at + FRESH > timezone.now()


@transaction.atomic
def confirm(session: SignInSession, how: str = "") -> None:
    """Somebody proved again who they are."""
    session.confirmed_at, session.how = timezone.now(), how or session.how
    session.save(update_fields=["confirmed_at", "how"])
    auditing.record(by=session.user, action="sign_in.confirm", target=session.pk)


def sessions_of(user: User) -> QuerySet[SignInSession]:
    """Those that are open, the one last used first."""
    now = timezone.now()
    return user.sign_in_sessions.filter(
        ended_at=None, seen_at__gt=now - idle(), began_at__gt=now - LONGEST
    )


@transaction.atomic
def leave(*, by: User, id: UUID | str) -> None:
    """A person signs out."""
    sign_out(id)
    auditing.record(by=by, action="sign_out", target=id)


def end_by_service(
    *, service: str, user: User | None, session: str, organisation: Organisation | None
) -> int:
    """End what a sign-in service says is over: its session, or all of a person; give how many."""
    found = SignInSession.objects.filter(service=service, how=How.SERVICE, ended_at=None)
    if user is not None:
        found = found.filter(user=user)
    if session:
        found = found.filter(service_session=session)
    with transaction.atomic():
        ended = list(found.select_for_update())
        _end(found.filter(pk__in=[one.pk for one in ended]), Ended.BY_SERVICE)
        for one in ended:
            auditing.record(
                by=None,
                action="session.end_by_service",
                target=one.pk,
                organisation=organisation,
                detail={"service": service},
            )
    return len(ended)


def sign_out(id: UUID | str) -> None:
    _end(SignInSession.objects.filter(pk=id, ended_at=None), Ended.SIGNED_OUT)


def end_one(*, by: User, id: UUID | str) -> None:
    """End one session of one's own.

    Raises
    ------
    NotFound
    """
    end_one_of(by=by, user=by, id=id)


@transaction.atomic
def end_one_of(*, by: User, user: User, id: UUID | str) -> None:
    """End one session of a person's.

    Whoever calls for somebody else has checked that ``by`` may look after accounts.

    Raises
    ------
    NotFound
    """
    session = one_of(user.sign_in_sessions.filter(ended_at=None), id, FEWER)
    _end(user.sign_in_sessions.filter(pk=session.pk), Ended.REVOKED)
    auditing.record(by=by, action="session.end", target=session.pk)


@transaction.atomic
def end_all(*, by: User, user: User, but: UUID | str | None = None) -> int:
    """End a person's sessions, which takes effect at their next request; give how many.

    Whoever calls for somebody else has checked that ``by`` may look after accounts.
    """
    found = user.sign_in_sessions.filter(ended_at=None).exclude(pk=but)
    ended = _end(found, Ended.REVOKED)
    auditing.record(by=by, action="session.end_all", target=user.pk)
    return ended


def _end(found: QuerySet[SignInSession], why: str) -> int:
    return found.filter(ended_at=None).update(ended_at=timezone.now(), why_ended=why)
