"""Every kind of PDF against PDF/UA-1, by the rules of a checker that others wrote."""

import io
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from PIL import Image
from pypdf import PdfReader, PdfWriter

from imaging.result import Picture, ScanMeasurement
from riskapp.actions.assessing import assess
from riskapp.actions.registering import register_patient
from riskapp.exchange.languages import languages
from riskapp.exchange.scan_page import Sheet, page_pdf
from riskapp.models import Assessment
from riskapp.web.report import make_report
from tests.web.lay_people import PEOPLE
from tests.web.scans import result
from tests.web.test_report import EVERYTHING, elements, pictured_scan

page = pytest.importorskip("page", reason="The checker of PDF/UA has no build for this machine.")

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sheets_laid_out_once")]
RULES = 104  # as many as this version of the checker has; fewer would say less
# Each branch of the patient's words once, and each language that needs no font of its own.
READ_IN = dict(zip(PEOPLE, ["en", "de", "fr", "es", "pt"] * 3, strict=False))


def failures(pdf: bytes) -> list[str]:
    found = page.validate_pdf_bytes(pdf, profile="ua1")
    assert found.rules.total >= RULES
    return [f"{one.rule_id}: {one.message}" for one in found.failures]


def assessed(owner: User, answers: dict[str, Any], with_scan: bool = False) -> Assessment:
    told = {"population": "gb"} | answers
    sex, age = told.pop("sex", "female"), int(told.pop("age_years", 72))
    patient = register_patient(
        by=owner,
        name="Mary Example",
        record_number="R1",
        date_of_birth=date(timezone.localdate().year - age, 1, 1),
        sex=sex,
    )
    scans = [pictured_scan(patient, owner)] if with_scan else []
    return assess(by=owner, patient=patient, answers=told, scans=scans)


@pytest.mark.parametrize("name", PEOPLE)
def test_the_report_of_anybody_keeps_every_rule(name: str, owner: User, settings: Any) -> None:
    settings.DRAFT_LANGUAGES = frozenset(languages())
    made = assessed(owner, PEOPLE[name])
    printed = make_report(by=owner, id=made.pk, language=READ_IN[name])
    assert failures(printed.content) == []
    assert len(PdfReader(io.BytesIO(printed.content)).pages) == 3


def test_the_report_with_everything_known_and_a_scan_keeps_every_rule(owner: User) -> None:
    made = assessed(owner, EVERYTHING, with_scan=True)
    for part in ("", "clinical", "patient"):
        assert failures(make_report(by=owner, id=made.pk, part=part).content) == []


@pytest.mark.parametrize("pictures", [0, 1, 4])
def test_the_sheet_about_a_scan_keeps_every_rule(pictures: int) -> None:
    drawn = io.BytesIO()
    Image.new("L", (160, 300), 90).save(drawn, "PNG")
    shown = [
        Picture(
            name=f"picture-{at}",
            png=drawn.getvalue(),
            width=160,
            height=300,
            slice_index=at or None,
            title=f"Picture {at}",
        )
        for at in range(pictures)
    ]
    measured = ScanMeasurement.from_json(result())
    assert failures(page_pdf(measured, shown, Sheet("Scan 1", True, "Trabecula"))) == []


def test_the_checker_notices_what_is_taken_away(owner: User) -> None:
    made = assessed(owner, {"femoral_neck_t_score": -2.4})
    whole = make_report(by=owner, id=made.pk).content
    for broken in ("/MarkInfo", "/Lang", "/Alt", "/Scope"):
        writer = PdfWriter(clone_from=io.BytesIO(whole))
        top = writer.root_object
        top.pop(broken, None)
        for one in elements(top["/StructTreeRoot"]):
            one.pop(broken, None)
            if broken == "/Scope" and one.get("/S") == "/TH":
                one.pop("/A", None)
                one.pop("/ID", None)
        spoiled = io.BytesIO()
        writer.write(spoiled)
        assert failures(spoiled.getvalue()), broken
