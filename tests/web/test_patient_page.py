"""One patient at a glance: numbers as stored, marks where they belong, words for what is open."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from riskapp.actions.assessing import assess
from riskapp.actions.discussing import record_discussion
from riskapp.actions.errors import NotFound
from riskapp.actions.recording_events import record_fracture, record_treatment
from riskapp.actions.striking_out import strike_out
from riskapp.actions.worklist import waits_for
from riskapp.exchange.wait_wording import wait_title
from riskapp.models import Assessment, Patient, Wait
from riskapp.web.presenters.numbers import percentage
from tests.web.reading import text_of
from tests.web.test_changes_page import hip

BASE: dict[str, object] = {"population": "gb", "weight_kg": 61, "height_cm": 160}


def assessed(owner: User, patient: Patient, year: int, t_score: float) -> Assessment:
    answers = BASE | {"femoral_neck_t_score": t_score}
    made = assess(by=owner, patient=patient, answers=answers)
    Assessment.objects.filter(pk=made.pk).update(created_at=datetime(year, 3, 2, tzinfo=UTC))
    return Assessment.objects.get(pk=made.pk)


def page_of(pages: Client, patient: Patient, show: str = "") -> str:
    return text_of(pages, f"/patients/{patient.pk}/{show}")


def test_charts_and_table_hold_the_stored_numbers(
    pages: Client, owner: User, patient: Patient
) -> None:
    made = [assessed(owner, patient, 2021, -1.5), assessed(owner, patient, 2025, -2.5)]
    page = page_of(pages, patient)
    for outcome in ("major_osteoporotic", "hip"):
        told = [one.estimates[0]["outcomes"][outcome] for one in made]
        figures = [percentage(one["probability_10y"]) for one in told]
        assert f"from {figures[0]} to {figures[1]}&nbsp;%" in page
        for one, figure in zip(told, figures, strict=True):
            lower, upper = (percentage(end) for end in one["interval_95"])
            assert f'{figure} <span class="interval-words">({lower} to {upper})</span>' in page
    assert "Ten-year probability, 2021 to 2025" in page
    assert page.count('class="dot hip"') == 2
    assert page.count('class="line hip"') == 1


def test_estimates_that_were_counted_in_another_way_are_not_joined(
    pages: Client, owner: User, patient: Patient
) -> None:
    first = assessed(owner, patient, 2021, -1.5)
    assessed(owner, patient, 2025, -2.5)
    first.estimates[0]["model_id"] = "evidence-of-old"
    first.save()
    page = page_of(pages, patient)
    assert 'class="line hip"' not in page
    assert "moves the numbers by itself" in page


def test_a_fracture_is_marked_and_told_until_it_is_struck_out(
    pages: Client, owner: User, patient: Patient
) -> None:
    assessed(owner, patient, 2021, -1.5)
    broken = record_fracture(
        by=owner, patient=patient, site="forearm", happened_on="2024-09", is_fragility=True
    )
    page = page_of(pages, patient)
    assert page.count('class="event"') == 1
    assert "Forearm fracture: September 2024." in page
    assert '<time datetime="2024-09">Sep 2024</time>' in page
    strike_out(by=owner, entry=broken)
    page = page_of(pages, patient)
    assert 'class="event"' not in page
    assert "1 struck out as entered in error" in page


def test_the_latest_answer_says_its_category_and_whether_it_was_discussed(
    pages: Client, owner: User, patient: Patient
) -> None:
    assert "Not yet discussed" not in page_of(pages, patient)
    made = assessed(owner, patient, timezone.localdate().year, -2.5)
    own = made.estimates[0]["guidelines"][0]
    page = page_of(pages, patient)
    assert own["name"] in page
    assert own["at_least"].capitalize() in page
    assert "Not yet discussed with the patient." in page
    talk = record_discussion(by=owner, assessment=made, decided="start_treatment")
    assert "start treatment." in page_of(pages, patient).split('class="actions"')[0]
    strike_out(by=owner, entry=talk)
    assert "Not yet discussed with the patient." in page_of(pages, patient)


def test_density_is_drawn_with_what_it_lost(pages: Client, owner: User, patient: Patient) -> None:
    hip(patient, owner, "2021-03-12", 0.627)
    hip(patient, owner, "2023-03-12", 0.580)
    page = page_of(pages, patient)
    assert "neck <strong>\u22127.5&nbsp;%</strong> since 2021, beyond scan precision" in page
    assert "Left femoral neck from 0.627 to 0.580 g/cm²" in page
    assert 'class="line hip"' in page
    assert "are not joined" not in page
    hip(patient, owner, "2025-03-12", 0.580, maker="ge_lunar")
    page = page_of(pages, patient)
    assert "Neck and hip: 12 Mar 2023 and 12 Mar 2025 are not joined." in page


@pytest.mark.parametrize(
    ("show", "kinds"),
    [
        ("", {"assessment", "scan", "fracture", "treatment"}),
        ("?show=scans", {"scan"}),
        ("?show=fractures", {"fracture"}),
        ("?show=treatments", {"treatment"}),
        ("?show=nonsense", {"assessment", "scan", "fracture", "treatment"}),
    ],
)
def test_the_story_is_newest_first_and_can_be_narrowed(
    pages: Client, owner: User, patient: Patient, show: str, kinds: set[str]
) -> None:
    hip(patient, owner, "2021-03-12", 0.627)
    assessed(owner, patient, 2025, -2.5)
    record_fracture(by=owner, patient=patient, site="hip", happened_on="1998")
    record_treatment(
        by=owner, patient=patient, agent="denosumab", started_on="2022",
        ended_on="2023", why_ended="own_wish",
    )  # fmt: skip
    page = page_of(pages, patient, show)
    told = re.findall(r'<li class="is-(\w+)"><time datetime="([\d-]+)"', page)
    assert {kind for kind, _ in told} == kinds
    days = [day for _, day in told]
    assert days == sorted(days, reverse=True)


def test_a_page_of_many_events_asks_the_database_as_often_as_one_of_few(
    pages: Client, owner: User, patient: Patient, django_assert_num_queries: Any
) -> None:
    def happens(year: int) -> None:
        record_fracture(by=owner, patient=patient, site="hip", happened_on=str(year))
        record_treatment(by=owner, patient=patient, agent="other", started_on=str(year))

    happens(2015)
    with CaptureQueriesContext(connection) as of_few:
        page_of(pages, patient)
    for year in range(2016, 2025):
        happens(year)
    with django_assert_num_queries(len(of_few)):
        page_of(pages, patient)
    assert len(of_few) < 30  # one reading is recorded


def test_next_says_what_the_worklist_waits_for_with_a_link(
    pages: Client, owner: User, patient: Patient
) -> None:
    def waiting() -> str:
        return page_of(pages, patient).split('id="next-heading"')[1].split("</section>")[0]

    assert f'<a href="/patients/{patient.pk}/assessments/new/">Assessment</a>' in waiting()
    made = assessed(owner, patient, 2025, -2.5)
    assert f'<a href="/assessments/{made.pk}/decide/">Result to discuss</a>' in waiting()
    record_fracture(
        by=owner, patient=patient, site="forearm", happened_on="2025-09", is_fragility=True
    )
    assert "Fracture, no treatment" in waiting()
    assert "September 2025" in waiting()
    for wait in Wait.objects.filter(row__patient=patient):
        assert wait_title(wait.reason) in waiting()


def test_next_is_of_the_record_s_own_clinic(owner: User, stranger: User, patient: Patient) -> None:
    assert waits_for(by=owner, patient=patient)
    with pytest.raises(NotFound):
        waits_for(by=stranger, patient=patient)
