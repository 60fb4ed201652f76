"""Links to the patient's page: who makes them, how long they live, and what they leave behind."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.signing import Signer
from django.utils import timezone

from riskapp.actions import sharing
from riskapp.actions.assessing import assess
from riskapp.actions.errors import NotFound, Refused
from riskapp.actions.sharing import OpenedTooOften, links_of, open_shared, revoke, share
from riskapp.models import Assessment, AuditEvent, Patient, SharedLink
from riskapp.risk.estimate import EstimateOptions
from tests.trail import done


@pytest.fixture
def assessment(owner: User, patient: Patient) -> Assessment:
    quick = EstimateOptions(explain=False, interval=False, verdicts=False)
    return assess(by=owner, patient=patient, answers={"population": "gb"}, options=quick)


def everything_stored() -> str:
    """All that the database holds of links and of what was done, as text."""
    rows = [*SharedLink.objects.values_list(), *AuditEvent.objects.values_list()]
    return repr(rows)


def test_a_link_opens_its_page_and_leaves_no_secret_behind(
    owner: User, assessment: Assessment
) -> None:
    made = share(by=owner, assessment=assessment)
    secret, signature = made.token.split(".")
    assert len(secret) * 6 >= 128  # bits: every letter of the secret stands for six
    link = open_shared(made.token)
    assert (link, link.assessment) == (made.link, assessment)
    assert secret not in everything_stored()
    assert signature not in everything_stored()
    link.refresh_from_db()
    assert (link.openings, link.last_opened_at is None) == (1, False)
    told = done(target=str(link.id))
    assert told == [("share.create", "owner"), ("share.open", "whoever held the link")]
    organisations = set(AuditEvent.objects.values_list("organisation_id", flat=True))
    assert organisations == {assessment.patient.organisation_id}


def test_no_two_links_are_alike(owner: User, assessment: Assessment) -> None:
    tokens = {share(by=owner, assessment=assessment).token for _ in range(20)}
    assert len(tokens) == 20


@pytest.mark.parametrize("days", [0, 91, -1])
def test_a_life_outside_the_limits_is_refused(
    owner: User, assessment: Assessment, days: int
) -> None:
    with pytest.raises(Refused, match="from 1 to 90 whole days"):
        share(by=owner, assessment=assessment, days=days)
    assert not SharedLink.objects.exists()


@pytest.mark.parametrize("days", [1, 14, 90])
def test_a_link_ends_at_its_end_and_not_before(
    owner: User, assessment: Assessment, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    made = share(by=owner, assessment=assessment, days=days)
    end = made.link.created_at + timedelta(days=days)
    just_before = end - timedelta(microseconds=1)
    monkeypatch.setattr(sharing.timezone, "now", lambda: just_before)
    open_shared(made.token)
    monkeypatch.setattr(sharing.timezone, "now", lambda: end)
    with pytest.raises(NotFound):
        open_shared(made.token)
    assert made.link.state_at(end) == "expired"


def test_a_revoked_link_is_closed_at_once_and_stays_so(owner: User, assessment: Assessment) -> None:
    first, second = (share(by=owner, assessment=assessment) for _ in range(2))
    assert revoke(by=owner, assessment=assessment, id=first.link.id) == 1
    with pytest.raises(NotFound):
        open_shared(first.token)
    open_shared(second.token)
    assert revoke(by=owner, assessment=assessment, id=first.link.id) == 0
    assert revoke(by=owner, assessment=assessment) == 1
    with pytest.raises(NotFound):
        open_shared(second.token)
    assert AuditEvent.objects.filter(action="share.revoke").count() == 2


def test_what_is_revoked_while_it_opens_stays_closed(
    owner: User, assessment: Assessment, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = share(by=owner, assessment=assessment)

    def revoked_meanwhile(link: SharedLink, now: object) -> str:
        revoke(by=owner, assessment=assessment)
        return SharedLink.State.OPEN

    monkeypatch.setattr(SharedLink, "state_at", revoked_meanwhile)
    with pytest.raises(NotFound, match="leads nowhere"):
        open_shared(made.token)
    assert not AuditEvent.objects.filter(action="share.open").exists()


def test_whatever_is_not_the_link_leads_nowhere_and_counts_nothing(
    owner: User, assessment: Assessment
) -> None:
    made = share(by=owner, assessment=assessment)
    secret, signature = made.token.split(".")
    other = share(by=owner, assessment=assessment).token.split(".")[1]
    elsewhere = Signer(salt="another", sep=".").sign(secret)
    for wrong in (
        secret,
        f"{secret}.",
        f"{secret}.{signature[:-1]}",
        f"{secret}.{other}",
        f"{secret[:-1]}{'y' if secret[-1] == 'x' else 'x'}.{signature}",
        elsewhere,
        f".{signature}",
        made.token.swapcase(),
        "\udcff",
        "a" * 10_000,
        str(made.link.id),
        made.link.token_sha256,
    ):
        with pytest.raises(NotFound, match="leads nowhere"):
            open_shared(wrong)
    made.link.refresh_from_db()
    assert made.link.openings == 0
    assert not AuditEvent.objects.filter(action="share.open").exists()


def test_other_organisations_have_no_part_in_it(
    owner: User, colleague: User, stranger: User, assessment: Assessment
) -> None:
    link = share(by=owner, assessment=assessment).link
    assert list(links_of(by=colleague, assessment=assessment)) == [link]
    refused: list[Any] = [
        lambda: share(by=stranger, assessment=assessment),
        lambda: links_of(by=stranger, assessment=assessment),
        lambda: revoke(by=stranger, assessment=assessment, id=link.id),
        lambda: revoke(by=owner, assessment=assessment, id=uuid4()),
    ]
    for deed in refused:
        with pytest.raises(NotFound):
            deed()
    link.refresh_from_db()
    assert link.state_at(timezone.now()) == "open"


def test_asking_twice_makes_one_link_and_tells_its_token_once(
    owner: User, assessment: Assessment
) -> None:
    id = uuid4()
    first = share(by=owner, assessment=assessment, id=id)
    again = share(by=owner, assessment=assessment, id=id)
    assert (again.link, again.token) == (first.link, "")
    assert SharedLink.objects.count() == 1


def test_a_link_is_opened_as_often_as_people_do_and_no_more(
    owner: User, assessment: Assessment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "MOST_OPENINGS", 3)
    made, other = (share(by=owner, assessment=assessment) for _ in range(2))
    for _ in range(3):
        open_shared(made.token)
    with pytest.raises(OpenedTooOften):
        open_shared(made.token)
    open_shared(other.token)
    monkeypatch.setattr(sharing, "WITHIN", timedelta(0))
    assert open_shared(made.token).openings == 3


def test_what_has_no_page_is_not_shared(owner: User, assessment: Assessment) -> None:
    with pytest.raises(Refused, match="not offered in that language"):
        share(by=owner, assessment=assessment, language="xx")
    assessment.estimates = []
    assessment.save()
    with pytest.raises(Refused, match="no page to share"):
        share(by=owner, assessment=assessment)
