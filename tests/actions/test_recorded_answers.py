"""What the record's fractures and treatments answer, and what they never claim."""

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from riskapp.actions.assessing import assess
from riskapp.actions.completing_answers import RECORD, TYPED, with_known
from riskapp.actions.recorded_answers import told_since
from riskapp.actions.recording_events import end_treatment, record_fracture, record_treatment
from riskapp.actions.striking_out import strike_out
from riskapp.models import Fracture, Patient
from riskapp.risk.estimate import EstimateOptions

QUICK = EstimateOptions(explain=False, interval=False)
PRIOR, NUMBER = "prior_fragility_fracture", "number_of_prior_fractures"
SITE, MONTHS = "prior_fracture_site", "prior_fracture_months_ago"
TAKEN, YEARS = "osteoporosis_treatment", "osteoporosis_treatment_years"
FIELDS = (PRIOR, NUMBER, SITE, MONTHS, TAKEN, YEARS)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: date(2026, 11, 21))


def broke(owner: User, patient: Patient, happened_on: str, **changes: Any) -> Fracture:
    told: dict[str, Any] = {"site": "forearm", "is_fragility": True} | changes
    return record_fracture(by=owner, patient=patient, happened_on=happened_on, **told)


def known(patient: Patient, left_blank: tuple[str, ...] = (), **answers: Any) -> dict[str, Any]:
    found = with_known(patient=patient, answers=answers, scans=[], left_blank=left_blank)
    return {name: value for name, value in found.answers.items() if name in FIELDS}


def test_no_recorded_fracture_is_not_known_and_never_no(owner: User, patient: Patient) -> None:
    assert known(patient) == {}
    for silent in (
        broke(owner, patient, "2024", is_fragility=False),
        broke(owner, patient, "2024", is_fragility=None),
        broke(owner, patient, "1973-05-31"),  # at 17
    ):
        assert known(patient) == {}, silent
    broke(owner, patient, "1973-06-01")  # at 18
    assert known(patient)[PRIOR] is True


@pytest.mark.parametrize(
    ("happened_on", "months"),
    [
        ("2026-11-21", 0),
        ("2026-10-22", 0),
        ("2026-10-21", 1),
        ("2024-11-21", 24),
        ("2024-11-22", 23),
        ("2026-11", 0),
        ("2024-09", 26),
        ("2024", None),
        ("2026", None),
    ],
)
def test_months_are_claimed_only_where_the_month_is_known(
    owner: User, patient: Patient, happened_on: str, months: int | None
) -> None:
    broke(owner, patient, happened_on)
    assert known(patient).get(MONTHS) == months
    assert known(patient)[SITE] == "forearm"


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        # The earlier one counts, but the latest one tells site and months.
        (["2020-01-01"], {NUMBER: 2, SITE: "forearm", MONTHS: 26}),
        (["2020"], {NUMBER: 2, SITE: "forearm", MONTHS: 26}),
        # Two bones of one fall.
        (["2024-09-20"], {NUMBER: 1, MONTHS: 26}),
        # Perhaps the same fall, perhaps later.
        (["2024-09"], {MONTHS: 26}),
        (["2024"], {}),
        (["2025"], {NUMBER: 2, SITE: "hip"}),
        (["2019", "2019"], {SITE: "forearm", MONTHS: 26}),
    ],
)
def test_the_latest_is_told_as_far_as_it_is_certain(
    owner: User, patient: Patient, others: list[str], expected: dict[str, object]
) -> None:
    broke(owner, patient, "2024-09-20")
    for happened_on in others:
        broke(owner, patient, happened_on, site="hip")
    assert known(patient) == {PRIOR: True} | expected


def test_typed_answers_win_and_take_what_belongs_to_them_along(
    owner: User, patient: Patient
) -> None:
    broke(owner, patient, "2024-09-20")
    assert known(patient, **{PRIOR: "false"}) == {PRIOR: "false"}
    assert known(patient, **{SITE: "hip"}) == {PRIOR: True, SITE: "hip"}
    # The same again, as a form sends it back.
    assert known(patient, **{PRIOR: "true", MONTHS: "26"})[NUMBER] == 1
    # Seen and set to not known.
    assert known(patient, left_blank=(PRIOR,)) == {}
    assert known(patient, left_blank=(MONTHS,)) == {PRIOR: True, NUMBER: 1, SITE: "forearm"}


def test_months_that_are_typed_complete_a_fracture_of_which_the_year_is_known(
    owner: User, patient: Patient
) -> None:
    broke(owner, patient, "2024")
    found = known(patient, **{MONTHS: "30"})
    assert found == {PRIOR: True, NUMBER: 1, SITE: "forearm", MONTHS: "30"}


def test_a_course_taken_now_is_the_treatment(owner: User, patient: Patient) -> None:
    made = record_treatment(by=owner, patient=patient, agent="denosumab", started_on="2020-03-01")
    assert known(patient) == {TAKEN: "denosumab", YEARS: 6.7}
    assert known(patient, **{TAKEN: "none"}) == {TAKEN: "none"}
    assert known(patient, left_blank=(TAKEN,)) == {}
    end_treatment(by=owner, treatment=made, ended_on="2025", why_ended="as_planned")
    assert known(patient) == {}  # not "none": another may be taken
    record_treatment(by=owner, patient=patient, agent="zoledronate", started_on="2025")
    assert known(patient) == {TAKEN: "zoledronate"}


def test_an_assessment_says_what_came_from_the_record(owner: User, patient: Patient) -> None:
    broken = broke(owner, patient, "2024-09-20")
    answers = {"population": "gb", NUMBER: "1"}
    made = assess(by=owner, patient=patient, answers=answers, options=QUICK)
    assert made.profile[MONTHS] == 26
    assert [made.provenance[name] for name in (PRIOR, NUMBER, SITE)] == [RECORD] * 3
    assert made.provenance["population"] == TYPED
    strike_out(by=owner, entry=broken)
    again = assess(by=owner, patient=patient, answers={"population": "gb"}, options=QUICK)
    assert PRIOR not in again.profile


def test_what_the_record_heard_since_makes_earlier_answers_old(
    owner: User, patient: Patient
) -> None:
    before = timezone.now()
    assert told_since(patient, before) == frozenset()
    made = broke(owner, patient, "2024")
    assert told_since(patient, before) == {PRIOR, NUMBER, SITE, MONTHS}
    assert told_since(patient, timezone.now()) == frozenset()
    strike_out(by=owner, entry=made)
    assert told_since(patient, before) == frozenset()
