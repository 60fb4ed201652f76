"""The outbox: nothing promised is lost, sent forever or sent twice by accident."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone

from riskapp.actions import leasing
from riskapp.actions.delivering import (
    HANDLERS,
    WAITS,
    GiveUp,
    TryLater,
    deliver_next,
    deliveries,
    handler,
    promise,
    send_again,
)
from riskapp.actions.errors import NotFound, Refused
from riskapp.actions.finding import organisation_of
from riskapp.models import AuditEvent, Delivery

pytestmark = pytest.mark.django_db
WORKER = "host-a:1:1"


class Peer:
    """A peer that answers as it is told to."""

    def __init__(self) -> None:
        self.received: list[str] = []
        self.answer: Exception | None = None

    def take(self, delivery: Delivery) -> None:
        if self.answer:
            raise self.answer
        self.received.append(delivery.target)


@pytest.fixture
def peer() -> Iterator[Peer]:
    one = Peer()
    handler("test")(one.take)
    yield one
    del HANDLERS["test"]


def _promise(by: User, target: str, destination: str = "there") -> Delivery:
    where = organisation_of(by)
    return promise(by=by, organisation=where, kind="test", destination=destination, target=target)


def _waiting_is_over() -> None:
    Delivery.objects.update(run_after=timezone.now() - timedelta(seconds=1))


def test_what_is_promised_is_sent_once_and_told(owner: User, peer: Peer) -> None:
    delivery = _promise(owner, "one")
    assert _promise(owner, "one") == delivery
    assert deliver_next(WORKER)
    assert not deliver_next(WORKER)
    delivery.refresh_from_db()
    assert (peer.received, delivery.state) == (["one"], "confirmed")
    assert delivery.confirmed_at is not None
    assert AuditEvent.objects.filter(action="delivery.confirm", target=delivery.id).exists()


def test_a_peer_that_is_away_is_tried_for_a_week_and_then_given_up(owner: User, peer: Peer) -> None:
    delivery = _promise(owner, "one")
    peer.answer = TryLater("It does not answer.")
    for _ in range(len(WAITS) + 1):
        delivery.refresh_from_db()
        assert delivery.state == "waiting"
        _waiting_is_over()
        assert deliver_next(WORKER)
    delivery.refresh_from_db()
    assert sum(WAITS, timedelta()) > timedelta(days=7)
    assert delivery.state == "given up"
    assert "It does not answer." in delivery.problem


def test_others_for_a_peer_that_is_away_wait_along_and_those_for_another_do_not(
    owner: User, peer: Peer
) -> None:
    first, second, elsewhere = (
        _promise(owner, "one"),
        _promise(owner, "two"),
        _promise(owner, "three", "elsewhere"),
    )
    peer.answer = TryLater("It does not answer.")
    assert deliver_next(WORKER)
    peer.answer = None
    assert deliver_next(WORKER)
    assert not deliver_next(WORKER)
    assert peer.received == ["three"]
    for one in (first, second, elsewhere):
        one.refresh_from_db()
    assert first.run_after == second.run_after
    assert elsewhere.state == "confirmed"


def test_what_a_peer_will_never_take_is_told_and_can_be_sent_again(owner: User, peer: Peer) -> None:
    delivery = _promise(owner, "one")
    with pytest.raises(Refused):
        send_again(by=owner, id=delivery.id)
    peer.answer = GiveUp("It refuses such files.")
    assert deliver_next(WORKER)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.problem) == ("given up", "It refuses such files.")
    peer.answer = None
    assert send_again(by=owner, id=delivery.id).state == "waiting"
    assert deliver_next(WORKER)
    assert peer.received == ["one"]


def test_a_fault_of_ours_is_tried_again_and_quotes_nothing(owner: User, peer: Peer) -> None:
    delivery = _promise(owner, "one")
    peer.answer = ValueError("Anna Ahlgren")
    assert deliver_next(WORKER)
    delivery.refresh_from_db()
    assert delivery.state == "waiting"
    assert "Anna" not in delivery.problem


def test_a_worker_that_is_stopped_gives_it_back(owner: User, peer: Peer) -> None:
    delivery = _promise(owner, "one")
    peer.answer = SystemExit()  # type: ignore[assignment]
    with pytest.raises(SystemExit):
        deliver_next(WORKER)
    peer.answer = None
    assert deliver_next("host-b:1:1")
    delivery.refresh_from_db()
    assert delivery.state == "confirmed"


def test_what_ends_its_workers_is_given_up(owner: User, peer: Peer) -> None:
    delivery = _promise(owner, "one")
    Delivery.objects.update(claims=leasing.MOST_CLAIMS + 3, failures=3)
    assert not deliver_next(WORKER)
    delivery.refresh_from_db()
    assert delivery.state == "given up"
    Delivery.objects.update(status="queued", claims=leasing.MOST_CLAIMS + 2, failures=3)
    assert deliver_next(WORKER)


def test_another_organisation_sees_none_of_it(owner: User, stranger: User, peer: Peer) -> None:
    delivery = _promise(owner, "one")
    assert not deliveries(by=stranger).exists()
    with pytest.raises(NotFound):
        send_again(by=stranger, id=delivery.id)


def test_the_worker_sends_what_is_due_and_stops_when_idle(owner: User, peer: Peer) -> None:
    _promise(owner, "one")
    call_command("deliver", until_idle=True)
    assert peer.received == ["one"]
