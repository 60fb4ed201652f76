"""The outbox: what peers are to have is promised with its cause and sent until they confirm it."""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from riskapp.actions import auditing, leasing
from riskapp.actions.confining import named
from riskapp.actions.errors import Refused
from riskapp.actions.finding import one_of, organisation_of
from riskapp.actions.permitting import Ability, needs
from riskapp.models import Delivery, Organisation

log = logging.getLogger(__name__)
Handler = Callable[[Delivery], None]
HANDLERS: dict[str, Handler] = {}
# A peer that is away for a weekend is served on Monday: every hour for a week, after quick tries.
WAITS = (
    *(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600)),
    *[timedelta(hours=1)] * (7 * 24),
)
UNKNOWN = "Nothing here sends this kind any more."
UNFORESEEN = "Sending failed here; the log says where."
CUT_OFF = "Sending was cut off too often."
TOO_LONG = "The peer did not take it within a week: {problem}"


class TryLater(Exception):
    """The peer could not be reached or was busy, as a sentence without patient values."""


class GiveUp(Exception):
    """The peer will never take it, as a sentence without patient values."""


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Let a function send what is promised as ``kind``: it returns once the peer has confirmed.

    It may be called again for what the peer has already: what it sends must be the same then.
    """

    def registered(function: Handler) -> Handler:
        HANDLERS[kind] = function
        return function

    return registered


def promise(
    *,
    by: User,
    organisation: Organisation,
    kind: str,
    destination: str,
    target: str,
    payload: Mapping[str, Any] | None = None,
) -> Delivery:
    """Promise something to a peer, once; call it inside the transaction of what causes it."""
    delivery, _ = Delivery.objects.get_or_create(
        organisation=organisation,
        kind=kind,
        destination=destination,
        target=target,
        defaults={"payload": dict(payload or {}), "asked_by": by, "run_after": timezone.now()},
    )
    return delivery


@needs(Ability.SEE_CONNECTIONS)
def deliveries(*, by: User) -> QuerySet[Delivery]:
    """What was promised to peers of the user's organisation, the latest first."""
    return Delivery.objects.filter(organisation=organisation_of(by)).order_by("-asked_at")


def send_again(*, by: User, id: UUID | str) -> Delivery:
    """Promise anew what was given up.

    Raises
    ------
    Refused
        If it was not given up.
    """
    delivery = one_of(deliveries(by=by), id, "There is no such delivery.")
    with transaction.atomic():
        if not leasing.revive(delivery, named(by)):
            raise Refused({"delivery": "Only what was given up can be sent again."})
        auditing.record(by=by, action="delivery.again", target=delivery.id)
    delivery.refresh_from_db()
    return delivery


def deliver_next(worker: str) -> bool:
    """Send the next delivery that is due; False if there was none."""
    delivery = leasing.claim(Delivery, worker, _taken)
    if delivery is None:
        return False
    try:
        with leasing.Heartbeat(delivery):
            send = HANDLERS.get(delivery.kind)
            if send is None:
                raise GiveUp(UNKNOWN)
            send(delivery)
        _confirm(delivery)
    except TryLater as reason:
        _try_later(delivery, str(reason))
    except GiveUp as reason:
        _give_up(delivery, str(reason))
    # The outermost edge: one delivery's fault must not keep the others waiting.
    except Exception:
        log.exception("Delivery %s failed", delivery.id)
        _try_later(delivery, UNFORESEEN)
    except BaseException:
        leasing.give_back(delivery)
        raise
    return True


def _taken(delivery: Delivery) -> bool:
    # Each failure took a claim too; what is left are workers that ended while they sent.
    if delivery.claims - delivery.failures > leasing.MOST_CLAIMS:
        _bury(delivery, CUT_OFF)
        return False
    return True


@transaction.atomic
def _confirm(delivery: Delivery) -> None:
    if leasing.finish(delivery, confirmed_at=timezone.now(), problem=""):
        _audit(delivery, "delivery.confirm")


@transaction.atomic
def _try_later(delivery: Delivery, problem: str) -> None:
    again = leasing.try_again(delivery, problem, WAITS)
    if again is False:
        _bury(delivery, TOO_LONG.format(problem=problem))
    if not again:
        return
    # The rest for the same peer waits along, so that one that is away does not hold up others.
    delivery.refresh_from_db(fields=["run_after"])
    Delivery.objects.filter(
        organisation_id=delivery.organisation_id,
        kind=delivery.kind,
        destination=delivery.destination,
        status=Delivery.Status.QUEUED,
        run_after__lt=delivery.run_after,
    ).update(run_after=delivery.run_after)


@transaction.atomic
def _give_up(delivery: Delivery, problem: str) -> None:
    if leasing.held(delivery).exists():
        _bury(delivery, problem)


def _bury(delivery: Delivery, problem: str) -> None:
    leasing.bury(delivery, problem, problem=problem)
    _audit(delivery, "delivery.give_up")


def _audit(delivery: Delivery, action: str) -> None:
    auditing.record(
        by=delivery.asked_by,
        action=action,
        target=delivery.id,
        organisation=delivery.organisation,
    )
