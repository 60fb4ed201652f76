"""The worklist and the recall list over JSON say what the pages say."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions.assessing import assess
from riskapp.actions.recording_events import record_fracture, record_treatment
from riskapp.models import Patient
from riskapp.risk.estimate import EstimateOptions
from tests.web.reading import text_of

ANSWERS = {"population": "gb", "femoral_neck_t_score": "-2.2"}


@pytest.fixture
def pages(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


def test_the_page_shows_what_the_worklist_answers(
    as_owner: Any, pages: Client, owner: User, patient: Patient
) -> None:
    record_fracture(by=owner, patient=patient, site="forearm", happened_on="2026-09")
    made = assess(
        by=owner, patient=patient, answers=ANSWERS, options=EstimateOptions(explain=False)
    )
    told = as_owner.get("/api/v1/worklist/").json()
    assert (told["count"], told["counts"]["fracture"], told["counts"]["everyone"]) == (1, 1, 1)
    (entry,) = told["results"]
    assert entry["waits_for"]["reason"] == "untreated"
    outcomes = made.estimates[0]["outcomes"]
    assert entry["hip_10y"] == outcomes["hip"]["probability_10y"]
    assert entry["major_osteoporotic_10y"] == outcomes["major_osteoporotic"]["probability_10y"]
    page = text_of(pages, "/")
    for said in (
        entry["patient"]["name"],
        entry["waits_for"]["title"],
        entry["waits_for"]["note"],
        f"{100 * entry['major_osteoporotic_10y']:.1f}",
        f"{100 * entry['major_osteoporotic_10y_lower']:.1f} to ",
        f"hip {100 * entry['hip_10y']:.1f}",
        entry["guideline"]["category"].capitalize(),
        *(f"from {percent}" for percent, _ in entry["guideline"]["lines"]),
    ):
        assert said in page


def test_the_page_shows_what_the_recall_list_answers(
    as_owner: Any, pages: Client, owner: User, patient: Patient
) -> None:
    record_fracture(by=owner, patient=patient, site="forearm", happened_on="2026-09")
    record_treatment(by=owner, patient=patient, agent="zoledronate", started_on="2020")
    told = as_owner.get("/api/v1/recall/?within=all").json()
    reasons = {entry["reason"] for entry in told["results"]}
    assert reasons == {"treatment_review", "scan_on_treatment", "fracture_scan"}
    page = text_of(pages, "/recall/?within=all")
    for entry in told["results"]:
        for said in (entry["title"], entry["note"], entry["rule"]["says"]):
            assert said in page
    assert sum(told["counts"].values()) == told["count"] == page.count('<th scope="row">')


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("worklist/?waits=everyone&order=highest&limit=1", 200),
        ("worklist/?waits=nonsense", 400),
        ("worklist/?order=nonsense", 400),
        ("recall/?due_for=scan&within=overdue&search=a", 200),
        ("recall/?due_for=nonsense", 400),
        ("recall/?within=nonsense", 400),
    ],
)
def test_a_list_that_is_not_there_is_refused_in_a_sentence(
    as_owner: Any, asked: str, status: int
) -> None:
    reply = as_owner.get(f"/api/v1/{asked}")
    assert reply.status_code == status
    if status == 400:
        assert "is one of" in reply.json()["detail"]


def test_strangers_see_nobody(as_stranger: Any, owner: User, patient: Patient) -> None:
    record_fracture(by=owner, patient=patient, site="hip", happened_on="2024")
    for name in ("worklist/?waits=everyone", "recall/?within=all"):
        assert as_stranger.get(f"/api/v1/{name}").json()["results"] == []
