"""When a fracture waits: until a treatment or a decision settles it, and something new happens."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from riskapp.actions.assessing import assess
from riskapp.actions.discussing import record_discussion
from riskapp.actions.looking import look_again
from riskapp.actions.recording_events import end_treatment, record_fracture, record_treatment
from riskapp.models import Discussion, Fracture, Patient, Wait
from tests.actions.test_waiting import QUICK, answered, today, waits

ABOUT_FRACTURES = {"untreated", "not_started", "cut_short"}


@pytest.mark.parametrize(("is_fragility", "expected"), [(True, True), (None, True), (False, False)])
def test_a_fracture_of_which_it_is_not_known_waits_as_a_fragile_one(
    owner: User, patient: Patient, is_fragility: bool | None, expected: bool
) -> None:
    record_fracture(
        by=owner, patient=patient, site="hip", happened_on="2024", is_fragility=is_fragility
    )
    assert ("untreated" in waits(patient)) is expected


@pytest.mark.parametrize(("happened_on", "expected"), [("1973-05-31", False), ("1973-06-01", True)])
def test_what_broke_in_childhood_waits_for_nothing(
    owner: User, patient: Patient, happened_on: str, expected: bool
) -> None:
    record_fracture(by=owner, patient=patient, site="forearm", happened_on=happened_on)
    assert ("untreated" in waits(patient)) is expected
    assert ("fracture_scan" in waits(patient)) is expected


@pytest.mark.parametrize(
    ("days", "knew", "expected"), [(84, "", True), (85, "", False), (84, "true", False)]
)
def test_a_new_fracture_that_an_assessment_did_not_hear_of_asks_for_another(
    owner: User, patient: Patient, days: int, knew: str, expected: bool
) -> None:
    answers = {"population": "gb", "prior_fragility_fracture": knew}
    assess(by=owner, patient=patient, answers=answers, options=QUICK)
    day = (today() - timedelta(days=days)).isoformat()
    record_fracture(by=owner, patient=patient, site="hip", happened_on=day)
    assert ("new_fracture" in waits(patient)) is expected


@pytest.mark.parametrize(
    ("decided", "expected"),
    [("no_treatment_now", []), ("refer", []), ("start_treatment", ["not_started"])],
)
def test_a_fracture_waits_until_it_was_decided_about(
    owner: User, patient: Patient, decided: str, expected: list[str]
) -> None:
    record_fracture(by=owner, patient=patient, site="hip", happened_on="2024")
    record_discussion(by=owner, assessment=answered(owner, patient), decided=decided)
    assert [reason for reason in waits(patient) if reason in ABOUT_FRACTURES] == expected


@pytest.mark.parametrize(
    ("decided", "expected"),
    [
        ("no_treatment_now", []),
        ("refer", []),
        ("start_treatment", ["not_started"]),
        ("decide_later", ["untreated"]),
        ("measure_first", ["untreated"]),
    ],
)
def test_a_new_assessment_does_not_undo_what_was_decided_about_a_fracture(
    owner: User, patient: Patient, decided: str, expected: list[str]
) -> None:
    record_fracture(by=owner, patient=patient, site="hip", happened_on="2024")
    record_discussion(by=owner, assessment=answered(owner, patient), decided=decided)
    again = answered(owner, patient)
    assert [reason for reason in waits(patient) if reason in ABOUT_FRACTURES] == expected
    assert "not_discussed" in waits(patient)  # the new result itself is
    record_discussion(by=owner, assessment=again, decided="refer")
    assert not ABOUT_FRACTURES.intersection(waits(patient))


def test_another_fracture_waits_whatever_was_decided_about_the_first(
    owner: User, patient: Patient
) -> None:
    record_fracture(by=owner, patient=patient, site="forearm", happened_on="2024")
    record_discussion(by=owner, assessment=answered(owner, patient), decided="refer")
    record_fracture(by=owner, patient=patient, site="hip", happened_on=str(today()))
    assert waits(patient)[0] == "untreated"


@pytest.mark.parametrize("decided", ["no_treatment_now", "refer", "decide_later"])
@pytest.mark.parametrize("days", [0, 1])
def test_a_fracture_waits_again_from_the_day_that_was_agreed(
    owner: User, patient: Patient, decided: str, days: int
) -> None:
    record_fracture(by=owner, patient=patient, site="hip", happened_on="2024")
    review_on = today() + timedelta(days=days)
    made = answered(owner, patient)
    record_discussion(by=owner, assessment=made, decided=decided, review_on=review_on)
    answered(owner, patient)  # neither ends it nor brings it forward
    assert ("untreated" in waits(patient)) is (days == 0)
    assert "review_agreed" in waits(patient)
    wait = Wait.objects.get(row=patient.pk, reason="untreated")
    assert (wait.listed_from, wait.due_on) == (review_on, review_on)


@pytest.mark.parametrize(
    ("ended_on", "why_ended", "expected"),
    [
        ("2024-06-30", "side_effects", True),
        ("2024-06-30", "not_known", True),
        ("2024-06-30", "as_planned", False),
        ("2024-06-30", "switched", False),
        ("2027-02-27", "own_wish", True),  # a day before its published length
        ("2027-02-28", "own_wish", False),
    ],
)
def test_a_fracture_waits_again_where_its_treatment_was_cut_short(
    owner: User,
    patient: Patient,
    monkeypatch: pytest.MonkeyPatch,
    ended_on: str,
    why_ended: str,
    expected: bool,
) -> None:
    later = timezone.now().replace(year=2028)
    monkeypatch.setattr(timezone, "now", lambda: later)
    record_fracture(by=owner, patient=patient, site="hip", happened_on="2024-01-01")
    course = record_treatment(
        by=owner, patient=patient, agent="zoledronate", started_on="2024-02-28"
    )
    assert not ABOUT_FRACTURES.intersection(waits(patient))
    end_treatment(by=owner, treatment=course, ended_on=ended_on, why_ended=why_ended)
    assert ("cut_short" in waits(patient)) is expected
    record_treatment(by=owner, patient=patient, agent="denosumab", started_on="2027-03")
    assert not ABOUT_FRACTURES.intersection(waits(patient))


@pytest.mark.parametrize(("days", "expected"), [(0, False), (1, True)])
def test_what_was_decided_before_a_treatment_was_stopped_settles_nothing(
    owner: User, patient: Patient, days: int, expected: bool
) -> None:
    record_fracture(by=owner, patient=patient, site="hip", happened_on="2024")
    record_treatment(
        by=owner,
        patient=patient,
        agent="zoledronate",
        started_on=str(today() - timedelta(days=400)),
        ended_on=str(today()),
        why_ended="side_effects",
    )
    record_discussion(by=owner, assessment=answered(owner, patient), decided="refer")
    now = timezone.now()
    Fracture.objects.update(recorded_at=now - timedelta(days=2))
    Discussion.objects.update(at=now - timedelta(days=days))
    look_again(patient.id)
    assert ("cut_short" in waits(patient)) is expected
