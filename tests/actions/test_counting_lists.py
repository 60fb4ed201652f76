"""How many rows a list has is the same number whichever way it is counted."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from riskapp.actions import listing
from riskapp.actions.assessing import assess
from riskapp.actions.fhir.query import Moment, Query
from riskapp.actions.fhir.searching import search
from riskapp.actions.registering import register_patient
from riskapp.actions.restricting import restrict
from riskapp.models import Assessment, Patient
from riskapp.risk.estimate import EstimateOptions
from tests.fhir.calls import ANSWERS

QUICK = EstimateOptions(explain=False, interval=False, verdicts=False)
PREFIXES = ("eq", "ne", "gt", "ge", "lt", "le", "sa", "eb")


@pytest.fixture
def assessed(owner: User, colleague: User, stranger: User, patient: Patient) -> datetime:
    """Six of one patient, two of a restricted one, three elsewhere; when the third was made."""
    day = timezone.now() - timedelta(days=10)
    people = {
        number: register_patient(
            by=by, name="B", record_number=number, date_of_birth=patient.date_of_birth, sex="female"
        )
        for number, by in (("A-2", owner), ("B-1", stranger))
    }
    _made(owner, patient, 6, day)
    _made(owner, people["A-2"], 2, day)
    _made(stranger, people["B-1"], 3, day)
    restrict(by=colleague, patient=people["A-2"], team=[])
    return day + timedelta(days=2)


def _made(by: User, patient: Patient, many: int, day: datetime) -> None:
    for i in range(many):
        one = assess(by=by, patient=patient, answers=ANSWERS, options=QUICK)
        Assessment.objects.filter(pk=one.pk).update(created_at=day + timedelta(days=i))


@pytest.mark.parametrize("many", [1, 4, 10, 20, 35, listing.MANY])
def test_assessments_are_counted_alike(
    owner: User, assessed: datetime, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MANY", many)
    assert listing.assessments(by=owner).count() == 6
    assert listing.scans(by=owner).count() == 0
    span = (assessed, assessed + timedelta(microseconds=1))
    for name in ("date", "_lastUpdated"):
        found = {
            prefix: search(
                by=owner, kind="Provenance", query=Query(asked=((name, [Moment(prefix, span)]),))
            ).total
            for prefix in PREFIXES
        }
        assert found == {
            "eq": 1, "ne": 5, "gt": 3, "ge": 4, "lt": 2, "le": 3, "sa": 3,
            "eb": 2 if name == "date" else 3,
        }, name  # fmt: skip
