"""The recall list, its download, and what was found on CT by chance."""

import csv
import io
import re
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions.recording_events import record_fracture
from riskapp.actions.registering import register_patient
from riskapp.exchange.recall_csv import COLUMNS, recall_csv
from riskapp.models import AuditEvent, Patient, RadiologyStep, Scan
from riskapp.risk.recall_rules import RecallRule, recall_rules
from tests.web.reading import text_of
from tests.web.scans import CT, result, stored_scan

pytestmark = pytest.mark.django_db
SCORE = result()["measurements"][0]


def number(name: str, value: float) -> dict[str, Any]:
    return SCORE | {"name": name, "region": "L1", "value": value}


def ct(patient: Patient, owner: User, hu: float, *codes: str, grade: int = 0) -> Scan:
    quality = [{"code": code, "severity": "warning", "advice": "Look."} for code in codes]
    numbers = [
        number("trabecular_attenuation_hu", hu),
        number("vertebral_deformity_grade", grade),
    ]
    return stored_scan(patient, owner, kind=CT, quality=quality, measurements=numbers)


@pytest.fixture
def broken(owner: User, patient: Patient) -> Patient:
    record_fracture(
        by=owner, patient=patient, site="hip", happened_on="2026-01-05", is_fragility=True
    )
    return patient


def test_each_entry_names_its_rule_and_its_source(pages: Client, broken: Patient) -> None:
    page = text_of(pages, "/recall/")
    assert "Fracture, no treatment" in page
    assert "hip, 5 January 2026" in page
    assert "treatment started within 16 weeks" in page
    assert "PMC7280347" in page
    assert "27 Apr 2026" in page  # 16 weeks later


def test_what_was_not_seen_in_its_source_is_marked(pages: Client, broken: Patient) -> None:
    page = text_of(pages, "/recall/")
    rules = page.split("All rules and their sources")[1]
    assert rules.count("recalled, to be confirmed.") == sum(
        rule.mark == "recalled, to be confirmed" for rule in recall_rules().values()
    )


def test_the_list_is_filtered_by_link(pages: Client, broken: Patient) -> None:
    assert broken.name in text_of(pages, "/recall/?for=fracture&within=overdue")
    assert "Nobody is due" in text_of(pages, "/recall/?for=treatment")
    assert "Nobody is due" in text_of(pages, "/recall/?q=zzz")
    for wrong in ("for=nonsense", "within=nonsense"):
        assert pages.get(f"/recall/?{wrong}").status_code == 404


def test_the_download_holds_no_name_and_is_recorded(pages: Client, broken: Patient) -> None:
    reply = pages.get("/recall/recall.csv?within=all")
    assert reply.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(reply.content.decode())))
    assert {row["record_number"] for row in rows} == {broken.record_number}
    assert broken.name not in reply.content.decode()
    assert AuditEvent.objects.get(action="recall.download").detail == {"rows": len(rows)}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", " =", "\uff1d"])
def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless(start: str) -> None:
    cell = f"{start}cmd|' /C calc'!A0"
    read = list(csv.reader(io.StringIO(recall_csv([(cell, 5, "scan")]))))
    assert read == [list(COLUMNS), [f"'{cell}", "5", "scan"]]


def test_a_record_number_from_the_record_is_harmless_too(pages: Client, owner: User) -> None:
    evil = register_patient(
        by=owner, name="E", record_number="=1+1", date_of_birth=date(1950, 1, 1), sex="male"
    )
    record_fracture(by=owner, patient=evil, site="hip", happened_on="2024")
    assert "\r\n'=1+1," in pages.get("/recall/recall.csv").content.decode()


@pytest.mark.parametrize(
    ("start", "months", "weeks", "due"),
    [
        (date(2024, 1, 31), 1, 0, date(2024, 2, 29)),
        (date(2023, 12, 15), 1, 0, date(2024, 1, 15)),
        (date(2024, 2, 29), 12, 0, date(2025, 2, 28)),
        (date(2026, 1, 5), 0, 16, date(2026, 4, 27)),
    ],
)
def test_a_rule_counts_calendar_months(start: date, months: int, weeks: int, due: date) -> None:
    rule = RecallRule(code="r", says="-", source="-", mark="seen", months=months, weeks=weeks)
    assert rule.due_on(start) == due


def test_low_attenuation_is_listed_with_its_threshold_and_disclaimer(
    pages: Client, patient: Patient, owner: User
) -> None:
    scan = ct(patient, owner, 104)
    page = text_of(pages, "/recall/ct/")
    assert "At or below 110&nbsp;HU" in page
    assert "not a diagnosis" in page
    assert "10.7326/0003-4819-158-8-201304160-00003" in page
    assert f'href="/scans/{scan.pk}/#incidental"' in page


@pytest.mark.parametrize(
    ("hu", "below", "listed"),
    [(110, 110, True), (111, 110, False), (160, 160, True), (161, 160, False)],
)
def test_the_thresholds_are_the_published_ones(
    pages: Client, patient: Patient, owner: User, hu: float, below: int, listed: bool
) -> None:
    ct(patient, owner, hu)
    assert (patient.name in text_of(pages, f"/recall/ct/?below={below}")) is listed
    assert pages.get("/recall/ct/?below=120").status_code == 404


def test_attenuation_is_not_judged_where_the_conditions_do_not_hold(
    pages: Client, patient: Patient, owner: User
) -> None:
    ct(patient, owner, 90, "contrast_medium")
    page = text_of(pages, "/recall/ct/")
    assert "Not held against thresholds" in page
    assert "Contrast medium was given" in page
    assert "At or below 110" not in page


def test_a_finding_goes_to_a_radiologist_and_comes_back(
    pages: Client, patient: Patient, owner: User
) -> None:
    scan = ct(patient, owner, 150, grade=2)
    assert "Nothing done yet" in text_of(pages, f"/scans/{scan.pk}/")
    address = f"/scans/{scan.pk}/radiology/"
    for step, state in (("passed_on", "passed_on"), ("reported", "closed")):
        reply = pages.post(address, {"step": step})
        assert reply.headers["Location"] == f"/scans/{scan.pk}/#incidental"
        assert patient.name in text_of(pages, f"/recall/ct/?state={state}")
        assert patient.name not in text_of(pages, "/recall/ct/")
        assert AuditEvent.objects.filter(action=f"scan.radiology.{step}").count() == 1
    assert "Radiologist has reported" in text_of(pages, f"/scans/{scan.pk}/")


def test_a_step_that_is_sent_twice_is_written_once(
    pages: Client, patient: Patient, owner: User
) -> None:
    scan = ct(patient, owner, 90)
    address = f"/scans/{scan.pk}/radiology/"

    def form() -> dict[str, str]:
        return {"save_as": re.findall(r'name="save_as" value="([^"]*)"', page_of(scan))[0]}

    def page_of(scan: Scan) -> str:
        return text_of(pages, f"/scans/{scan.pk}/")

    def send(*sent: dict[str, str]) -> list[str]:
        for one in sent:
            pages.post(address, one)
        return [one.step for one in RadiologyStep.objects.order_by("pk")]

    first, second = form(), form()
    assert send(*[first | {"step": "passed_on"}] * 6) == ["passed_on"]
    # Another form, or none, that says what the last step says already.
    assert send(second | {"step": "passed_on"}, {"step": "passed_on"}) == ["passed_on"]
    assert send(second | {"step": "reported"}) == ["passed_on", "reported"]
    # The first form once more, late; and a new one, which means it.
    assert send(first | {"step": "passed_on"}) == ["passed_on", "reported"]
    assert send(form() | {"step": "passed_on"}) == ["passed_on", "reported", "passed_on"]
    reasons = [{"step": "no_action", "because": because} for because in ("Known.", "Treated.")]
    assert send(*reasons)[3:] == ["no_action"] * 2
    assert AuditEvent.objects.filter(action__startswith="scan.radiology").count() == 5


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"step": "no_action"}, "Say why no action is needed."),
        ({"step": "no_action", "because": "x" * 501}, "At most 500 characters fit."),
        ({"step": "nonsense"}, "Say what was done."),
        ({}, "Say what was done."),
    ],
)
def test_a_step_without_its_reason_is_refused(
    pages: Client, patient: Patient, owner: User, sent: dict[str, str], sentence: str
) -> None:
    scan = ct(patient, owner, 90)
    reply = pages.post(f"/scans/{scan.pk}/radiology/", sent, follow=True)
    assert sentence in reply.content.decode()
    assert not RadiologyStep.objects.exists()


def test_a_stranger_neither_sees_nor_marks_a_finding(
    browser_of: Any, stranger: User, patient: Patient, owner: User
) -> None:
    scan = ct(patient, owner, 90)
    other = browser_of(stranger)
    assert patient.name not in text_of(other, "/recall/ct/")
    assert other.post(f"/scans/{scan.pk}/radiology/", {"step": "reported"}).status_code == 404
