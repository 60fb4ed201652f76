"""The report: what stands on its pages, how many they are, and whether they can be listened to."""

import io
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext
from PIL import Image
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject

from riskapp.actions.assessing import assess
from riskapp.actions.confirming import confirm
from riskapp.actions.offering import NO_LANGUAGE
from riskapp.actions.reporting import NOT_TRANSLATED
from riskapp.actions.stored_bytes import keep
from riskapp.exchange.languages import languages
from riskapp.exchange.printing import NO_FONT, CannotPrint, Part, printed
from riskapp.exchange.wording import SAFETY
from riskapp.models import Assessment, AuditEvent, Patient, Scan
from tests.web.scans import stored_scan

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sheets_laid_out_once")]
# Everything that a record can hold; what goes together is given together.
EVERYTHING = {
    "population": "gb", "weight_kg": 61.5, "height_cm": 160, "prior_fragility_fracture": True,
    "number_of_prior_fractures": 3, "prior_fracture_site": "vertebra",
    "prior_fracture_months_ago": 7, "current_smoker": True,
    "glucocorticoids": True, "rheumatoid_arthritis": True, "secondary_osteoporosis": True,
    "alcohol_3_or_more_units_daily": True, "glucocorticoid_dose_mg_daily": 12.5,
    "glucocorticoid_duration_months": 14, "femoral_neck_bmd_g_cm2": 0.561,
    "total_hip_bmd_g_cm2": 0.61, "lumbar_spine_bmd_g_cm2": 0.71, "dxa_manufacturer": "hologic",
    "dxa_date": "2016-03-01", "trabecular_bone_score": 1.05, "lumbar_texture_score": 0.7,
    "l1_attenuation_hu": 82, "l1_vbmd_mg_cm3": 71, "hip_axis_length_mm": 118,
    "falls_last_year": 4, "type_2_diabetes_years": 17, "postmenopausal": True,
    "osteoporosis_treatment": "oral_bisphosphonate", "osteoporosis_treatment_years": 6,
}  # fmt: skip


def pictured_scan(patient: Patient, owner: User) -> Scan:
    """A confirmed scan with a picture that can be drawn upon."""
    scan = stored_scan(patient, owner)
    confirm(by=owner, scan=scan, number=1)
    png = io.BytesIO()
    Image.new("L", (160, 300), 128).save(png, "PNG")
    scan.versions.get().pictures.update(sha256=keep([png.getvalue()])[0])
    return scan


def text_of(pdf: PdfReader) -> str:
    """The words of all pages, however lines and spaces break them."""
    return " ".join(" ".join(page.extract_text().split()) for page in pdf.pages)


def read(pages: Client, assessment: Assessment, part: str = "", **asked: str) -> PdfReader:
    told = asked | ({"part": part} if part else {})
    reply = pages.get(f"/assessments/{assessment.pk}/report.pdf", told)
    assert reply.status_code == 200
    assert reply["Content-Type"] == "application/pdf"
    assert reply["Cache-Control"] == "private, no-store"
    return PdfReader(io.BytesIO(reply.content))


def elements(of: Any) -> Iterator[DictionaryObject]:
    """Every element of a structure tree, from the top."""
    of = of.get_object()
    if isinstance(of, ArrayObject):
        for one in of:
            yield from elements(one)
    elif isinstance(of, DictionaryObject):
        yield of
        if "/K" in of:
            yield from elements(of["/K"])


def fonts(pdf: PdfReader) -> Iterator[DictionaryObject]:
    for page in pdf.pages:
        for font in page["/Resources"]["/Font"].values():
            for below in font.get_object()["/DescendantFonts"]:
                yield below.get_object()["/FontDescriptor"].get_object()


def test_who_cannot_see_it_hears_all_of_it(pages: Client, owner: User, patient: Patient) -> None:
    scan = pictured_scan(patient, owner)
    given = {"population": "gb", "femoral_neck_t_score": -2.4, "current_smoker": True}
    made = assess(by=owner, patient=patient, answers=given, scans=[scan])
    pdf = read(pages, made)
    top = pdf.trailer["/Root"]
    assert top["/MarkInfo"]["/Marked"]
    assert top["/ViewerPreferences"]["/DisplayDocTitle"]
    assert top["/Lang"] == "en-GB"
    assert pdf.metadata is not None
    assert pdf.metadata.title == "Fracture risk report"
    assert re.search(rb"pdfuaid:part(=\"|>)1\b", top["/Metadata"].get_object().get_data())
    said = list(elements(top["/StructTreeRoot"]))
    kinds = [one.get("/S") for one in said]
    figures = [one for one in said if one.get("/S") == "/Figure"]
    assert len(figures) >= 5  # two scales, the scan, and the people twice
    for figure in figures:
        assert len(figure["/Alt"]) > 20
    assert any("regions outlined: L1, L2, L3, L4" in one["/Alt"] for one in figures)
    # The guideline's lines at 71 are drawn and told, as on the screen.
    assert any(re.search(r"NOGG 2024: high risk from \d+\.\d", one["/Alt"]) for one in figures)
    tables = [one for one in said if one.get("/S") == "/Table"]
    assert tables
    for table in tables:
        assert "/TH" in [one.get("/S") for one in elements(table)]
    for kind in ("/H1", "/H2", "/P", "/Caption", "/L", "/LI"):
        assert kind in kinds
    assert [one["/Title"] for one in pdf.outline if not isinstance(one, list)][0] == (
        "Fracture risk in 10 years"
    )
    assert all({"/FontFile2", "/FontFile3"} & set(font) for font in fonts(pdf))
    numbers_are_the_interfaces(pages, made, text_of(pdf))
    the_patients_pages_name_nobody(pages, made, pdf, patient)


def numbers_are_the_interfaces(pages: Client, made: Assessment, words: str) -> None:
    told = pages.get(f"/api/v1/assessments/{made.pk}/").json()
    for outcome in told["estimates"][0]["outcomes"].values():
        low, high = outcome["interval_95"]
        assert f"{100 * outcome['probability_10y']:.1f} %" in words
        assert f"{100 * low:.1f} to {100 * high:.1f} %" in words
    for one in told["estimates"][0]["explanation"]["contributions"]:
        assert f"{abs(100 * one['probability']['major_osteoporotic']):.1f}" in words
    assert told["estimates"][0]["model_id"] in words
    # Without spaces: a line may end at a hyphen.
    assert "".join(told["narrative"].split()) in "".join(words.split())
    assert "simulated" not in words


def the_patients_pages_name_nobody(
    pages: Client, made: Assessment, both: PdfReader, patient: Patient
) -> None:
    clinical, *others = (" ".join(page.extract_text().split()) for page in both.pages)
    assert patient.name in clinical
    assert "1 June 1955" in clinical
    assert clinical.count(SAFETY) == 1
    alone = read(pages, made, "patient")
    assert text_of(alone) == " ".join(others)
    metadata = repr(alone.metadata) + alone.trailer["/Root"]["/Metadata"].get_data().decode()
    for secret in (patient.name, patient.record_number, "1955", str(made.pk), str(patient.pk)):
        assert secret not in text_of(alone) + metadata
    assert "None of them takes a bone medicine" in text_of(alone)
    assert len(alone.pages) == 2


@pytest.mark.parametrize("given", [EVERYTHING, {"population": "us"}])
def test_the_clinical_page_is_one_page_for_any_record(
    pages: Client, owner: User, patient: Patient, given: dict[str, Any]
) -> None:
    patient.name, patient.record_number = "Wilhelmina " * 18, "R" * 64
    patient.save()
    scan = pictured_scan(patient, owner)
    made = assess(by=owner, patient=patient, answers=given, scans=[scan])
    made.warnings = [f"Warning {number}. " + "It says a lot. " * 12 for number in range(6)]
    made.site_values = [
        {"name": f"column_{n}", "label": f"A column of the site, number {n}", "unit": "mg/L",
         "value": n + 0.5}
        for n in range(12)
    ]  # fmt: skip
    made.save()
    pdf = read(pages, made, "clinical")
    assert len(pdf.pages) == 1
    words = text_of(pdf)
    assert SAFETY in words
    assert "Stands on: bone density" in words
    for heading in ("Why", "Guideline: ", "In words", "Measured", "Not known", "Warnings"):
        assert heading in words
    assert not re.search(r"\bnan\b|None[^ ]| None$", words), words


def test_a_report_leaves_a_trace_where_it_names_the_patient(
    pages: Client, browser_of: Any, owner: User, stranger: User, patient: Patient
) -> None:
    made = assess(by=owner, patient=patient, answers={"population": "gb"})
    home = f"/assessments/{made.pk}/report.pdf"
    assert f'href="{home}"' in pages.get(f"/assessments/{made.pk}/").content.decode()
    for door in (home, f"/api/v1{home}"):
        assert browser_of(stranger).get(door).status_code == 404
        assert not AuditEvent.objects.filter(action="report.take").exists()
    reply = pages.get(f"/api/v1{home}", {"part": "clinical"})
    assert reply.status_code == 200
    assert reply["Content-Disposition"] == 'attachment; filename="report.pdf"'
    (trace,) = AuditEvent.objects.filter(action="report.take")
    assert (trace.by, trace.target) == (str(owner.pk), str(made.pk))
    refused = pages.get(f"/api/v1{home}", {"part": "both"})
    assert refused.status_code == 400
    assert "parts clinical and patient" in refused.json()["detail"]
    assert pages.get(home, {"part": "both"}).status_code == 302
    made.estimates = []
    made.save()
    assert pages.get(f"/api/v1{home}").status_code == 404


@pytest.mark.parametrize("code", ["de", "fr", "es", "pt", "zh-hans"])
def test_the_patients_sheets_are_read_in_the_language_of_the_page(
    pages: Client, owner: User, patient: Patient, settings: Any, code: str
) -> None:
    if code == "zh-hans" and not has_chinese():
        pytest.skip("No installed font holds Chinese, as Debian's fonts-noto-cjk does.")
    settings.DRAFT_LANGUAGES = frozenset(languages())
    made = assess(by=owner, patient=patient, answers={"population": "gb"})
    alone = read(pages, made, "patient", language=code)
    assert len(alone.pages) == 2
    assert alone.trailer["/Root"]["/Lang"] == languages()[code].tag
    with translation.override(code):
        title, draft = map(gettext, ("Your bones: what may happen", "Draft translation."))
    assert alone.metadata is not None
    assert alone.metadata.title == title
    letters = [without_spaces(page.extract_text()) for page in alone.pages]
    for sheet in letters:
        assert without_spaces(draft) in sheet
        assert without_spaces("Draft translation: not reviewed by a speaker.") in sheet
        assert without_spaces(SAFETY) in sheet
    shown = pages.get(f"/assessments/{made.pk}/decide/", {"language": code}).content.decode()
    assert f"?part=patient&amp;language={code}" in shown
    for count in re.findall(r'class="count">([^<]+)<', shown):
        assert without_spaces(unescape(count)) in "".join(letters)


def test_a_report_in_two_languages_tells_which_sheet_is_in_which(
    pages: Client, owner: User, patient: Patient, settings: Any
) -> None:
    settings.DRAFT_LANGUAGES = frozenset({"de"})
    made = assess(by=owner, patient=patient, answers={"population": "gb"})
    alone, both = read(pages, made, "patient", language="de"), read(pages, made, language="de")
    assert both.trailer["/Root"]["/Lang"] == "en-GB"
    assert [one.extract_text() for one in both.pages[1:]] == [
        one.extract_text() for one in alone.pages
    ]
    (document,) = both.trailer["/Root"]["/StructTreeRoot"]["/K"]
    on_sheets: dict[int, set[str]] = {0: set(), 1: set(), 2: set()}
    for element in document.get_object()["/K"]:
        sheet = both.pages.index(element.get_object()["/Pg"].get_object())
        on_sheets[sheet].add(element.get_object()["/Lang"])
    assert on_sheets[0] == {"en-GB"}
    assert on_sheets[1] == on_sheets[2] == {"en-GB", languages()["de"].tag}


def without_spaces(words: str) -> str:
    return re.sub(r"\s+", "", words)


def has_chinese() -> bool:
    html = '<html lang="zh-Hans"><head><title>x</title></head><body><p>您的骨头</p></body></html>'
    try:
        printed([Part(lambda level: html, "", "zh-Hans")])
    except CannotPrint:
        return False
    return True


def test_a_language_that_is_not_offered_is_refused(
    pages: Client, owner: User, patient: Patient, settings: Any
) -> None:
    made = assess(by=owner, patient=patient, answers={"population": "gb"})
    home = f"/assessments/{made.pk}/report.pdf"
    for code in ("de", "zz", "EN"):
        refused = pages.get(f"/api/v1{home}", {"language": code})
        assert refused.status_code == 400
        assert refused.json()["errors"] == {"language": NO_LANGUAGE.format(codes="en")}
        assert pages.get(home, {"language": code}).status_code == 302
    settings.DRAFT_LANGUAGES = frozenset({"de"})
    assert pages.get(f"/api/v1{home}", {"language": "de"}).status_code == 200
    refused = pages.get(f"/api/v1{home}", {"language": "fr"})
    assert refused.json()["detail"] == NO_LANGUAGE.format(codes="en, de")
    english_only = pages.get(f"/api/v1{home}", {"part": "clinical", "language": "de"})
    assert english_only.json()["errors"] == {"language": NOT_TRANSLATED}
    assert pages.get(f"/api/v1{home}", {"part": "clinical", "language": "en"}).status_code == 200


def test_a_name_that_no_font_holds_is_refused_in_one_sentence(
    pages: Client, owner: User, patient: Patient
) -> None:
    patient.name = "\u0378"  # a place that Unicode has given to no letter
    patient.save()
    made = assess(by=owner, patient=patient, answers={"population": "gb"})
    home = f"/assessments/{made.pk}/report.pdf"
    refused = pages.get(f"/api/v1{home}")
    assert refused.status_code == 400
    assert refused.json()["detail"] == NO_FONT.format(letter="\u0378")
    assert len(read(pages, made, "patient").pages) == 2
    told = pages.get(home, follow=True).content.decode()
    assert "no installed font holds" in told
