"""The laboratory's pages: who sees them, what they say, and what never leaves them."""

import html
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.test import Client

from riskapp.actions import registry, run_queue, running, shadowing
from riskapp.actions.assessing import assess
from riskapp.actions.cohort_files import take_cohort
from riskapp.models import CohortFile, LaboratoryRun, Patient, RegisteredModel
from riskapp.risk.estimate import EstimateOptions
from tests.web.record import ANSWERS

pytestmark = pytest.mark.django_db
TABLE = b"age_years,sex\n70,female\n"
REPORT = {
    "people": 1207,
    "outcomes": {"hip": {"events": 54}},
    "columns": [{"label": "Grip strength", "declared_by_site": True, "known_share": 0.91}],
}
QUICK = EstimateOptions(explain=False, interval=False, verdicts=False)


def words(reply: Any) -> str:
    """What a person reads of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", reply.content.decode())).split())


@pytest.fixture
def laboratory(browser_of: Any, statistician: User) -> Client:
    browser: Client = browser_of(statistician)
    return browser


@pytest.fixture
def cohort(statistician: User) -> CohortFile:
    table = ContentFile(TABLE, name="people <b>.csv")
    cohort = take_cohort(by=statistician, table=table)
    CohortFile.objects.update(status="usable", report=REPORT)
    LaboratoryRun.objects.update(status="done")
    cohort.refresh_from_db()
    return cohort


@pytest.fixture
def run(cohort: CohortFile, statistician: User, model_folder: Path) -> LaboratoryRun:
    return run_queue.ask_for_training(
        by=statistician, cohort=cohort, engines=["cox"], model_id="clinic-9"
    )


def addresses(cohort: CohortFile, run: LaboratoryRun, model: RegisteredModel) -> list[str]:
    return [
        "/laboratory/",
        "/laboratory/compare/",
        f"/laboratory/compare/?model={model.pk}",
        f"/laboratory/cohorts/{cohort.pk}/",
        f"/laboratory/cohorts/{cohort.pk}/status/",
        f"/laboratory/runs/{run.pk}/",
        f"/laboratory/runs/{run.pk}/status/",
        f"/laboratory/models/{model.pk}/",
    ]


def test_statisticians_of_the_organisation_and_nobody_else_see_the_pages(
    laboratory: Client,
    browser_of: Any,
    owner: User,
    strange_statistician: User,
    cohort: CohortFile,
    run: LaboratoryRun,
    model: RegisteredModel,
) -> None:
    nobody, clinician, stranger = Client(), browser_of(owner), browser_of(strange_statistician)
    for address in addresses(cohort, run, model):
        assert laboratory.get(address).status_code == 200, address
        assert nobody.get(address).status_code == 302
        refused = clinician.get(address)
        assert refused.status_code == 403
        assert "Only statisticians may do this; ask your administrator" in words(refused)
        assert "too old" not in words(refused)
        theirs = stranger.get(address)
        if str(cohort.pk) in address or str(run.pk) in address or str(model.pk) in address:
            assert theirs.status_code == 404, address
        else:
            assert "clinic-1" not in theirs.content.decode()
    for address, sent in (
        (f"/laboratory/models/{model.pk}/change/", {"step": "approve", "why": "x"}),
        (f"/laboratory/models/{model.pk}/monitor/", {}),
        (f"/laboratory/models/{model.pk}/recalibrate/", {"model_id": "x"}),
        (f"/laboratory/runs/{run.pk}/cancel/", {}),
        (f"/laboratory/cohorts/{cohort.pk}/delete/", {}),
        (f"/laboratory/cohorts/{cohort.pk}/train/", {"engines": "cox", "model_id": "x"}),
    ):
        assert clinician.post(address, sent).status_code == 403
        assert stranger.post(address, sent).status_code == 404


def test_only_statisticians_are_shown_the_way(laboratory: Client, pages: Client) -> None:
    assert "/laboratory/" in laboratory.get("/").content.decode()
    assert "/laboratory/" not in pages.get("/").content.decode()


def test_a_cohort_goes_in_and_a_model_comes_out(
    laboratory: Client, model_folder: Path, statistician: User
) -> None:
    sent = laboratory.post(
        "/laboratory/cohorts/", {"cohort": ContentFile(TABLE, name="people.csv")}
    )
    page = laboratory.get(sent["Location"])
    assert "Being checked" in words(page)
    assert b"hx-get" in page.content
    CohortFile.objects.update(status="usable", report=REPORT)
    page = words(laboratory.get(sent["Location"]))
    assert "1,207" in page
    assert "Hip fracture 54" in page
    assert "Grip strength your own 91 %" in page.replace("\xa0", " ")
    refused = laboratory.post(f"{sent['Location']}train/", {"model_id": "NO"})
    assert refused.status_code == 400
    assert "Choose at least one engine." in words(refused)
    asked = laboratory.post(f"{sent['Location']}train/", {"engines": "cox", "model_id": "c-1"})
    page = words(laboratory.get(asked["Location"]))
    assert "Training of c-1" in page
    cancelled = laboratory.post(f"{asked['Location']}cancel/", follow=True)
    assert "Cancelled by statistician." in words(cancelled)


def test_a_file_that_is_no_cohort_is_refused_on_the_page(laboratory: Client) -> None:
    for sent in ({}, {"cohort": ContentFile(b"\0", name="x")}):
        reply = laboratory.post("/laboratory/cohorts/", sent)
        assert reply.status_code == 400
        assert b"error-summary" in reply.content


def test_a_second_person_approves_on_the_page(
    laboratory: Client, browser_of: Any, second_statistician: User, model: RegisteredModel
) -> None:
    address = f"/laboratory/models/{model.pk}/"
    refused = laboratory.post(f"{address}change/", {"step": "approve", "why": "Mine."})
    assert refused.status_code == 400
    assert "somebody else has to approve" in words(refused)
    second = browser_of(second_statistician)
    approved = second.post(f"{address}change/", {"step": "approve", "why": "Checked."}, follow=True)
    told = words(approved)
    assert "clinic-1 is approved now." in told
    assert "second: Checked." in told
    assert laboratory.post(f"{address}change/", {"step": "serve"}).status_code == 400


def test_a_changed_folder_is_refused_in_words_on_every_page(
    laboratory: Client, pages: Client, model: RegisteredModel, model_folder: Path
) -> None:
    (model_folder / "clinic-1" / "card.md").write_text("Excellent.")
    for address in ("/laboratory/", "/laboratory/compare/", f"/laboratory/models/{model.pk}/"):
        page = laboratory.get(address).content.decode()
        assert "was changed after it was stored" in page
        assert "Excellent." not in page
    assert "Excellent." not in pages.get("/models/").content.decode()


def test_numbers_in_shadow_stay_on_the_page_of_the_model(
    laboratory: Client,
    pages: Client,
    owner: User,
    statistician: User,
    patient: Patient,
    model: RegisteredModel,
) -> None:
    registry.change(by=statistician, model=model, step="shadow", why="To see.")
    stored = assess(by=owner, patient=patient, answers={"population": "gb"}, options=QUICK)
    assert shadowing.score_shadows()
    shown = words(laboratory.get(f"/laboratory/models/{model.pk}/"))
    assert "It answered 1 assessment silently." in shown
    for address in (
        f"/assessments/{stored.pk}/",
        f"/assessments/{stored.pk}/engines/",
        f"/assessments/{stored.pk}/decide/",
        f"/patients/{patient.pk}/",
        "/",
    ):
        for page in (pages.get(address), laboratory.get(address)):
            assert page.status_code == 200
            assert "clinic-1" not in page.content.decode(), address
    live = pages.post(f"/patients/{patient.pk}/assessments/engines/", ANSWERS)
    assert "clinic-1" not in live.content.decode()


def test_a_served_model_stands_folded_away_and_nowhere_near_the_patient(
    pages: Client,
    owner: User,
    statistician: User,
    second_statistician: User,
    patient: Patient,
    model: RegisteredModel,
) -> None:
    registry.change(by=second_statistician, model=model, step="approve", why="Checked.")
    registry.change(by=statistician, model=model, step="serve", why="Better here.")
    stored = assess(by=owner, patient=patient, answers={"population": "gb"}, engines=["cox"])
    assert stored.model_ids["cox"] == "clinic-1"
    assert not stored.estimates[1]["guidelines"]
    engines = words(pages.get(f"/assessments/{stored.pk}/engines/"))
    assert "clinic-1" in engines
    assert "cohort example" in engines
    for address in (f"/assessments/{stored.pk}/", f"/assessments/{stored.pk}/decide/"):
        assert "clinic-1" not in pages.get(address).content.decode()
    about = words(pages.get("/models/"))
    assert "clinic-1" in about
    assert "approved by second" in about


def test_a_report_is_shown_where_it_can_do_nothing(
    laboratory: Client, browser_of: Any, strange_statistician: User, run: LaboratoryRun
) -> None:
    address = f"/laboratory/runs/{run.pk}/report"
    assert laboratory.get(f"{address}/").status_code == 404
    LaboratoryRun.objects.update(status="done")
    folder = running.folder_of(run)
    folder.mkdir(parents=True)
    (folder / running.REPORT).write_text("<script>alert(1)</script><p>C 0.81</p>")
    page = laboratory.get(f"{address}/")
    assert "sandbox title=" in page.content.decode()
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    file = laboratory.get(f"{address}.html")
    assert b"".join(file.streaming_content).endswith(b"C 0.81</p>")
    policy = file["Content-Security-Policy"]
    for rule in ("sandbox", "default-src 'none'", "script-src 'none'", "frame-ancestors 'self'"):
        assert rule in policy
    assert "allow-scripts" not in policy
    assert file["X-Frame-Options"] == "SAMEORIGIN"
    assert page["X-Frame-Options"] == "DENY"
    file.close()
    assert browser_of(strange_statistician).get(f"{address}.html").status_code == 404


def test_the_page_asks_a_bounded_number_of_questions_of_the_database(
    laboratory: Client,
    statistician: User,
    model: RegisteredModel,
    cohort: CohortFile,
    run: LaboratoryRun,
    django_assert_max_num_queries: Any,
) -> None:
    for index in range(5):
        take_cohort(by=statistician, table=ContentFile(TABLE, name=f"{index}.csv"))
    with django_assert_max_num_queries(13):
        laboratory.get("/laboratory/")
    with django_assert_max_num_queries(17):
        laboratory.get(f"/laboratory/models/{model.pk}/")
    with django_assert_max_num_queries(11):
        laboratory.get(f"/laboratory/runs/{run.pk}/status/")
