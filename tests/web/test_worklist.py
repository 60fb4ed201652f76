"""The worklist's page: tabs, search, order, what is drawn, and what stays out of it."""

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions.assessing import assess
from riskapp.actions.discussing import record_discussion
from riskapp.actions.recording_events import record_fracture
from riskapp.actions.registering import register_patient
from riskapp.actions.remembering import remember
from riskapp.models import Patient, WorklistRow
from riskapp.models.search_word import write_words
from riskapp.risk.estimate import EstimateOptions
from riskapp.web.presenters.lists import days_in_words, due_in_words, waited_in_words
from tests.web.reading import text_of

pytestmark = pytest.mark.django_db
ANSWERS = {"population": "gb", "femoral_neck_t_score": "-2.2", "prior_fragility_fracture": "false"}
QUICK = EstimateOptions(explain=False)


@pytest.fixture
def other(owner: User) -> Patient:
    """Somebody of whom everything is said."""
    other = register_patient(
        by=owner, name="Bea Other", record_number="B-1", date_of_birth=date(1944, 5, 1), sex="male"
    )
    made = assess(by=owner, patient=other, answers=ANSWERS, options=QUICK)
    record_discussion(by=owner, assessment=made, decided="no_treatment_now")
    return other


def names(page: str) -> list[str]:
    """Who is listed, in order."""
    return [part.split("<")[0] for part in page.split(" data-row>")[1:]]


def test_who_waits_for_nothing_is_found_by_the_tab_and_by_the_search(
    pages: Client, patient: Patient, other: Patient
) -> None:
    assert names(text_of(pages, "/")) == ["Ada Example"]
    everyone = ["Ada Example", "Bea Other"]
    assert sorted(names(text_of(pages, "/?waits=everyone"))) == everyone
    assert names(text_of(pages, "/?q=other")) == ["Bea Other"]
    assert names(text_of(pages, "/?q=ex&waits=assess")) == ["Ada Example"]


def test_tabs_count_and_keep_the_search(pages: Client, patient: Patient, other: Patient) -> None:
    other.name = "Bea Exeter"
    other.save()
    write_words(other)
    page = text_of(pages, "/?q=ex&order=latest")
    assert 'href="?waits=assess&amp;q=ex&amp;order=latest">To assess <span class="soft">1<' in page
    assert 'aria-current="page">Everyone <span class="soft">2<' in page
    assert "Low on CT" not in page.split("<table")[0]


@pytest.mark.parametrize(
    ("order", "first"), [("longest", "Ada"), ("latest", "Bea"), ("highest", "Bea")]
)
def test_the_order_is_chosen_by_link(
    pages: Client, patient: Patient, other: Patient, order: str, first: str
) -> None:
    assert names(text_of(pages, f"/?waits=everyone&order={order}"))[0].startswith(first)


@pytest.mark.parametrize("asked", ["waits=nonsense", "order=nonsense", "waits=%00"])
def test_a_list_that_is_not_there_is_not_found(pages: Client, asked: str) -> None:
    assert pages.get(f"/?{asked}").status_code == 404


def test_a_row_draws_the_interval_and_the_guidelines_lines_and_says_both(
    pages: Client, patient: Patient, owner: User
) -> None:
    made = assess(by=owner, patient=patient, answers=ANSWERS, options=QUICK)
    page = text_of(pages, "/")
    # NOGG 2024 at 70 and over: 20.3 % and 1.6 times that, on a scale of 0 to 50 %.
    assert 'class="threshold" x1="40.60%"' in page
    assert 'class="threshold" x1="65.00%"' in page
    assert "NOGG 2024: high from 20.3\u00a0%, very high from 32.5\u00a0%" in page
    major = made.estimates[0]["outcomes"]["major_osteoporotic"]["probability_10y"]
    assert f'data-heading="Major, %">{100 * major:.1f}<' in page


def test_the_readers_own_guideline_is_the_one_that_is_shown(
    pages: Client, patient: Patient, owner: User
) -> None:
    assess(by=owner, patient=patient, answers=ANSWERS, options=QUICK)
    remember(by=owner, guideline="bhof-2022")
    page = text_of(pages, "/")
    assert '<th scope="col">BHOF 2022</th>' in page
    assert "BHOF 2022: high from 20.0\u00a0%" in page
    assert "20.3" not in page


def test_what_would_decide_is_asked_for_by_name(
    pages: Client, patient: Patient, owner: User
) -> None:
    made = assess(by=owner, patient=patient, answers={"population": "gb"}, options=QUICK)
    page = text_of(pages, "/")
    assert "Inputs missing" in page
    assert f'href="/patients/{patient.pk}/assessments/new/?from={made.pk}">Fill in<' in page


def test_a_fracture_names_its_bone_and_its_day(
    pages: Client, patient: Patient, owner: User
) -> None:
    record_fracture(by=owner, patient=patient, site="forearm", happened_on="2026-09")
    assert "forearm, September 2026; not known if low-trauma" in text_of(pages, "/")


def test_a_row_that_is_missing_is_written_when_the_list_is_asked_for(
    pages: Client, patient: Patient
) -> None:
    WorklistRow.objects.all().delete()
    assert names(text_of(pages, "/")) == ["Ada Example"]


def test_an_empty_installation_is_guided_to_its_first_answer(pages: Client) -> None:
    page = text_of(pages, "/")
    for step in ("Register the first patient", "Add a scan, or fill in without one", "Read the"):
        assert step in page
    assert 'href="/patients/new/"' in page
    assert "<table" not in page


def test_forty_rows_stay_light(
    pages: Client, owner: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(41):
        register_patient(
            by=owner, name=f"P {number}", record_number=f"N-{number}",
            date_of_birth=date(1950, 1, 1), sex="male",
        )  # fmt: skip
    with django_assert_max_num_queries(18):
        page = text_of(pages, "/")
    assert len(names(page)) == 40
    assert len(page) < 150_000
    assert len(names(text_of(pages, "/?page=2"))) == 1


@pytest.mark.parametrize(
    ("days", "words"),
    [(1, "1 day"), (13, "13 days"), (14, "2 weeks"), (83, "11 weeks"), (84, "2 months"),
     (730, "23 months"), (731, "2 years")],
)  # fmt: skip
def test_times_are_as_exact_as_they_matter(days: int, words: str) -> None:
    assert days_in_words(days).replace("\u00a0", " ") == words


def test_days_to_come_and_past_are_said_differently() -> None:
    today = date(2026, 11, 21)
    told = [due_in_words(day, today) for day in (date(2026, 11, 20), today, date(2026, 11, 22))]
    assert [one.replace("\u00a0", " ") for one in told] == [
        "1 day overdue",
        "due today",
        "due in 1 day",
    ]
    assert waited_in_words(today, today) == "today"
