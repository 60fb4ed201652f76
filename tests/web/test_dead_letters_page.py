"""An administrator sees what failed for good, has it tried again, or lets it go and says why."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions.dead_letters import SAY_WHY
from riskapp.actions.delivering import HANDLERS, GiveUp, deliver_next, handler, promise
from riskapp.actions.finding import organisation_of
from riskapp.models import DeadLetter, Delivery, Membership, Role

pytestmark = pytest.mark.django_db
NOT_DONE, SETTLE = "/not-done/", "/not-done/settle/"


def administrator(user: User) -> Client:
    Membership.objects.filter(user=user).update(roles=[Role.ADMINISTRATOR])
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))
    return client


@pytest.fixture
def letter(owner: User) -> DeadLetter:
    @handler("test")
    def refuse(delivery: Delivery) -> None:
        raise GiveUp("The archive <b>refuses</b> it.")

    where = organisation_of(owner)
    promise(by=owner, organisation=where, kind="test", destination="there", target="1")
    deliver_next("host-a:1:1")
    del HANDLERS["test"]
    return DeadLetter.objects.get()


def test_it_says_what_happened_when_and_how_often(owner: User, letter: DeadLetter) -> None:
    page = administrator(owner).get(NOT_DONE).content.decode()
    assert "Sending something to another program" in page
    assert "The archive &lt;b&gt;refuses&lt;/b&gt; it." in page
    assert f'value="{letter.id}"' in page


def test_what_is_chosen_is_tried_again(owner: User, letter: DeadLetter) -> None:
    sent = {"letter": [str(letter.id)], "do": "retry"}
    page = administrator(owner).post(SETTLE, sent, follow=True).content.decode()
    assert "1 is tried again." in page
    assert "Nothing is open." in page
    assert Delivery.objects.get().status == Delivery.Status.QUEUED


def test_letting_go_asks_why(owner: User, letter: DeadLetter) -> None:
    client = administrator(owner)
    sent = {"letter": [str(letter.id)], "do": "drop"}
    assert SAY_WHY in client.post(SETTLE, sent, follow=True).content.decode()
    page = client.post(SETTLE, sent | {"because": "It moved."}, follow=True).content.decode()
    assert "1 is let go." in page
    letter.refresh_from_db()
    assert (letter.outcome, letter.because) == ("dropped", "It moved.")


def test_nothing_chosen_and_nonsense_change_nothing(owner: User, letter: DeadLetter) -> None:
    client = administrator(owner)
    assert "Choose at least one." in client.post(SETTLE, {}, follow=True).content.decode()
    sent = {"letter": ["nonsense", "\x00"], "do": "drop", "because": "x"}
    assert "settled meanwhile" in client.post(SETTLE, sent, follow=True).content.decode()
    assert DeadLetter.objects.get().outcome == ""


def test_others_neither_see_nor_settle_it(
    owner: User, stranger: User, client: Client, letter: DeadLetter
) -> None:
    client.force_login(owner)  # a clinician
    assert client.get(NOT_DONE).status_code == 403
    assert client.post(SETTLE, {"letter": [str(letter.id)]}).status_code == 403
    strange = administrator(stranger)
    assert str(letter.id) not in strange.get(NOT_DONE).content.decode()
    strange.post(SETTLE, {"letter": [str(letter.id)], "do": "drop", "because": "mine now"})
    letter.refresh_from_db()
    assert letter.outcome == ""
