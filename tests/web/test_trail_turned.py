"""What few rows of the trail are like is found by its names, wherever it lies."""

from itertools import product
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks.lists import plan_of
from riskapp.actions.managing_people import set_roles
from riskapp.actions.trail import turning
from riskapp.actions.trail.searching import Asked, search
from riskapp.actions.trail.turning import turned
from riskapp.models import Patient, Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(owner: User, colleague: User, patient: Patient, browser_of: Any) -> User:
    """Owner and colleague read a record, again and again, and the colleague may read the trail."""
    for one in (owner, colleague, owner, owner):
        browser_of(one).get(f"/patients/{patient.pk}/")
        browser_of(one).get("/trail/")
    set_roles(by=colleague, user=colleague, roles=[Role.AUDITOR])
    return colleague


@pytest.mark.parametrize("many", [1, 2, 100])
def test_pages_of_what_is_rare_hold_what_the_search_finds_in_its_order(
    auditor: User, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(turning, "LOOKED_THROUGH", 1)
    people, kinds = ("", "owner", "colleague", "stranger"), ("", "reads", "refusals", "changes")
    User.objects.create(username="stranger")
    for person, kind in product(people, kinds):
        asked = Asked(person=person, kind=kind)
        wanted = list(search(by=auditor, asked=asked).values_list("number", flat=True))
        found, below = [], None
        while True:
            page = turned(by=auditor, asked=asked, below=below, many=many)
            found += [row.number for row in page.rows]
            if (below := page.older) is None:
                break
        assert found == wanted, (person, kind)
        last = turned(by=auditor, asked=asked, above=0, many=many).rows
        assert [row.number for row in last] == wanted[-many:]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by how much there is")
def test_whose_a_patient_is_is_asked_of_refused_rows_and_not_of_everybody(auditor: User) -> None:
    with CaptureQueriesContext(connection) as asked:
        turned(by=auditor, asked=Asked())
    lines = [line for one in asked.captured_queries for line in plan_of(one["sql"])]
    assert any("riskapp_patient" in line for line in lines)
    assert not any("patients_by_day" in line for line in lines)
