"""Units on the record's form: switched, remembered, and never in what is stored."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions.remembering import preferences
from riskapp.models import Assessment, Patient
from tests.web.record import ANSWERS, answer, figures, new

pytestmark = pytest.mark.django_db
STONES = "[stone_av]+[lb_av]"
IN_KG = ANSWERS | {
    "weight_kg-was": "kg",
    "weight_kg-unit": "kg",
    "height_cm-was": "cm",
    "height_cm-unit": "cm",
}


def box(page: str, name: str) -> str:
    """What stands in a box of the form."""
    return page.split(f'name="{name}"')[1].split('value="')[1].split('"')[0]


def test_switching_turns_what_is_there_and_back_as_it_was_typed(
    pages: Client, patient: Patient
) -> None:
    sent = IN_KG | {"weight_kg": "61.50", "weight_kg-unit": STONES}
    fragment = pages.post(answer(patient), sent).content.decode()
    assert (box(fragment, "weight_kg"), box(fragment, "weight_kg-and")) == ("9", "9.6")
    assert 'id="weight_kg-boxes" hx-swap-oob="outerHTML"' in fragment
    assert 'id="height_cm-boxes"' not in fragment  # it was not switched, and may be typed in
    turned = sent | {
        "weight_kg": "9",
        "weight_kg-and": "9.6",
        "weight_kg-was": STONES,
        "weight_kg-typed": box(fragment, "weight_kg-typed"),
    }
    # The number stays that of what was typed: 9 st 9.6 lb is not 61.50 kg.
    same = pages.post(answer(patient), turned).content
    assert figures(same) == figures(fragment.encode())
    back = pages.post(answer(patient), turned | {"weight_kg-unit": "kg"}).content.decode()
    assert box(back, "weight_kg") == "61.50"


def test_the_unit_is_remembered_for_the_reader_over_sign_ins(
    pages: Client, patient: Patient, owner: User, colleague: User, browser_of: Any
) -> None:
    pages.post(answer(patient), IN_KG | {"weight_kg-unit": "[lb_av]"})
    later = browser_of(owner).get(new(patient)).content.decode()
    assert '<option value="[lb_av]" selected>' in later
    assert '<option value="cm" selected>' in later
    theirs = browser_of(colleague).get(new(patient)).content.decode()
    assert '<option value="kg" selected>' in theirs


def test_guideline_and_population_are_remembered_over_sign_ins(
    pages: Client, patient: Patient, owner: User, browser_of: Any
) -> None:
    pages.post(new(patient), IN_KG | {"guideline": "who-1994", "evidence_set": "meta-2025"})
    later = browser_of(owner).get(new(patient)).content.decode()
    for chosen in ("gb", "who-1994", "meta-2025"):
        assert f'<option value="{chosen}" selected>' in later


def test_a_stored_record_is_in_the_units_of_the_contract(pages: Client, patient: Patient) -> None:
    typed = {
        "weight_kg": "10",
        "weight_kg-and": "",
        "weight_kg-was": STONES,
        "weight_kg-unit": STONES,
        "height_cm": "63",
        "height_cm-was": "[in_i]",
        "height_cm-unit": "[in_i]",
    }
    pages.post(new(patient), ANSWERS | typed)
    stored = Assessment.objects.get().profile
    assert stored["weight_kg"] == pytest.approx(63.5029318, abs=1e-12)
    assert stored["height_cm"] == pytest.approx(160.02, abs=1e-12)


def test_one_density_switched_switches_all_of_them(pages: Client, patient: Patient) -> None:
    sent = ANSWERS | {"femoral_neck_t_score": "", "dxa_manufacturer": "hologic"}
    for site, value in (("femoral_neck", "0.594"), ("total_hip", "")):
        name = f"{site}_bmd_g_cm2"
        sent |= {name: value, f"{name}-was": "g/cm2", f"{name}-unit": "g/cm2"}
    sent["femoral_neck_bmd_g_cm2-unit"] = "mg/cm2"
    fragment = pages.post(answer(patient), sent).content.decode()
    assert box(fragment, "femoral_neck_bmd_g_cm2") == "594"
    assert 'id="total_hip_bmd_g_cm2-boxes"' in fragment


@pytest.mark.parametrize(
    ("boxes", "told"),
    [
        (("99", "4"), "Weight is 99 st 4 lb; expected 3 st 13.2 lb to 39 st 5.1 lb."),
        (("9", "14"), "Weight has 14 pounds; expected 0 to under 14."),
        (("", "4"), "Weight needs the stones too"),
        (("nine", ""), "Weight should be a plain number"),
        (("1.7e308", ""), "Weight is far too large."),
    ],
)
def test_what_is_wrong_is_told_in_the_unit_in_use_and_nothing_typed_is_lost(
    pages: Client, patient: Patient, boxes: tuple[str, str], told: str
) -> None:
    typed = {"weight_kg-was": STONES, "weight_kg-unit": STONES}
    typed |= dict(zip(("weight_kg", "weight_kg-and"), boxes, strict=True))
    page = pages.post(new(patient), ANSWERS | typed)
    assert page.status_code == 400
    text = page.content.decode()
    assert text.count(told) == 3  # the summary, beside the question, and where the answer would be
    assert (box(text, "weight_kg"), box(text, "weight_kg-and")) == boxes
    assert not Assessment.objects.exists()


def test_an_unlikely_answer_is_told_and_stops_nothing(pages: Client, patient: Patient) -> None:
    sent = ANSWERS | {"weight_kg": "40", "height_cm": "185"}
    fragment = pages.post(answer(patient), sent).content.decode()
    assert 'data-cost-for="weight_kg" data-cost="Body mass index 11.7, lower' in fragment
    assert len(figures(fragment.encode())) == 2
    page = pages.post(new(patient), sent | {"calculate": "1"}).content.decode()
    assert 'class="beside is-to-check" data-cost-here>Body mass index 11.7' in page
    # Told at once, even before there can be an answer.
    early = pages.post(answer(patient), sent | {"population": ""}).content.decode()
    assert "Body mass index 11.7" in early


def test_a_number_that_no_unit_can_hold_stays_as_it_was_typed(
    pages: Client, patient: Patient
) -> None:
    sent = IN_KG | {"weight_kg": "1.7e308", "weight_kg-unit": "[lb_av]"}
    fragment = pages.post(answer(patient), sent).content.decode()
    assert "expected 25 to 250 kg" in fragment
    tall = pages.post(answer(patient), ANSWERS | {"height_cm": "1e300"})
    assert "expected 100 to 230" in tall.content.decode()


def test_nothing_but_a_unit_is_remembered_as_one(
    pages: Client, patient: Patient, owner: User
) -> None:
    sent = {"weight_kg-was": "[lb_av]", "height_cm-was": "x" * 9_999, "height_cm-unit": "y"}
    pages.post(answer(patient), ANSWERS | sent)
    assert preferences(by=owner).units == {"weight": "[lb_av]"}
