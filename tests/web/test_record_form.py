"""The form of a record: sent twice, started from an earlier one, and what stands beside it."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from riskapp.models import Assessment, AuditEvent, Patient
from riskapp.risk.profile import FACTORS
from tests.web.test_assessment_pages import ANSWERS, answer, figures, new

pytestmark = pytest.mark.django_db


def test_a_form_sent_twice_is_stored_once(pages: Client, patient: Patient) -> None:
    sent = ANSWERS | {"save_as": str(pages.get(new(patient)).context["save_as"])}
    first, second = pages.post(new(patient), sent), pages.post(new(patient), sent)
    stored = Assessment.objects.get()
    assert first.headers["Location"] == second.headers["Location"] == f"/assessments/{stored.pk}/"
    assert AuditEvent.objects.filter(action="assessment.create").count() == 1
    # Back, another answer, Save: another assessment, not the first one shown again.
    pages.post(new(patient), sent | {"current_smoker": "true"})
    assert Assessment.objects.count() == 2
    pages.post(new(patient), ANSWERS | {"save_as": "nonsense"})
    assert Assessment.objects.count() == 3


def test_a_density_without_its_scanner_says_so_where_the_number_was(
    pages: Client, patient: Patient
) -> None:
    sent = ANSWERS | {"femoral_neck_t_score": "", "femoral_neck_bmd_g_cm2": "0.65"}
    page = pages.post(answer(patient), sent).content.decode()
    assert 'data-problem-for="dxa_manufacturer"' in page
    assert "the same bone reads differently on each" in page
    page = pages.post(answer(patient), sent | {"dxa_manufacturer": "hologic"}).content.decode()
    assert ", from BMD 0.650\u00a0g/cm\u00b2" in page  # what was typed, not only its T-score


def test_a_new_assessment_starts_from_an_earlier_one(
    pages: Client, patient: Patient, owner: User, browser_of: Any, stranger: User
) -> None:
    pages.post(new(patient), ANSWERS | {"dxa_date": "2025-05-01", "age_years": "70.5"})
    stored = Assessment.objects.get()
    page = pages.get(f"/assessments/{stored.pk}/").content.decode()
    again = f"{new(patient)}?from={stored.pk}"
    assert again in page
    # The tab leads back to what was saved.
    tab = f'href="/assessments/{stored.pk}/" aria-current="page">Assessment<'
    assert tab in page

    form = pages.get(again)
    text = form.content.decode()
    for shown in ('value="61.5"', 'value="-2.2"', 'value="2025-05-01"'):
        assert shown in text
    assert 'name="prior_fragility_fracture" value="true" checked' in text
    assert "From the assessment of" in text
    own = patient.age_years_on(timezone.localdate())
    assert f'value="{own}"' in text  # the birthday's, not that of then
    assert len(figures(form.content)) == 2

    elsewhere = Patient.objects.create(
        organisation=patient.organisation,
        name="B",
        record_number="B-2",
        date_of_birth=patient.date_of_birth,
        sex="female",
    )
    assert pages.get(f"{new(elsewhere)}?from={stored.pk}").status_code == 404
    assert pages.get(f"{new(patient)}?from=nonsense").status_code == 404


def test_what_is_kept_and_not_used_is_marked_beside_its_question(
    pages: Client, patient: Patient
) -> None:
    page = pages.get(new(patient)).content.decode()
    texture = page.split('data-field="lumbar_texture_score"')[1].split("data-field=")[0]
    falls = page.split('data-field="falls_last_year"')[1].split("data-field=")[0]
    weight = page.split('data-field="weight_kg"')[1].split("data-field=")[0]
    assert "kept, not used" in texture
    assert "kept, not used" not in falls
    assert "kept, not used" not in weight


def test_further_answers_are_counted_grouped_and_told(pages: Client, patient: Patient) -> None:
    sent = ANSWERS | {
        "prior_fragility_fracture": "true",
        "prior_fracture_months_ago": "6",
        "falls_last_year": "2",
        "lumbar_spine_t_score": "-3.5",
        "trabecular_bone_score": "1.15",
        "hip_axis_length_mm": "104",
    }
    page = pages.post(answer(patient), sent).content.decode()
    assert "with time since the latest fragility fracture 6\u00a0months" in page
    assert "with trabecular bone score 1.15" in page
    assert "National Osteoporosis Guideline Group 2024" in page  # the source of falls
    assert "Hip axis length is given but not used" in page
    without = pages.post(answer(patient), sent | {"falls_last_year": ""}).content.decode()
    assert figures(page.encode()) != figures(without.encode())


def test_the_answer_tells_the_index_and_that_a_cause_of_low_density_is_not_counted(
    pages: Client, patient: Patient
) -> None:
    page = pages.post(answer(patient), ANSWERS).content.decode()
    assert 'data-cost-for="height_cm" data-cost="Body mass index 24.0' in page
    assert 'data-cost-for="secondary_osteoporosis" data-cost="Not counted' in page
    blank = ANSWERS | {"femoral_neck_t_score": "", "height_cm": ""}
    page = pages.post(answer(patient), blank).content.decode()
    assert "Not counted: bone density is known" not in page
    assert 'data-cost="Body mass index' not in page
    assert '<a href="#height_cm"' in page  # the index is asked for where it is asked every day
    assert 'href="#body_mass_index"' not in page


def test_a_complete_record_leaves_nothing_unknown(pages: Client, patient: Patient) -> None:
    page = pages.post(answer(patient), ANSWERS | dict.fromkeys(FACTORS, "false")).content.decode()
    assert "nothing is unknown" in page
    assert "nothing is unknown" not in pages.post(answer(patient), ANSWERS).content.decode()


def test_an_age_without_published_results_says_why(pages: Client, patient: Patient) -> None:
    page = pages.post(answer(patient), ANSWERS | {"age_years": "96"}).content.decode()
    assert "expected 40 to 90 years" in page
    assert "the published results cover no other ages" in page


@pytest.mark.parametrize(("sex", "offered"), [("female", True), ("male", False)])
def test_a_population_is_offered_to_those_whom_it_answers_for(
    pages: Client, patient: Patient, with_bases: Any, sex: str, offered: bool
) -> None:
    with_bases("jp")
    patient.sex = sex
    patient.save()
    page = pages.get(new(patient)).content.decode()
    assert '<option value="ee">Estonia</option>' in page
    # Read in the list with the reason, but not to be picked.
    assert ('<option value="jp">Japan</option>' in page) is offered
    assert ('<option value="jp" disabled>Japan: women only</option>' in page) is not offered
    # Sent all the same, by a page that is older than the record: refused in a sentence.
    page = pages.post(answer(patient), ANSWERS | {"population": "jp"}).content.decode()
    assert ("only female results are published" in page) is not offered
