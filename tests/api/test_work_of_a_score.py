"""What a score asks of the database, counted; and that nothing of it is remembered too long."""

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from riskapp.actions.registering import issue_token
from riskapp.models import ApiToken, AuditEvent, Membership, Organisation
from riskapp.models.api_token import digest_of
from riskapp.models.composed import Composed
from tests.api.conftest import caller

SCORES = "/api/v1/scores/"
ANN = {"population": "gb", "age_years": 70, "sex": "female", "femoral_neck_t_score": -2.5}
QUICK = {"profile": ANN, "explain": False, "interval": False}


def test_a_score_asks_the_database_five_times(
    as_owner: Any, django_assert_num_queries: Any
) -> None:
    as_owner.post(SCORES, QUICK)
    rows = AuditEvent.objects.count()
    # The key with its account, models with columns of the site, and three for the trail.
    with django_assert_num_queries(5):
        assert as_owner.post(SCORES, QUICK).status_code == 200
    assert AuditEvent.objects.count() == rows + 1


def test_a_revoked_key_is_refused_at_once(as_owner: Any, owner: User) -> None:
    assert as_owner.post(SCORES, QUICK).status_code == 200
    issue_token(by=owner, label="test")  # ends the one before
    assert as_owner.post(SCORES, QUICK).status_code == 401
    program = caller(owner)
    assert program.post(SCORES, QUICK).status_code == 200
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert program.post(SCORES, QUICK).status_code == 401


def test_what_an_account_may_and_where_it_belongs_count_at_once(as_owner: Any, owner: User) -> None:
    assert as_owner.post(SCORES, QUICK).status_code == 200
    Membership.objects.filter(user=owner).update(roles=["auditor"])
    assert as_owner.post(SCORES, QUICK).status_code == 403
    elsewhere = Organisation.objects.create(name="Elsewhere")
    Membership.objects.filter(user=owner).update(roles=["clinician"], organisation=elsewhere)
    assert as_owner.post(SCORES, QUICK).status_code == 200
    assert AuditEvent.objects.latest("number").organisation_id == elsewhere.id
    Membership.objects.filter(user=owner).delete()
    refused = as_owner.post(SCORES, QUICK)
    assert (refused.status_code, "no organisation" in refused.json()["detail"]) == (403, True)


def test_one_reader_for_all_requests_keeps_nothing_of_them(as_owner: Any) -> None:
    first = as_owner.post(SCORES, QUICK | {"engines": ["evidence"], "clamp_age": True})
    refused = as_owner.post(SCORES, {"engines": [], "explain": "perhaps", "colour": 1})
    assert set(refused.json()["errors"]) == {"colour"}
    again = as_owner.post(SCORES, QUICK)
    assert (first.status_code, again.json()) == (200, first.json())


def _of_owner() -> Composed[ApiToken]:
    return Composed(
        lambda: ApiToken.objects.filter(revoked_at=None).select_related("user__membership"),
        "digest",
    )


def test_a_query_that_was_composed_once_gives_what_filtering_gives(owner: User) -> None:
    key, other = (issue_token(by=owner, label=label) for label in ("one", "other"))
    asked = _of_owner()
    for each in (key, other, key):
        (found,) = asked.by(digest_of(each))
        expected = ApiToken.objects.select_related("user__membership").get(digest=digest_of(each))
        for one, twin in (
            (found, expected),
            (found.user, expected.user),
            (found.user.membership, expected.user.membership),
        ):
            names = [field.attname for field in one._meta.concrete_fields]
            assert [getattr(one, name) for name in names] == [getattr(twin, name) for name in names]
            assert (one._state.db, one._state.adding) == (twin._state.db, twin._state.adding)
    assert asked.by("no digest") == []


def test_it_is_asked_in_one_query_with_what_it_joins(
    owner: User, django_assert_num_queries: Any
) -> None:
    key, asked = issue_token(by=owner, label="one"), _of_owner()
    with django_assert_num_queries(1):
        (found,) = asked.by(digest_of(key))
        assert found.user.membership.organisation_id
    User.objects.filter(pk=owner.pk).update(username="renamed")
    (found,) = asked.by(digest_of(key))
    assert found.user.username == "renamed"


def test_it_takes_several_values_and_comparisons(owner: User) -> None:
    issue_token(by=owner, label="one")
    asked = Composed(lambda: ApiToken.objects.filter(revoked_at=None), "user", "created_at__gt")
    now = timezone.now()
    hour = timedelta(hours=1)
    assert len(asked.by(owner.pk, now - hour)) == 1
    assert asked.by(owner.pk, now + hour) == asked.by(owner.pk + 1, now - hour) == []


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_by_its_own_connection(owner: User) -> None:
    key, asked = issue_token(by=owner, label="one"), _of_owner()
    found: list[str] = []

    def ask() -> None:
        found.extend(token.user.username for token in asked.by(digest_of(key)))
        connection.close()

    ask()
    for _ in range(2):
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    assert found == [owner.username] * 3


def test_an_answer_without_copies_says_what_it_said(as_owner: Any) -> None:
    (result,) = as_owner.post(SCORES, QUICK).json()["results"]
    verdicts = result["estimates"][0]["guidelines"]
    fired = [rule for one in verdicts for rule in (*one["rules"], *one["remarks"])]
    assert fired
    assert {tuple(rule) for rule in fired} == {("says", "source", "mark")}
    assert list(verdicts[0])[-1] == "wording"
    assert json.loads(json.dumps(verdicts)) == verdicts
