"""Fractures, treatments and discussions: recorded once, struck out, never changed."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from riskapp.actions.assessing import assess
from riskapp.actions.discussing import FARTHEST_YEARS, record_discussion
from riskapp.actions.errors import NotFound, Refused
from riskapp.actions.recording_events import end_treatment, record_fracture, record_treatment
from riskapp.actions.striking_out import strike_out
from riskapp.models import Assessment, AuditEvent, Discussion, Fracture, Patient, Treatment
from riskapp.risk.estimate import EstimateOptions

DENOSUMAB = {"agent": "denosumab", "started_on": "2020-03"}


@pytest.fixture
def assessment(owner: User, patient: Patient) -> Assessment:
    quick = EstimateOptions(explain=False, interval=False)
    return assess(by=owner, patient=patient, answers={"population": "gb"}, options=quick)


def fracture(owner: User, patient: Patient, **changes: Any) -> Fracture:
    told = {"site": "forearm", "happened_on": "2024-09-20"} | changes
    return record_fracture(by=owner, patient=patient, **told)


def dated(written: str) -> str:
    """The words for days around now made dates, in the test itself: a run may pass midnight."""
    today = timezone.localdate()
    words = {
        "today": today,
        "tomorrow": today + timedelta(days=1),
        "this year": today.year,
        "next year": today.year + 1,
    }
    return str(words.get(written, written))


def test_a_fracture_keeps_how_closely_its_date_is_known(owner: User, patient: Patient) -> None:
    for written, first in (
        ("2024-09-20", date(2024, 9, 20)),
        ("2024-09", date(2024, 9, 1)),
        ("2024", date(2024, 1, 1)),
    ):
        made = fracture(owner, patient, happened_on=written)
        assert (made.happened_on, str(made.happened)) == (first, written)
        assert made.is_fragility is None
        assert AuditEvent.objects.filter(action="fracture.record", target=made.id).exists()


def test_today_is_the_day_where_the_site_stands(
    owner: User, patient: Patient, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime(2026, 11, 22, 21, tzinfo=UTC)  # ten in the morning of the 23rd in Auckland
    monkeypatch.setattr(timezone, "now", lambda: now)
    with pytest.raises(Refused, match="future"):
        fracture(owner, patient, happened_on="2026-11-23")
    settings.TIME_ZONE = "Pacific/Auckland"
    assert fracture(owner, patient, happened_on="2026-11-23").happened_on == date(2026, 11, 23)


# The patient was born on 1 June 1955.
@pytest.mark.parametrize("written", ["today", "this year", "1955-06-01", "1955-06", "1955"])
def test_a_date_of_the_life_so_far_is_taken(owner: User, patient: Patient, written: str) -> None:
    written = dated(written)
    assert str(fracture(owner, patient, happened_on=written).happened) == written


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("tomorrow", "in the future"),
        ("next year", "in the future"),
        ("1955-05-31", "before the patient’s birth"),
        ("1955-05", "before the patient’s birth"),
        ("1954", "before the patient’s birth"),
        ("", "such as 2024-09-20"),
        ("20.09.2024", "such as 2024-09-20"),
        ("2024-9", "such as 2024-09-20"),
        ("2023-02-29", "no day of the calendar"),
        ("2024-13", "no day of the calendar"),
        ("0000", "no day of the calendar"),
    ],
)
def test_any_other_date_is_refused(
    owner: User, patient: Patient, written: str, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence) as refused:
        fracture(owner, patient, happened_on=dated(written))
    assert list(refused.value.by_field) == ["happened_on"]
    assert not Fracture.objects.exists()


def test_everything_wrong_is_said_at_once(owner: User, patient: Patient) -> None:
    with pytest.raises(Refused) as refused:
        fracture(owner, patient, site="skull", happened_on="soon", circumstance="?")
    assert set(refused.value.by_field) == {"site", "happened_on", "circumstance"}
    with pytest.raises(Refused) as refused:
        record_treatment(by=owner, patient=patient, agent="none", started_on="", ended_on="x")
    assert set(refused.value.by_field) == {"agent", "started_on", "ended_on", "why_ended"}


@pytest.mark.parametrize("ended_on", ["2020-03-01", "2020-03", "2020", "2024-05-06"])
def test_a_course_ends_no_sooner_than_it_started(
    owner: User, patient: Patient, ended_on: str
) -> None:
    made = record_treatment(
        by=owner, patient=patient, **DENOSUMAB, ended_on=ended_on, why_ended="as_planned"
    )
    assert str(made.ended) == ended_on
    assert not made.is_current


@pytest.mark.parametrize("ended_on", ["2020-02-29", "2020-02", "2019"])
def test_an_end_before_the_start_is_refused(owner: User, patient: Patient, ended_on: str) -> None:
    with pytest.raises(Refused, match="before it starts"):
        record_treatment(
            by=owner, patient=patient, **DENOSUMAB, ended_on=ended_on, why_ended="as_planned"
        )
    assert not Treatment.objects.exists()


def test_a_course_taken_now_is_ended_once(owner: User, patient: Patient) -> None:
    made = record_treatment(by=owner, patient=patient, **DENOSUMAB)
    assert made.is_current
    for ended_on, sentence in (("", "at least the year"), ("2020-02", "before it starts")):
        with pytest.raises(Refused, match=sentence):
            end_treatment(by=owner, treatment=made, ended_on=ended_on, why_ended="switched")
    with pytest.raises(Refused, match="why it ended"):
        end_treatment(by=owner, treatment=made, ended_on="2022", why_ended="")
    ended = end_treatment(by=owner, treatment=made, ended_on="2022", why_ended="switched")
    assert (str(ended.ended), ended.why_ended) == ("2022", "switched")
    with pytest.raises(Refused, match="recorded already"):
        end_treatment(by=owner, treatment=made, ended_on="2023", why_ended="switched")
    assert AuditEvent.objects.filter(action="treatment.end").count() == 1


def test_what_was_struck_out_stays_and_counts_no_more(
    owner: User, colleague: User, patient: Patient, assessment: Assessment
) -> None:
    entries = [
        fracture(owner, patient),
        record_treatment(by=owner, patient=patient, **DENOSUMAB),
        record_discussion(by=owner, assessment=assessment, decided="decide_later"),
    ]
    for entry in entries:
        struck = strike_out(by=colleague, entry=entry)
        assert (struck.stands, struck.struck_out_by) == (False, colleague)
        again = strike_out(by=owner, entry=entry)
        assert (again.struck_out_at, again.struck_out_by) == (struck.struck_out_at, colleague)
        assert type(entry).objects.count() == 1
        assert not type(entry).objects.standing().exists()
    assert AuditEvent.objects.filter(action__endswith=".strike_out").count() == len(entries)
    with pytest.raises(Refused, match="struck out"):
        end_treatment(by=owner, treatment=entries[1], ended_on="2022", why_ended="switched")


def test_strangers_find_nothing_to_write_to(
    owner: User, stranger: User, patient: Patient, assessment: Assessment
) -> None:
    made = fracture(owner, patient)
    course = record_treatment(by=owner, patient=patient, **DENOSUMAB)
    before = AuditEvent.objects.count()
    for attempt in (
        lambda: fracture(stranger, patient),
        lambda: record_treatment(by=stranger, patient=patient, **DENOSUMAB),
        lambda: end_treatment(by=stranger, treatment=course, ended_on="2022", why_ended="other"),
        lambda: record_discussion(by=stranger, assessment=assessment, decided="refer"),
        lambda: strike_out(by=stranger, entry=made),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert AuditEvent.objects.count() == before


def test_a_discussion_looks_ahead_but_not_too_far(owner: User, assessment: Assessment) -> None:
    today = timezone.localdate()
    years = today.year + FARTHEST_YEARS
    # Ten years after 29 February is no day: the last that fits is the 28th.
    leap = (today.month, today.day) == (2, 29)
    farthest = today.replace(year=years, day=28) if leap else today.replace(year=years)
    for day in (None, today, farthest):
        record_discussion(by=owner, assessment=assessment, decided="decide_later", review_on=day)
    assert Discussion.objects.count() == 3
    too_far, too_late = farthest + timedelta(days=1), today - timedelta(days=1)
    for day, sentence in ((too_late, "in the past"), (too_far, "10 years ahead")):
        with pytest.raises(Refused, match=sentence):
            record_discussion(
                by=owner, assessment=assessment, decided="decide_later", review_on=day
            )
    with pytest.raises(Refused, match="what was decided"):
        record_discussion(by=owner, assessment=assessment, decided="")
